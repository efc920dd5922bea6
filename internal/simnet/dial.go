package simnet

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Dial connects from one host, "IP" or "IP:port", to a listener, "IP:port". It returns a *Conn as
// soon as the connection is in the listener's backlog. Where nobody listens it is refused; where
// the backlog is full or the link is down, it waits until ctx is done.
func (n *Network) Dial(ctx context.Context, from, to string) (net.Conn, error) {
	local, err := parseAddr(from)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	remote, err := parseAddr(to)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	l, err := n.reach(ctx, local.Addr(), remote)
	if err == nil {
		local, err = n.bind(local, n.usedTCP)
	}
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(remote), Err: err}
	}
	return n.connect(local, l), nil
}

// reach waits until the listener at an address can be spoken to.
func (n *Network) reach(ctx context.Context, from netip.Addr, to netip.AddrPort) (*listener, error) {
	for {
		if n.closed {
			return nil, net.ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		box := n.inside[to.Addr()]
		if box != nil && box != n.inside[from] {
			return nil, syscall.EHOSTUNREACH // a private address
		}
		if !n.link(from, to.Addr()).Down && !n.link(to.Addr(), from).Down {
			l := n.listeners[to]
			if l == nil {
				return nil, syscall.ECONNREFUSED
			}
			if len(l.waiting) < n.options.Backlog {
				return l, nil
			}
		}
		n.changed.wait(&n.mu, time.Time{}, ctx.Done())
	}
}

// connect makes the two ends of a connection and queues the one to be accepted.
func (n *Network) connect(local netip.AddrPort, l *listener) *Conn {
	near := &Conn{net: n, host: local.Addr(), local: net.TCPAddrFromAddrPort(local), remote: l.local, dialed: local}
	source, box := n.dialThrough(local, l.addr)
	near.box, near.boxPort = box, source.Port()
	far := &Conn{net: n, host: l.addr.Addr(), local: l.local, remote: net.TCPAddrFromAddrPort(source)}
	near.peer, far.peer = far, near
	near.in.window, far.in.window = n.options.Window, n.options.Window
	n.conns[near], n.conns[far] = struct{}{}, struct{}{}
	n.dialed[local] = struct{}{}
	l.waiting = append(l.waiting, far)
	l.ready.broadcast()
	return near
}
