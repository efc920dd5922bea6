package simnet

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// maxPayload is the largest UDP payload over IPv4.
const maxPayload = 65507

// A PacketConn is a UDP socket of a host. It is a net.PacketConn with the two methods of
// *net.UDPConn that need no allocation.
type PacketConn struct {
	net   *Network
	addr  netip.AddrPort
	local *net.UDPAddr

	// guarded by net.mu
	closed        bool
	readDeadline  time.Time
	writeDeadline time.Time
	readable      signal
	arrived       []datagram // in order of arrival
	underway      flight
	flows         map[netip.AddrPort]*flow // of what it sends, by receiver
}

// A datagram is on its way or has arrived.
type datagram struct {
	at   time.Time // of arrival
	from netip.AddrPort
	data []byte
}

// ListenPacket opens a UDP socket on addr, "IP:port". Without a port, or with port 0, it gets the
// next free one.
func (n *Network) ListenPacket(addr string) (*PacketConn, error) {
	at, err := parseAddr(addr)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "udp", Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at, err = n.bind(at, n.usedUDP)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "udp", Addr: net.UDPAddrFromAddrPort(at), Err: err}
	}
	c := &PacketConn{net: n, addr: at, local: net.UDPAddrFromAddrPort(at), flows: make(map[netip.AddrPort]*flow)}
	n.packets[at] = c
	return c, nil
}

// ReadFrom waits for a datagram and copies it to b; what of it exceeds b is lost. The address is a
// *net.UDPAddr.
func (c *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// ReadFromUDPAddrPort is ReadFrom with the address as a value. IPv4 addresses have 4 bytes.
func (c *PacketConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, netip.AddrPort{}, c.readError(net.ErrClosed)
		case expired(c.readDeadline):
			return 0, netip.AddrPort{}, c.readError(os.ErrDeadlineExceeded)
		}
		c.settle()
		if len(c.arrived) > 0 {
			d := c.arrived[0]
			c.arrived[0] = datagram{}
			c.arrived = c.arrived[1:]
			return copy(b, d.data), d.from, nil
		}
		c.readable.wait(&c.net.mu, earlier(c.readDeadline, c.underway.next()), nil)
	}
}

func (c *PacketConn) readError(err error) error {
	return &net.OpError{Op: "read", Net: "udp", Source: c.local, Err: err}
}

// settle moves what has arrived by now from the way to the queue, in the order of arrival; what
// finds the queue full is dropped. Nothing is read between two calls, so it does not matter when
// it is called.
func (c *PacketConn) settle() {
	now := time.Now()
	for {
		d, ok := c.underway.pop(now)
		if !ok {
			return
		}
		if len(c.arrived) >= c.net.options.Queue {
			c.net.stats.Overflowed++
			continue
		}
		c.net.stats.Delivered++
		c.arrived = append(c.arrived, d)
	}
}

// WriteTo sends b to addr, a *net.UDPAddr or whatever prints as "IP:port". It never blocks.
func (c *PacketConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	if udp, ok := addr.(*net.UDPAddr); ok {
		return c.WriteToUDPAddrPort(b, udp.AddrPort())
	}
	to, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: c.local, Addr: addr, Err: syscall.EINVAL}
	}
	return c.WriteToUDPAddrPort(b, to)
}

// WriteToUDPAddrPort is WriteTo with the address as a value.
func (c *PacketConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	to = unmap(to)
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	var err error
	switch {
	case c.closed:
		err = net.ErrClosed
	case expired(c.writeDeadline):
		err = os.ErrDeadlineExceeded
	case !to.IsValid() || to.Port() == 0:
		err = syscall.EINVAL
	case len(b) > maxPayload:
		err = syscall.EMSGSIZE
	}
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: c.local, Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
	c.net.send(c, to, b)
	return len(b), nil
}

// send takes a datagram through the sender's NAT, the receiver's NAT and the link.
func (n *Network) send(c *PacketConn, to netip.AddrPort, data []byte) {
	n.stats.Sent++
	from, target, ok := n.translate(c.addr, to)
	receiver := n.packets[target]
	if !ok || receiver == nil {
		n.stats.Unreachable++
		return
	}
	fate := c.flow(target).next(n.link(c.addr.Addr(), target.Addr()), time.Now())
	if fate.lost {
		n.stats.Lost++
		return
	}
	if fate.late {
		n.stats.Reordered++
	}
	d := datagram{fate.at, from, bytes.Clone(data)}
	receiver.underway.push(d)
	if fate.twice {
		n.stats.Duplicated++
		receiver.underway.push(d)
	}
	receiver.settle()
	receiver.readable.broadcast()
}

// LocalAddr returns the socket's address, a *net.UDPAddr.
func (c *PacketConn) LocalAddr() net.Addr { return c.local }

// SetDeadline sets both deadlines.
func (c *PacketConn) SetDeadline(t time.Time) error {
	return c.set(func() { c.readDeadline, c.writeDeadline = t, t })
}

// SetReadDeadline sets when reads give up with os.ErrDeadlineExceeded, those that wait now too;
// zero means never.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	return c.set(func() { c.readDeadline = t })
}

// SetWriteDeadline sets when writes are refused with os.ErrDeadlineExceeded; zero means never.
func (c *PacketConn) SetWriteDeadline(t time.Time) error {
	return c.set(func() { c.writeDeadline = t })
}

func (c *PacketConn) set(change func()) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return &net.OpError{Op: "set", Net: "udp", Source: c.local, Err: net.ErrClosed}
	}
	change()
	c.readable.broadcast()
	return nil
}

// Close frees the port and wakes those who read. What is under way to it is gone.
func (c *PacketConn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return &net.OpError{Op: "close", Net: "udp", Source: c.local, Err: net.ErrClosed}
	}
	c.close()
	return nil
}

func (c *PacketConn) close() {
	c.settle() // for the counts
	c.closed = true
	c.arrived, c.underway = nil, flight{}
	delete(c.net.packets, c.addr)
	c.readable.broadcast()
}
