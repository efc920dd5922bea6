package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
)

// ReadConfig says how readers load a server.
type ReadConfig struct {
	URL     string // rtsp, rtsps, ws or wss, with user and password if readers are to log in
	Paths   int    // "%d" in the URL becomes the reader's number modulo Paths; 0: it stays
	Readers int    // at least 1
	Tracks  int    // how many of the first tracks each plays; 0 means 1
	UDP     bool   // else interleaved
	// WebSocket is the http URL of RTSP over WebSocket, which readers use then; "": none.
	WebSocket string
	// TLS is how the server of a URL with rtsps or wss is verified; nil: not at all.
	TLS *tls.Config
	// AllowBasic lets the password be sent in clear text, to a server that asks for nothing better.
	AllowBasic bool
	AtOnce     int           // set-ups at a time; 0 means 16
	Look       int           // every so many readers look into what they get; 0 means 20
	Spread     time.Duration // over which the readers arrive; 0: as fast as they can
	Settle     time.Duration // between the last set-up and measuring
	Measure    time.Duration // how long is measured
	Stall      bool          // one reader more, over TCP, does not read while is measured
	// Progress is told twice a second how it goes; nil: nobody is.
	Progress func(Look)
	PID      int // the server's process, whose cost is measured (Linux); 0: none
}

// A Look is how it goes at a moment.
type Look struct {
	After        time.Duration
	Readers      int // that have been set up
	Failed, Gone int
	BitRate      float64 // delivered since the last look, in bits a second
	bytes        int64
}

// lookEvery is between two looks.
const lookEvery = 500 * time.Millisecond

// Read loads a server and returns what came of it. The error says that not one reader could be set up, or is ctx's. When the server
// does not let one in, as who it says it is, or is not one that is trusted, that is the error, and no other is tried: a wrong password
// given a hundred times would be guessing.
func Read(ctx context.Context, cfg ReadConfig) (*Result, error) {
	cfg.Tracks, cfg.AtOnce, cfg.Look = max(cfg.Tracks, 1), orDefault(cfg.AtOnce, 16), orDefault(cfg.Look, 20)
	l := &crowd{cfg: cfg}
	defer l.close()
	if cfg.Progress != nil {
		defer l.watch(cfg.Progress)()
	}
	l.arrive(ctx)
	if l.shut.Load() || len(l.readers) == 0 {
		return nil, fmt.Errorf("readers could not be set up: %w", errors.Join(ctx.Err(), l.err))
	}
	if !cfg.Stall {
		return l.settled(ctx)
	}
	s, err := newSleeper(ctx, cfg.URL)
	if err != nil {
		return nil, err
	}
	defer s.reader.close()
	res, err := l.settled(ctx)
	if err == nil {
		res.Stalled = s.wake()
	}
	return res, err
}

func (l *crowd) settled(ctx context.Context) (*Result, error) {
	if err := sleep(ctx, l.cfg.Settle); err != nil {
		return nil, err
	}
	return l.measure(ctx)
}

func orDefault(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// A crowd is the readers of one run.
type crowd struct {
	cfg    ReadConfig
	failed atomic.Int64
	shut   atomic.Bool    // the server lets nobody in
	wg     sync.WaitGroup // of readers that run

	// guarded by mu while readers arrive
	mu      sync.Mutex
	readers []*reader
	err     error // of the first that failed
}

// watch tells how it goes until stop is called.
func (l *crowd) watch(tell func(Look)) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	begun := time.Now()
	wg.Go(func() { // ends with stop
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		var last Look
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				now := l.glance(time.Since(begun))
				now.BitRate = float64(now.bytes-last.bytes) * 8 / (now.After - last.After).Seconds()
				tell(now)
				last = now
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// glance counts.
func (l *crowd) glance(after time.Duration) Look {
	l.mu.Lock()
	defer l.mu.Unlock()
	look := Look{After: after, Readers: len(l.readers), Failed: int(l.failed.Load())}
	for _, r := range l.readers {
		look.bytes += r.bytes.Load()
		if r.gone.Load() {
			look.Gone++
		}
	}
	return look
}

// arrive sets all readers up, the first one alone: it may be that nobody is let in.
func (l *crowd) arrive(ctx context.Context) {
	places := make(chan struct{}, l.cfg.AtOnce)
	var arriving sync.WaitGroup
	begun := time.Now()
	for i := range l.cfg.Readers {
		if sleep(ctx, time.Until(begun.Add(l.cfg.Spread*time.Duration(i)/time.Duration(l.cfg.Readers)))) != nil {
			break
		}
		places <- struct{}{}
		if l.shut.Load() {
			break
		}
		arriving.Go(func() { // ends when the reader is set up, or has failed
			defer func() { <-places }()
			l.add(ctx, i)
		})
		if i == 0 {
			arriving.Wait()
		}
	}
	arriving.Wait()
}

func (l *crowd) add(ctx context.Context, i int) {
	d := door{url: l.cfg.URL, webSocket: l.cfg.WebSocket, tls: l.cfg.TLS, basic: l.cfg.AllowBasic}
	if l.cfg.Paths > 0 {
		d.url = strings.Replace(d.url, "%d", strconv.Itoa(i%l.cfg.Paths), 1)
	}
	r, err := newReader(ctx, d, l.cfg.Tracks, l.cfg.UDP, i%l.cfg.Look == 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed.Add(1)
		if keptOut(err) {
			l.shut.Store(true)
			l.err = err
		} else if l.err == nil {
			l.err = err
		}
		return
	}
	l.readers = append(l.readers, r)
	l.wg.Go(r.run) // ends when the reader is closed
}

// keptOut tells an error that others would get too, and that is noted where somebody guesses passwords.
func keptOut(err error) bool {
	var refused *rtsp.StatusError
	var stranger *tls.CertificateVerificationError
	return errors.Is(err, reach.ErrCredentials) || errors.Is(err, reach.ErrBasic) || errors.As(err, &stranger) ||
		errors.As(err, &refused) && (refused.Code == rtsp.StatusUnauthorized || refused.Code == rtsp.StatusForbidden)
}

func (l *crowd) close() {
	for _, r := range l.readers {
		r.close()
	}
	l.wg.Wait()
}

// measure waits for the measured time and sums up.
func (l *crowd) measure(ctx context.Context) (*Result, error) {
	l.look(true)
	before := make([]int64, len(l.readers))
	cost, begun := costOf(l.cfg.PID), time.Now()
	for i, r := range l.readers {
		before[i] = r.bytes.Load()
	}
	err := sleep(ctx, l.cfg.Measure)
	took, after := time.Since(begun), costOf(l.cfg.PID)
	for i, r := range l.readers {
		before[i] = r.bytes.Load() - before[i]
	}
	l.look(false)
	if err != nil {
		return nil, err
	}
	res := &Result{Readers: len(l.readers), Failed: int(l.failed.Load()), Seconds: took.Seconds()}
	res.deliveries(before)
	res.costs(cost, after)
	for _, r := range l.readers {
		res.add(r)
	}
	res.finish()
	return res, nil
}

// look has the views count from now on, or no longer.
func (l *crowd) look(on bool) {
	for _, r := range l.readers {
		r.view.mu.Lock()
		r.view.measure = on
		r.view.mu.Unlock()
	}
}

// sleep waits, or returns the cause of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
