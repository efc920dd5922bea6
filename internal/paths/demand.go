package paths

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/source"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// What is made on demand, and how many variants of it there can be at a time.
const (
	clockPath     = "clock"
	clockJPEGPath = "clock.mjpeg"
	maxDemanded   = 64
	maxGOP        = 60.0 // seconds
	// linger is how long a source runs on after its last reader, or waits for its first.
	linger = 3 * time.Second
)

// A demanded is a presentation that is made while somebody watches. It is guarded by its Paths' mu, apart
// from readers, which the presentation sends.
type demanded struct {
	key     string
	live    *rtspserver.Live
	clock   source.Clock
	readers chan int // capacity 1: the newest number of readers
}

func isDemand(path string) bool { return path == clockPath || path == clockJPEGPath }

// demand finds a source that runs, or starts one. `?gop=SECONDS` makes a clock of its own.
func (p *Paths) demand(r *rtspserver.Request, settings config.PathSettings) (*rtspserver.Live, error) {
	gop, err := gopOf(r.Query)
	if err != nil {
		return nil, err
	}
	key := r.Path + "?" + strconv.Itoa(gop)
	if d := p.demanded[key]; d != nil {
		return d.live, nil
	}
	if len(p.demanded) >= maxDemanded {
		err := &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Text: "Too Many Clocks"}
		err.Header.Set("Retry-After", strconv.Itoa(int(linger/time.Second)))
		return nil, err
	}
	d := &demanded{key: key, readers: make(chan int, 1)}
	d.clock = source.Clock{GOP: gop, JPEG: r.Path == clockJPEGPath}
	cfg := p.liveConfig(settings)
	cfg.Readers = func(n int) { newest(d.readers, n) }
	d.live = rtspserver.NewLive(d.clock.Describe(), cfg)
	p.demanded[key] = d
	p.wg.Go(func() { p.supply(d) }) // ends when nobody watches, or with Close
	return d.live, nil
}

// gopOf reads the distance of key pictures from a query, in pictures.
func gopOf(query string) (int, error) {
	values, err := url.ParseQuery(query)
	if err != nil || !values.Has("gop") {
		return clock.DefaultGOP, nil
	}
	seconds, err := strconv.ParseFloat(values.Get("gop"), 64)
	if err != nil || !(seconds > 0 && seconds <= maxGOP) {
		return 0, &rtsp.StatusError{Code: rtsp.StatusBadRequest, Text: "gop Is A Number Of Seconds Up To 60"}
	}
	return max(int(seconds*clock.FrameRate+0.5), 1), nil
}

// newest keeps the newest number of readers. It never blocks: the presentation is locked.
func newest(readers chan int, n int) {
	for {
		select {
		case readers <- n:
			return
		case <-readers: // an older number, not looked at yet
		}
	}
}

// supply runs the source while there are readers, and forgets the presentation when there are none: the
// next reader finds a fresh one.
func (p *Paths) supply(d *demanded) {
	idle := time.NewTimer(linger)
	defer idle.Stop()
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	running := false
	for {
		select {
		case n := <-d.readers:
			if n == 0 {
				idle.Reset(linger)
				continue
			}
			idle.Stop()
			if !running {
				running = true
				p.wg.Go(func() { d.clock.Run(ctx, d.live) }) // ends with this function
			}
		case <-idle.C:
			if p.forget(d) {
				return
			}
			idle.Reset(linger)
		case <-p.ctx.Done():
			return
		}
	}
}

// forget drops a presentation that nobody has open.
func (p *Paths) forget(d *demanded) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.live.Readers() > 0 {
		return false
	}
	delete(p.demanded, d.key)
	d.live.End(nil)
	return true
}
