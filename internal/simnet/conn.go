package simnet

import (
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// A Conn is one end of a byte-stream connection. It has the methods of *net.TCPConn that tests of
// protocols need. Errors are those of a real one: io.EOF, os.ErrDeadlineExceeded, net.ErrClosed,
// syscall.EPIPE and syscall.ECONNRESET, all but the first in a *net.OpError.
type Conn struct {
	net           *Network
	peer          *Conn
	host          netip.Addr
	local, remote *net.TCPAddr
	dialed        netip.AddrPort // the local end, if this one dialed; else zero
	box           *NAT           // that it was dialed through, nil if none, and the port there
	boxPort       uint16

	// guarded by net.mu
	in            half
	readDeadline  time.Time
	writeDeadline time.Time
	closed        bool
	writeClosed   bool // by CloseWrite
	writing       bool // a Write is in the middle of its bytes
	abort         bool // by SetLinger
}

// Read waits for bytes and returns those that are there, up to len(b).
func (c *Conn) Read(b []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.opError("read", net.ErrClosed)
		case expired(c.readDeadline):
			return 0, c.opError("read", os.ErrDeadlineExceeded)
		case len(b) == 0:
			return 0, nil
		}
		if n := c.in.take(b); n > 0 {
			c.in.changed.broadcast()
			return n, nil
		}
		switch {
		case c.in.down: // whatever the peer did, it is not known here
		case c.in.reset:
			return 0, c.opError("read", syscall.ECONNRESET)
		case c.in.ended:
			return 0, io.EOF
		}
		c.in.changed.wait(&c.net.mu, c.readDeadline, nil)
	}
}

// Write puts b into the window of the peer, waiting for room as long as it takes. It returns how
// much went there, less than len(b) only with an error. Concurrent Writes do not mix.
func (c *Conn) Write(b []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	out := &c.peer.in
	for c.writing {
		if err := c.writable(); err != nil {
			return 0, c.opError("write", err)
		}
		out.changed.wait(&c.net.mu, c.writeDeadline, nil)
	}
	c.writing = true
	defer func() {
		c.writing = false
		out.changed.broadcast()
	}()
	for n := 0; ; {
		if err := c.writable(); err != nil {
			return n, c.opError("write", err)
		}
		if put := out.put(b[n:]); put > 0 {
			n += put
			out.changed.broadcast()
		}
		if n == len(b) {
			return n, nil
		}
		out.changed.wait(&c.net.mu, c.writeDeadline, nil)
	}
}

// writable returns why nothing can be written now, or later.
func (c *Conn) writable() error {
	switch {
	case c.closed:
		return net.ErrClosed
	case c.writeClosed:
		return syscall.EPIPE
	case expired(c.writeDeadline):
		return os.ErrDeadlineExceeded
	case c.in.down: // whatever the peer did, it is not known here
		return nil
	case c.in.reset:
		return syscall.ECONNRESET
	case c.peer.closed:
		return syscall.EPIPE
	}
	return nil
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// LocalAddr returns the address of this end, a *net.TCPAddr.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end as seen from here, a *net.TCPAddr: of a host
// behind a NAT, the address that the NAT gave it.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.set(func() { c.readDeadline, c.writeDeadline = t, t })
}

// SetReadDeadline sets when reads give up with os.ErrDeadlineExceeded, those that wait now too;
// zero means never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.set(func() { c.readDeadline = t })
}

// SetWriteDeadline sets when writes give up with os.ErrDeadlineExceeded, those that wait now too;
// zero means never.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.set(func() { c.writeDeadline = t })
}

// SetReadBuffer sets how many bytes, at least 1, may be on the way to this end before the peer's
// writes block. What is on the way already stays.
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.set(func() { c.in.window = max(bytes, 1) })
}

// SetLinger with 0 makes Close reset the connection: the peer gets syscall.ECONNRESET instead of
// io.EOF. Any other value makes it end in order, which is the default.
func (c *Conn) SetLinger(seconds int) error {
	return c.set(func() { c.abort = seconds == 0 })
}

// CloseWrite ends the stream to the peer, which reads io.EOF after the last byte. Reading goes on.
func (c *Conn) CloseWrite() error {
	return c.set(func() {
		c.writeClosed = true
		c.peer.in.ended = true
	})
}

func (c *Conn) set(change func()) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	change()
	c.wake()
	return nil
}

// Close ends both directions. The peer still gets what was written before.
func (c *Conn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.close()
	return nil
}

func (c *Conn) close() {
	c.closed = true
	c.peer.in.ended = true
	c.peer.in.reset = c.peer.in.reset || c.abort
	c.in.discard()
	delete(c.net.conns, c)
	delete(c.net.dialed, c.dialed)
	if c.box != nil {
		delete(c.box.byOutside, c.boxPort)
	}
	c.wake()
}

// setDown cuts or restores what comes in.
func (c *Conn) setDown(down bool) {
	if c.in.down != down {
		c.in.setDown(down)
		c.wake()
	}
}

// wake lets all who wait at either end look again.
func (c *Conn) wake() {
	c.in.changed.broadcast()
	c.peer.in.changed.broadcast()
}
