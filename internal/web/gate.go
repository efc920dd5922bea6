package web

import (
	"cmp"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/seldom"
)

// A Gate closes connections of HTTP beyond a number, in all and of one address, counts them, and logs a line a second at most. What has become a
// WebSocket is counted by RTSP. Safe for concurrent use.
type Gate struct {
	most, mostOfOne int
	log             *slog.Logger
	refused         atomic.Uint64
	lines           seldom.Lines

	// guarded by mu
	mu    sync.Mutex
	conns map[net.Conn]netip.Addr
	hosts map[netip.Addr]int
}

// NewGate makes one; 0 connections are 1000 in all and 200 of one address.
func NewGate(most, mostOfOne int, log *slog.Logger) *Gate {
	return &Gate{
		most: cmp.Or(most, 1000), mostOfOne: cmp.Or(mostOfOne, 200), log: log,
		conns: map[net.Conn]netip.Addr{}, hosts: map[netip.Addr]int{},
	}
}

// Refused is how many connections were closed.
func (g *Gate) Refused() uint64 { return g.refused.Load() }

// State is the ConnState of a server.
func (g *Gate) State(nc net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		ap, _ := netip.ParseAddrPort(nc.RemoteAddr().String())
		host := ap.Addr().Unmap()
		if len(g.conns) >= g.most || g.hosts[host] >= g.mostOfOne {
			nc.Close() // it is not counted as open: its end finds nothing
			g.refused.Add(1)
			if more, due := g.lines.Due(time.Now()); due {
				g.log.Warn("refused: too many connections of HTTP", "remote", host, "open", len(g.conns), "others since the last line", more)
			}
			return
		}
		g.conns[nc] = host
		g.hosts[host]++
	case http.StateClosed, http.StateHijacked:
		host, counted := g.conns[nc]
		if !counted {
			return
		}
		delete(g.conns, nc)
		if g.hosts[host]--; g.hosts[host] == 0 {
			delete(g.hosts, host)
		}
	}
}
