package web

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// A gate closes connections beyond a number, in all and of one address. What has become a WebSocket is counted by RTSP.
type gate struct {
	most, mostOfOne int

	// guarded by mu
	mu    sync.Mutex
	conns map[net.Conn]netip.Addr
	hosts map[netip.Addr]int
}

func newGate(cfg Config) *gate {
	return &gate{
		most: cmp.Or(cfg.MaxConns, 1000), mostOfOne: cmp.Or(cfg.MaxConnsPerHost, 200),
		conns: map[net.Conn]netip.Addr{}, hosts: map[netip.Addr]int{},
	}
}

// state is the ConnState of the server.
func (g *gate) state(nc net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		ap, _ := netip.ParseAddrPort(nc.RemoteAddr().String())
		host := ap.Addr().Unmap()
		if len(g.conns) >= g.most || g.hosts[host] >= g.mostOfOne {
			nc.Close() // it is not counted: its end finds nothing
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
