package paths

import (
	"context"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// handover is how long readers wait at least for a publisher that is taking over.
const handover = time.Second

// A published is a path that somebody publishes to, or did a moment ago. It is guarded by its Paths' mu.
type published struct {
	path  string
	live  *rtspserver.Live
	owner *rtspserver.Publication // nil: the publisher is gone, its return is awaited
	hold  *time.Timer
	// yields says that the publisher has to go because another one takes its place.
	yields bool
}

func (e *published) stop() {
	if e.hold != nil {
		e.hold.Stop()
		e.hold = nil
	}
}

// Publish reserves a path for a publisher: a new one, or one whose last publisher is gone. A path that
// has a publisher is refused, unless its settings let another take over.
func (p *Paths) Publish(ctx context.Context, r *rtspserver.Request, desc *sdp.Session) (*rtspserver.Publication, error) {
	settings := p.cfg.Settings(r.Path)
	if err := redirected(settings); err != nil {
		return nil, err
	}
	if r.Path == "" || len(r.Path) > maxPath {
		return nil, &rtsp.StatusError{Code: rtsp.StatusForbidden, Text: "Path Cannot Be Published"}
	}
	if old := p.occupant(r.Path); old != nil {
		if !settings.Takeover {
			return nil, &rtsp.StatusError{Code: rtsp.StatusForbidden, Text: "Path Has A Publisher"}
		}
		p.cfg.Logger.Info("publisher taken over", "path", r.Path, "by", r.Conn.RemoteAddr())
		p.yield(r.Path, old)
	}
	if p.readOnly(ctx, r.Path, settings) {
		err := &rtsp.StatusError{Code: rtsp.StatusMethodNotAllowed}
		err.Header.Set("Allow", "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER")
		return nil, err
	}
	return p.reserve(r, desc, settings)
}

// reserve gives a path to a publisher, unless another was faster.
func (p *Paths) reserve(r *rtspserver.Request, desc *sdp.Session, settings config.PathSettings) (*rtspserver.Publication, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable}
	}
	e := p.published[r.Path]
	if e == nil {
		e = &published{path: r.Path, live: rtspserver.NewLive(desc, p.liveConfig(settings))}
		p.published[r.Path] = e
	} else if e.owner != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusForbidden, Text: "Path Has A Publisher"}
	} else {
		e.stop()
		e.live.Update(desc)
	}
	pub := &rtspserver.Publication{Live: e.live, Reorder: settings.Reorder, MaxBitRate: int64(settings.LimitsBitRate)}
	if settings.Reorder == 0 {
		pub.Reorder = -1
	}
	pub.Done = func(err error) { p.left(e, pub, settings.Hold, err) }
	e.owner = pub
	return pub, nil
}

// yield ends the publisher of a path. Its readers wait for the next one, even where none is held.
func (p *Paths) yield(path string, live *rtspserver.Live) {
	p.mu.Lock()
	if e := p.published[path]; e != nil && e.live == live {
		e.yields = true
	}
	p.mu.Unlock()
	live.Evict()
}

// occupant is the presentation of a path that has a publisher now.
func (p *Paths) occupant(path string) *rtspserver.Live {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.published[path]; e != nil && e.owner != nil {
		return e.live
	}
	return nil
}

// readOnly tells whether a path names something that is there without a publisher. A file system that does not answer has nothing
// that could be played: whoever publishes does not wait for it.
func (p *Paths) readOnly(ctx context.Context, path string, settings config.PathSettings) bool {
	if p.isPublished(path) {
		return false
	}
	if isDemand(path) || settings.Source != "" {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := p.stored(ctx, path, settings)
	return err == nil
}

func (p *Paths) liveConfig(settings config.PathSettings) *rtspserver.LiveConfig {
	return &rtspserver.LiveConfig{
		Start: settings.Start, Lag: rtspserver.Lag{Jump: settings.LagJump, CloseAfter: settings.LagCloseAfter},
		Multicast: multicast(settings),
		Timeline: timeline.Config{
			Window: int(settings.Window), Budget: p.cfg.Budget, MaxPacket: settings.MaxPacket, Coalesce: settings.Coalesce,
		},
	}
}

// multicast is nil for a path that has no group.
func multicast(settings config.PathSettings) *rtspserver.Multicast {
	if !settings.MulticastGroup.IsValid() {
		return nil
	}
	return &rtspserver.Multicast{
		Group: settings.MulticastGroup, Port: uint16(settings.MulticastPort), TTL: settings.MulticastTTL, SSM: settings.MulticastSSM,
	}
}

// left is told that a publisher is gone. One that said so ends its readers at once; one that vanished may
// come back while the path is held.
func (p *Paths) left(e *published, pub *rtspserver.Publication, hold time.Duration, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.owner != pub {
		return
	}
	e.owner = nil
	if e.yields {
		e.yields, hold = false, max(hold, handover)
	}
	if cause == nil || hold <= 0 {
		p.drop(e)
		return
	}
	p.cfg.Logger.Info("publisher is gone, readers are held", "path", e.path, "why", cause, "hold", hold)
	var timer *time.Timer
	timer = time.AfterFunc(hold, func() { // ends with Close or the publisher's return
		p.mu.Lock()
		defer p.mu.Unlock()
		if e.hold == timer { // not one that has been stopped too late
			p.drop(e)
		}
	})
	e.hold = timer
}

// drop ends a presentation and its readers.
func (p *Paths) drop(e *published) {
	e.stop()
	if p.published[e.path] == e {
		delete(p.published, e.path)
	}
	e.live.End(nil)
}
