package rtspserver

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/baton-rtsp/baton/timeline"
)

// A tcpOutput writes to a TCP socket without ever waiting: straight to the descriptor, from whichever
// goroutine has something to say. Only while the socket is full does it have a goroutine, which waits in
// the runtime's poller. A frame that the socket tore is copied aside and finished before anything else.
type tcpOutput struct {
	rc    syscall.RawConn
	write func(fd uintptr) bool // bound once: a closure for each write would be garbage

	// guarded by mu; it is held over system calls that do not block, never while waiting
	mu      sync.Mutex
	b       []byte // argument and results of write
	n       int
	err     error
	tail    []byte // what must go out first
	parked  bool   // the socket was full: the goroutine has it, nobody else writes
	waiting waitList
	idle    []chan struct{} // Drain calls
	closed  bool
	wg      sync.WaitGroup
}

// newSystemOutput is nil for what is no TCP connection, with or without TLS.
func newSystemOutput(nc net.Conn) output {
	if tc, ok := nc.(*tls.Conn); ok {
		if o := newTLSOutput(tc, nil); o != nil {
			return o
		}
		return nil
	}
	if o := newTCPOutput(nc); o != nil {
		return o
	}
	return nil
}

// newTCPOutput is nil for what is no TCP connection.
func newTCPOutput(nc net.Conn) *tcpOutput {
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	rc, err := tc.SyscallConn()
	if err != nil {
		return nil
	}
	o := &tcpOutput{rc: rc}
	o.write = func(fd uintptr) bool {
		o.n, o.err = writeSome(int(fd), o.b)
		return true
	}
	return o
}

// writeSome writes what the socket takes; a full socket is no error.
func writeSome(fd int, b []byte) (int, error) {
	for {
		n, err := syscall.Write(fd, b)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0, nil
		case err != nil:
			return 0, err
		case n == 0 && len(b) > 0:
			return 0, io.ErrUnexpectedEOF
		}
		return n, nil
	}
}

// try writes b as far as the socket goes.
func (o *tcpOutput) try(b []byte) (int, error) {
	o.b = b
	err := o.rc.Write(o.write)
	o.b = nil
	if err == nil {
		err = o.err
	}
	o.err = err
	return o.n, err
}

func (o *tcpOutput) check() error {
	if o.err == nil && o.closed {
		return net.ErrClosed
	}
	return o.err
}

func (o *tcpOutput) Message(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return err
	}
	if o.parked {
		if len(o.tail)+len(b) > maxUnread {
			return errUnread
		}
		o.tail = append(o.tail, b...)
		return nil
	}
	n, err := o.try(b)
	if err == nil && n < len(b) {
		o.park(b[n:])
	}
	return err
}

// hot: 0 allocs, 1 lock; runs on the reader's shard.
func (o *tcpOutput) Frames(b []byte, seat *timeline.Seat) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return 0, err
	}
	if o.parked {
		o.waiting.add(seat)
		return 0, nil
	}
	n, err := o.try(b)
	if err != nil || n == len(b) {
		return n, err
	}
	end := frameEnd(b, n)
	o.waiting.add(seat)
	o.park(b[n:end])
	return end, nil
}

// full tells whether the socket has no room: then seat is woken when it has.
func (o *tcpOutput) full(seat *timeline.Seat) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return false, err
	}
	if o.parked {
		o.waiting.add(seat)
	}
	return o.parked, nil
}

// park is the cold path of a full socket: rest, which may be empty, goes out when there is room.
func (o *tcpOutput) park(rest []byte) {
	o.tail = append(o.tail[:0], rest...)
	o.parked = true
	o.wg.Go(o.drain) // ends when the tail is written or the connection closed
}

// drain waits for room and writes the tail.
func (o *tcpOutput) drain() {
	first := true
	err := o.rc.Write(func(fd uintptr) bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		if first && len(o.tail) == 0 { // nothing torn: only wait until there is room
			first = false
			return false
		}
		n, err := writeSome(int(fd), o.tail)
		o.tail = o.tail[n:]
		if err == nil && len(o.tail) > 0 {
			return false
		}
		o.unpark(err)
		return true
	})
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.unpark(err)
	}
}

func (o *tcpOutput) unpark(err error) {
	if err != nil && o.err == nil {
		o.err = err
	}
	o.parked, o.tail = false, nil
	o.waiting.wake()
	for _, ch := range o.idle {
		close(ch)
	}
	o.idle = nil
}

func (o *tcpOutput) Drain(ctx context.Context) {
	o.mu.Lock()
	if !o.parked {
		o.mu.Unlock()
		return
	}
	ch := make(chan struct{})
	o.idle = append(o.idle, ch)
	o.mu.Unlock()
	select {
	case <-ch:
	case <-ctx.Done():
	}
}

func (o *tcpOutput) Close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.wg.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting.wake()
}
