package paths

import (
	"context"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/source"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// maxPulled is how many sources there can be at a time.
const maxPulled = 4096

// A pulled is a path whose media comes from somewhere else. It is guarded by its Paths' mu, apart from readers, which the
// presentation sends.
type pulled struct {
	path     string
	settings config.PathSettings
	standing bool     // pulled whether somebody watches or not
	readers  chan int // capacity 1: the newest number of readers
	cancel   context.CancelFunc

	live    *rtspserver.Live // nil: it has not begun
	changed chan struct{}    // closed, and replaced, when live changes or an attempt has failed
	err     error            // why the last attempt failed
	waiting int              // readers that wait for it to begin
}

// Pull pulls the source of a path from now on, until Close.
func (p *Paths) Pull(path string) {
	settings := p.cfg.Settings(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && settings.Source != "" && p.pulls[path] == nil {
		p.pull(path, settings, true)
	}
}

// pull starts a source.
func (p *Paths) pull(path string, settings config.PathSettings, standing bool) *pulled {
	e := &pulled{path: path, settings: settings, standing: standing, readers: make(chan int, 1), changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(p.ctx)
	e.cancel = cancel
	p.pulls[path] = e
	if e.settings.Source.File() != "" {
		p.wg.Go(func() { p.project(ctx, e) }) // ends with ctx
	} else {
		pull := p.puller(e)
		p.wg.Go(func() { pull.Run(ctx) }) // ends with ctx
	}
	if !standing {
		p.wg.Go(func() { p.idle(ctx, e) }) // ends when nobody watches, or with Close
	}
	return e
}

func (p *Paths) puller(e *pulled) *source.Pull {
	return &source.Pull{
		URLs: e.settings.Source.Locations(), Client: p.client(e.settings), Path: e.path, Logger: p.cfg.Logger,
		Described: func(desc *sdp.Session) *rtspserver.Live { return p.begun(e, desc) },
		Failed:    func(err error) { p.failed(e, err) },
	}
}

// client is how the source of a path is asked.
func (p *Paths) client(settings config.PathSettings) rtspclient.Config {
	client := p.cfg.Client
	client.AllowBasic, client.TLS = settings.BasicAuth, settings.Trust.TLS()
	switch settings.Transport {
	case config.TransportUDP:
		client.Lowers = []rtspclient.Lower{rtspclient.UDP}
	case config.TransportTCP:
		client.Lowers = []rtspclient.Lower{rtspclient.TCP}
	case config.TransportMulticast:
		client.Lowers = []rtspclient.Lower{rtspclient.Multicast}
	}
	if settings.Reorder > 0 {
		client.Reorder = settings.Reorder
	}
	return client
}

// begun is told what a source sends. Readers that are there stay.
func (p *Paths) begun(e *pulled, desc *sdp.Session) *rtspserver.Live {
	p.mu.Lock()
	live := e.live
	if live == nil {
		cfg := p.liveConfig(e.settings)
		cfg.Readers = func(n int) { newest(e.readers, n) }
		live = rtspserver.NewLive(desc, cfg)
		e.live = live
		e.change(nil)
		p.mu.Unlock()
		return live
	}
	p.mu.Unlock()
	live.Update(desc)
	return live
}

func (p *Paths) failed(e *pulled, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.change(err)
}

// change wakes those who wait.
func (e *pulled) change(err error) {
	e.err = err
	close(e.changed)
	e.changed = make(chan struct{})
}

// project plays a file as a source.
func (p *Paths) project(ctx context.Context, e *pulled) {
	film, err := p.stored(ctx, e.settings.Source.File(), e.settings)
	if err == nil {
		err = source.Film{Presentation: film}.Run(ctx, source.Into{Live: p.begun(e, film.Describe().SDP)})
	}
	if ctx.Err() != nil {
		return
	}
	p.cfg.Logger.Info("film has ended", "path", e.path, "why", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	e.change(err)
	if e.live != nil { // whoever comes next begins it anew
		p.end(e)
	}
}

// idle ends a source that nobody has watched for a while.
func (p *Paths) idle(ctx context.Context, e *pulled) {
	idle := time.NewTimer(e.settings.StartTimeout + e.settings.Linger)
	defer idle.Stop()
	for {
		select {
		case n := <-e.readers:
			if idle.Stop(); n == 0 {
				idle.Reset(e.settings.Linger)
			}
		case <-idle.C:
			if p.unwatched(e) {
				return
			}
			idle.Reset(max(e.settings.Linger, time.Second))
		case <-ctx.Done():
			return
		}
	}
}

// unwatched ends a source that nobody reads or waits for.
func (p *Paths) unwatched(e *pulled) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.waiting > 0 || e.live != nil && e.live.Readers() > 0 {
		return false
	}
	p.end(e)
	return true
}

// end forgets a source and ends its readers.
func (p *Paths) end(e *pulled) {
	e.cancel()
	if p.pulls[e.path] == e {
		delete(p.pulls, e.path)
	}
	if e.live != nil {
		e.live.End(nil)
	}
}

// await is the presentation of a path that has a source. A source that has not begun is waited for: all who come wait for the
// same one.
func (p *Paths) await(ctx context.Context, path string, settings config.PathSettings) (*rtspserver.Live, error) {
	timeout := time.NewTimer(settings.StartTimeout)
	defer timeout.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.closed || len(p.pulls) >= maxPulled && p.pulls[path] == nil {
			return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable}
		}
		e := p.pulls[path]
		if e == nil {
			e = p.pull(path, settings, false)
		}
		if e.live != nil {
			return e.live, nil
		}
		changed := e.changed
		e.waiting++
		p.mu.Unlock()
		late := false
		select {
		case <-changed:
		case <-ctx.Done():
			late = true
		case <-timeout.C:
			late = true
		}
		p.mu.Lock()
		e.waiting--
		if late || e.err != nil && p.pulls[path] != e {
			return nil, unreachable(e.err)
		}
	}
}

// unreachable tells a reader to come again. Why is for the log: it may name what readers should not know.
func unreachable(why error) error {
	err := &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Text: "Source Cannot Be Reached", Err: why}
	err.Header.Set("Retry-After", strconv.Itoa(5))
	return err
}
