package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	neturl "net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// SiegeConfig says how connections that want nothing are held open, beside readers who want to be served.
type SiegeConfig struct {
	// Target is what is besieged: tcp://host:port, tls://host:port (with the handshake), or the http URL of RTSP over
	// WebSocket (with its handshake).
	Target string
	// Say is what each connection says, a byte a second, from its beginning again and again; "": nothing.
	Say   string
	Conns int
	// URL is what the readers set up and leave again, one after the other.
	URL  string
	Hold time.Duration // how long, when all are there
	PID  int           // the server's process (Linux); 0: none
}

// A Sieged is what came of it. Times are in milliseconds.
type Sieged struct {
	Conns   int     `json:"conns"`    // that were opened
	Refused int     `json:"refused"`  // that could not be, or were closed before all were there
	Closed  int     `json:"closed"`   // by the server, in the time that was measured
	Each    float64 `json:"kib_each"` // resident memory of the server more, by those that were open
	SetUps  int     `json:"set_ups"`
	Failed  int     `json:"failed"`        // set-ups
	P50     float64 `json:"set_up_p50_ms"` // from connecting to the response to PLAY
	P99     float64 `json:"set_up_p99_ms"`
	Max     float64 `json:"set_up_max_ms"`
}

// besieging is how many connections are opened at a time.
const besieging = 64

// Siege opens connections from many addresses of this machine, and measures how those fare who come to be served.
func Siege(ctx context.Context, cfg SiegeConfig) (*Sieged, error) {
	before := costOf(cfg.PID).resident
	s := &siege{cfg: cfg, conns: make([]net.Conn, cfg.Conns)}
	defer s.close()
	s.open(ctx)
	res := &Sieged{Conns: int(s.opened.Load())}
	if res.Conns == 0 {
		return nil, fmt.Errorf("no connection could be opened: %w", s.err)
	}
	res.Refused = cfg.Conns - res.Conns + int(s.closed.Load())
	early := s.closed.Load()
	var took []time.Duration
	most := 0.0
	for begun, every := time.Now(), time.Tick(20*time.Millisecond); time.Since(begun) < cfg.Hold && ctx.Err() == nil; <-every {
		if d, err := setUp(ctx, cfg.URL); err == nil {
			took = append(took, d)
		} else {
			res.Failed++
		}
		most = max(most, costOf(cfg.PID).resident)
	}
	res.Closed = int(s.closed.Load() - early)
	res.Each = (most - before) * 1024 / float64(max(1, res.Conns-int(early)))
	res.SetUps, res.P50, res.P99, res.Max = len(took), percentile(took, .5), percentile(took, .99), percentile(took, 1)
	return res, nil
}

// setUp is one who comes to be served, and leaves.
func setUp(ctx context.Context, url string) (time.Duration, error) {
	r, err := newReader(ctx, door{url: url}, 1, false, false)
	if err != nil {
		return 0, err
	}
	defer r.close()
	_, err = r.conn.do(rtsp.MethodTeardown, rtsp.WithoutUser(url), nil, "", func(uint8, []byte) {})
	return r.setUp, err
}

// A siege is the connections that want nothing.
type siege struct {
	cfg            SiegeConfig
	conns          []net.Conn // each written by the goroutine that opens it
	opened, closed atomic.Int64
	err            error // the first
	once           sync.Once
	wg             sync.WaitGroup
}

// open opens all of them, each with a goroutine that speaks and one that listens.
func (s *siege) open(ctx context.Context) {
	places := make(chan struct{}, besieging)
	var all sync.WaitGroup
	for i := range s.conns {
		places <- struct{}{}
		all.Go(func() { // ends when the handshakes are made
			defer func() { <-places }()
			nc, err := s.enter(ctx, i)
			if err != nil {
				s.once.Do(func() { s.err = err })
				return
			}
			s.opened.Add(1)
			s.conns[i] = nc
			s.wg.Go(func() { s.listen(nc) }) // ends with close
			if s.cfg.Say != "" {
				s.wg.Go(func() { s.speak(nc) }) // ends with close
			}
		})
	}
	all.Wait()
}

// enter opens one, from one of a hundred addresses.
func (s *siege) enter(ctx context.Context, i int) (net.Conn, error) {
	u, err := neturl.Parse(s.cfg.Target)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "http" {
		return dialWebSocket(ctx, s.cfg.Target)
	}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 2, byte(1+i%100))}, Timeout: patience}
	nc, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil || u.Scheme != "tls" {
		return nc, err
	}
	tc := tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return tc, nil
}

// listen waits for the server to end it.
func (s *siege) listen(nc net.Conn) {
	for b := make([]byte, 512); ; {
		if _, err := nc.Read(b); err != nil {
			s.closed.Add(1)
			return
		}
	}
}

// speak says a byte a second, until it cannot.
func (s *siege) speak(nc net.Conn) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := nc.Write([]byte{s.cfg.Say[i%len(s.cfg.Say)]}); err != nil {
			return
		}
		<-tick.C
	}
}

func (s *siege) close() {
	for _, nc := range s.conns {
		if nc != nil {
			nc.Close()
		}
	}
	s.wg.Wait()
}
