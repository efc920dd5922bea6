package rtspserver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/origin"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/timeline"
)

// ErrServerClosed is what Serve and ServePackets return after Close or Shutdown.
var ErrServerClosed = errors.New("rtspserver: server closed")

// A Server serves RTSP on any number of listeners. Create it with [New], give it listeners with
// [Server.Serve] and a pair of UDP sockets with [Server.ServePackets], end it with [Server.Shutdown] or
// [Server.Close]. All methods are safe for concurrent use.
type Server struct {
	cfg    Config
	shards *timeline.Shards
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	start  sync.Once
	wg     sync.WaitGroup // every goroutine of the server
	stats  counters

	strangers rtsp.Limits // of connections that have had no session, constant
	pages     *origin.Guard
	overload  overload

	// guarded by mu
	mu        sync.Mutex
	closed    bool
	listeners map[net.Listener]struct{}
	conns     map[*Conn]struct{}
	hosts     census[netip.Addr] // connections by neighbourhood
	sessions  map[string]*Session
	owners    census[netip.Addr] // sessions by neighbourhood
	users     census[string]     // sessions by principal, those of nobody aside
	readers   census[string]     // sessions that read, by path
	revision  int                // how often Revoke was called
	udp       *udpPair           // shared by the sessions that need no pair of their own
	castMu    sync.Mutex         // guards casters, and their members; taken before any seat's Do
	casters   map[castKey]*caster
	turning   int // connections that are being turned away

	records sync.Pool // *[]byte for what goes into a record of TLS
}

// counters are what [Server.Stats] tells.
type counters struct {
	panics, requests, accepted, unsent atomic.Uint64
}

// Stats is a look at a server.
type Stats struct {
	Conns, Sessions             int
	Requests, Accepted, Refused uint64
	RefusedBy                   Refusals // by the limit that was reached; Refused is the sum
	Unsent                      uint64   // datagrams that the system did not take: its send buffer was full
	Panics                      uint64   // contained in the session or connection in which they happened
}

// New makes a server. It does no I/O and starts nothing.
func New(cfg *Config) (*Server, error) {
	if cfg == nil {
		cfg = &Config{}
	}
	filled, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:       filled,
		shards:    timeline.NewShards(filled.Shards),
		listeners: map[net.Listener]struct{}{},
		conns:     map[*Conn]struct{}{},
		hosts:     census[netip.Addr]{},
		sessions:  map[string]*Session{},
		owners:    census[netip.Addr]{},
		users:     census[string]{},
		readers:   census[string]{},
		casters:   map[castKey]*caster{},
	}
	s.pages = origin.New(filled.Hosts, filled.Origins)
	s.strangers = strangerLimits(filled.StrangerMemory, &filled.Limits)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// begin starts the goroutines that every server has, once.
func (s *Server) begin() {
	s.start.Do(func() {
		s.wg.Go(func() { s.shards.Run(s.ctx) }) // ends with Close
		s.wg.Go(s.watch)                        // ends with Close
	})
}

// Serve accepts connections until the listener fails or the server is closed; it returns
// [ErrServerClosed] then. It closes ln.
func (s *Server) Serve(ln net.Listener) error {
	defer ln.Close()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrServerClosed
	}
	s.listeners[ln] = struct{}{}
	s.begin()
	s.mu.Unlock()
	for {
		nc, err := ln.Accept()
		if err != nil {
			if s.ctx.Err() != nil || s.isClosed() {
				return ErrServerClosed
			}
			if wait := acceptPause(err); wait > 0 {
				s.cfg.Logger.Warn("accept", "err", err)
				s.pause(wait)
				continue
			}
			return err
		}
		s.ServeConn(nc)
	}
}

// acceptPause is how long to wait after an error that passes, such as too many open files.
func acceptPause(err error) time.Duration {
	var ne net.Error
	if errors.As(err, &ne) && !errors.Is(err, net.ErrClosed) {
		return 50 * time.Millisecond
	}
	return 0
}

func (s *Server) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// ServeConn serves one connection on a goroutine of its own. It takes nc over, and closes it at once
// when the server is closed, and behind a 503 when it is full.
func (s *Server) ServeConn(nc net.Conn) {
	c := newConn(s, nc)
	switch err := s.admit(c); {
	case errors.Is(err, ErrServerClosed):
		nc.Close()
	case err != nil:
		s.turnAway(c, err)
	}
}

// admit serves a connection, unless there are too many: the error is the limit.
func (s *Server) admit(c *Conn) error {
	host := neighbourhood(c.remote.Addr())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrServerClosed
	case len(s.conns) >= s.cfg.MaxConns:
		return limitConns
	case s.hosts[host] >= s.cfg.MaxConnsPerHost:
		return limitConnsPerHost
	}
	s.begin()
	s.conns[c] = struct{}{}
	s.hosts.add(host)
	s.stats.accepted.Add(1)
	s.wg.Go(c.serve) // ends when the connection is closed
	return nil
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.hosts.remove(neighbourhood(c.remote.Addr()))
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Shutdown ends all sessions in order: no new ones, BYE to each, then the connections are closed when
// what they were owed has been written, at the latest when ctx ends. It returns when every goroutine of
// the server has ended.
func (s *Server) Shutdown(ctx context.Context) error {
	for _, session := range s.stop() {
		session.end(errShutdown)
	}
	for _, c := range s.connections() {
		c.out.Drain(ctx)
	}
	return s.Close()
}

// Close ends the server at once. It returns when every goroutine of the server has ended.
func (s *Server) Close() error {
	sessions := s.stop()
	for _, c := range s.connections() {
		c.close()
	}
	for _, session := range sessions {
		session.end(errShutdown)
	}
	s.mu.Lock()
	udp := s.udp
	s.udp = nil
	s.mu.Unlock()
	if udp != nil {
		udp.close()
	}
	s.cancel()
	s.wg.Wait()
	return nil
}

// stop refuses what is new from now on, and returns the sessions there are.
func (s *Server) stop() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for ln := range s.listeners {
		ln.Close()
	}
	clear(s.listeners)
	all := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		all = append(all, session)
	}
	return all
}

func (s *Server) connections() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}

// Stats is what the server is doing and has done.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	by := s.overload.refusals()
	return Stats{
		Conns: len(s.conns), Sessions: len(s.sessions),
		Requests: s.stats.requests.Load(), Accepted: s.stats.accepted.Load(),
		Refused: by.all(), RefusedBy: by, Unsent: s.stats.unsent.Load(), Panics: s.stats.panics.Load(),
	}
}
