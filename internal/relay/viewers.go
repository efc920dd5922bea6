package relay

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
)

// maxWaiting is how many sources somebody at one address can have described, or be waiting for, and not have set up. A DESCRIBE costs its
// sender little, and a session with the source.
const maxWaiting = 64

// Viewers are all who see sources. A Viewers is safe for concurrent use; it must be closed.
type Viewers struct {
	max int
	wg  sync.WaitGroup

	// guarded by mu
	mu        sync.Mutex
	closed    bool
	described map[viewer]*Presentation // and not opened yet
	running   map[*Presentation]bool
	opening   map[netip.Addr]int // connections being made, by the viewer's address
	newest    *Presentation      // nil: none runs
}

// A viewer is who has asked for what: a connection that describes a path sets it up next, and then the same session of the
// source is for both.
type viewer struct {
	conn        *rtspserver.Conn
	path, query string
}

// NewViewers makes a Viewers of at most max at a time.
func NewViewers(max int) *Viewers {
	return &Viewers{max: max, described: map[viewer]*Presentation{}, running: map[*Presentation]bool{}, opening: map[netip.Addr]int{}}
}

// Open is a source as the one sees it who makes a request. Sources are tried in turn.
func (v *Viewers) Open(ctx context.Context, r *rtspserver.Request, sources []Config) (rtspserver.Presentation, error) {
	who := viewer{r.Conn, r.Path, r.Query}
	p := v.claim(who)
	if p == nil || !p.Usable() {
		leave, ok := v.enter(r.Conn.RemoteAddr().Addr())
		if !ok {
			return nil, refusal(errors.New("too many viewers of sources"))
		}
		defer leave()
		var err error
		if p, err = first(ctx, sources); err != nil {
			return nil, refusal(err)
		}
		v.run(p)
	}
	if r.Method == rtsp.MethodDescribe {
		v.keep(who, p)
	}
	return p, nil
}

// claim takes what was described to a viewer, nil for nothing.
func (v *Viewers) claim(who viewer) *Presentation {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.described[who]
	delete(v.described, who)
	return p
}

// enter lets one more source be opened, until leave; ok: there is room for it.
func (v *Viewers) enter(host netip.Addr) (leave func(), ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	all, waiting := len(v.running), v.opening[host]
	for _, n := range v.opening {
		all += n
	}
	for who := range v.described {
		if who.conn.RemoteAddr().Addr() == host {
			waiting++
		}
	}
	if v.closed || all >= v.max || waiting >= maxWaiting {
		return nil, false
	}
	v.opening[host]++
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.opening[host]--; v.opening[host] == 0 {
			delete(v.opening, host)
		}
	}, true
}

// keep has what was described wait for its SETUP. Of one connection the last waits alone: whoever describes one after the other must not
// hold a session with a source for each.
func (v *Viewers) keep(who viewer, p *Presentation) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for other, kept := range v.described {
		if other.conn == who.conn {
			kept.Close()
			delete(v.described, other)
		}
	}
	if v.running[p] { // else it has ended already, and nothing would forget it
		v.described[who] = p
	}
}

// first is the first of the sources that works.
func first(ctx context.Context, sources []Config) (*Presentation, error) {
	var errs []error
	for _, cfg := range sources {
		p, err := Open(ctx, cfg)
		if err == nil {
			return p, nil
		}
		cfg.Logger.Warn("source cannot be reached", "source", rtsp.Redacted(cfg.URL), "why", err)
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// run keeps a presentation until it has ended.
func (v *Viewers) run(p *Presentation) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		p.Close()
		p.Run() // does not wait
		return
	}
	v.running[p], v.newest = true, p
	v.wg.Go(func() { // ends with the presentation
		p.Run()
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.running, p)
		if v.newest == p {
			v.newest = nil
		}
		for who, kept := range v.described {
			if kept == p {
				delete(v.described, who)
			}
		}
	})
}

// Client is the connection of whoever came last, nil when nobody is there. It ends with its viewer.
func (v *Viewers) Client() *rtspclient.Client {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.newest == nil {
		return nil
	}
	return v.newest.Client()
}

// Close ends all sessions with sources, and returns when they have ended.
func (v *Viewers) Close() {
	v.mu.Lock()
	v.closed = true
	for p := range v.running {
		p.Close()
	}
	v.mu.Unlock()
	v.wg.Wait()
}
