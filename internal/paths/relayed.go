package paths

import (
	"context"
	"errors"
	"strings"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A viewer is who has asked for what: a connection that describes a path sets it up next, and then the same session of the
// source is for both.
type viewer struct {
	conn        *rtspserver.Conn
	path, query string
}

// relayed is the source of a path as one viewer sees it.
func (p *Paths) relayed(ctx context.Context, r *rtspserver.Request, settings config.PathSettings) (rtspserver.Presentation, error) {
	who := viewer{r.Conn, r.Path, r.Query}
	p.mu.Lock()
	if name := settings.Source.File(); name != "" { // which is for each viewer by itself anyway
		defer p.mu.Unlock()
		return p.stored(name, settings)
	}
	e := p.relays[who]
	delete(p.relays, who)
	full := p.closed || len(p.viewers) >= maxPulled
	p.mu.Unlock()
	if e == nil || !e.Usable() {
		if full {
			return nil, unreachable(errors.New("too many viewers of sources"))
		}
		var err error
		if e, err = p.relay(ctx, r, settings); err != nil {
			return nil, err
		}
	}
	if r.Method == rtsp.MethodDescribe {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.relays[who] = e
	}
	return e, nil
}

// relay asks the sources of a path in turn.
func (p *Paths) relay(ctx context.Context, r *rtspserver.Request, settings config.PathSettings) (*relay.Presentation, error) {
	ctx, cancel := context.WithTimeout(ctx, settings.StartTimeout)
	defer cancel()
	logger := p.cfg.Logger.With("path", r.Path)
	var errs []error
	for _, location := range settings.Source.Locations() {
		e, err := relay.Open(ctx, relay.Config{URL: withQuery(location, r.Query), Client: p.client(settings), Logger: logger})
		if err == nil {
			p.show(e)
			return e, nil
		}
		errs = append(errs, err)
	}
	err := errors.Join(errs...)
	logger.Warn("source cannot be reached", "source", settings.Source, "why", err)
	return nil, relay.Refusal(err)
}

// show keeps a presentation until it has ended.
func (p *Paths) show(e *relay.Presentation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		e.Close()
		e.Run() // does not wait
		return
	}
	p.viewers[e] = true
	p.wg.Go(func() { // ends with the presentation
		e.Run()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.viewers, e)
		for who, kept := range p.relays {
			if kept == e {
				delete(p.relays, who)
			}
		}
	})
}

// withQuery passes the viewer's query on, to a source that has none of its own: recorders are told by it what to play.
func withQuery(location, query string) string {
	if query == "" || strings.Contains(location, "?") {
		return location
	}
	return location + "?" + query
}
