package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// Limits on what clients may do.
const (
	maxConns     = 256
	idleTimeout  = 5 * time.Minute // of a client that does not play
	writeTimeout = 5 * time.Second
	acceptPause  = 50 * time.Millisecond
)

// Config says what is served.
type Config struct {
	// Media is the folder with the files; nil: only the film that Baton brings along, movie.mjpeg.
	Media *os.Root
	// May tells whether a client may have a file, by its path without slashes at its ends; nil: all may. These clients cannot say who they
	// are. It gives up when ctx ends.
	May func(ctx context.Context, remote, local netip.Addr, path string) bool
	// Logger gets a line for each session and each thing that went wrong; nil: none.
	Logger *slog.Logger
}

// Datagrams is what frames are sent with; *net.UDPConn is one.
type Datagrams interface {
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

// A Server serves any number of clients, up to a bound.
type Server struct {
	cfg Config
	out Datagrams
	wg  sync.WaitGroup
	mu  sync.Mutex // guards n
	n   int        // connections
}

// New makes a server that sends frames with out. It starts nothing.
func New(cfg Config, out Datagrams) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Server{cfg: cfg, out: out}
}

// Serve accepts connections until ctx ends, and returns nil then, or until the listener fails. It closes ln, and returns when
// all sessions have ended.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { ln.Close() })()
	defer ln.Close()
	for {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			s.begin(ctx, nc)
		case ctx.Err() != nil:
			return nil
		case !passes(err):
			return err
		default:
			s.cfg.Logger.Warn("accept", "err", err)
			pause(ctx, acceptPause)
		}
	}
}

// passes tells whether an error is one that passes, such as too many open files.
func passes(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && !errors.Is(err, net.ErrClosed)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// begin serves a connection, unless there are too many.
func (s *Server) begin(ctx context.Context, nc net.Conn) {
	remote, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	if err != nil || !s.enter() {
		nc.Close()
		return
	}
	log := s.cfg.Logger.With("lab", remote)
	c := &conn{server: s, nc: nc, host: remote.Addr().Unmap(), log: log}
	s.wg.Go(func() { // ends when the connection is closed
		defer s.leave()
		defer context.AfterFunc(ctx, func() { nc.Close() })()
		contained(log, func() { c.serve(ctx) })
		nc.Close()
		contained(log, c.end)
	})
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n >= maxConns {
		return false
	}
	s.n++
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n--
}

// contained has a panic end only what it happened in.
func contained(log *slog.Logger, f func()) {
	defer func() {
		if value := recover(); value != nil {
			log.Error("panic", "value", fmt.Sprint(value), "stack", string(debug.Stack()))
		}
	}()
	f()
}
