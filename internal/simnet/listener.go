package simnet

import (
	"net"
	"net/netip"
	"time"
)

// A listener accepts the connections to one address.
type listener struct {
	net   *Network
	addr  netip.AddrPort
	local *net.TCPAddr

	// guarded by net.mu
	closed  bool
	waiting []*Conn
	ready   signal
}

// Listen accepts connections to addr, "IP:port". Without a port, or with port 0, it gets the next
// free one. What Accept returns is a *Conn.
func (n *Network) Listen(addr string) (net.Listener, error) {
	at, err := parseAddr(addr)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at, err = n.bind(at, n.usedTCP)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: net.TCPAddrFromAddrPort(at), Err: err}
	}
	l := &listener{net: n, addr: at, local: net.TCPAddrFromAddrPort(at)}
	n.listeners[at] = l
	return l, nil
}

// Accept waits for a connection.
func (l *listener) Accept() (net.Conn, error) {
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	for {
		if l.closed {
			return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.local, Err: net.ErrClosed}
		}
		if len(l.waiting) > 0 {
			c := l.waiting[0]
			l.waiting[0] = nil
			l.waiting = l.waiting[1:]
			l.net.changed.broadcast() // there is room in the backlog
			return c, nil
		}
		l.ready.wait(&l.net.mu, time.Time{}, nil)
	}
}

// Addr returns the address, a *net.TCPAddr.
func (l *listener) Addr() net.Addr { return l.local }

// Close ends Accept and resets the connections that nobody accepted.
func (l *listener) Close() error {
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	if l.closed {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.local, Err: net.ErrClosed}
	}
	l.close()
	return nil
}

func (l *listener) close() {
	l.closed = true
	delete(l.net.listeners, l.addr)
	for _, c := range l.waiting {
		c.abort = true
		c.close()
	}
	l.waiting = nil
	l.ready.broadcast()
	l.net.changed.broadcast()
}
