package rtspserver

import (
	"context"
	"net"
	"sync"

	"github.com/baton-rtsp/baton/timeline"
)

// streamBuffer is how many bytes of media a streamOutput takes ahead of the peer.
const streamBuffer = 64 << 10

// A streamOutput writes to any net.Conn by a goroutine of its own: in-memory connections, TLS, and
// systems without a faster way.
type streamOutput struct {
	nc     net.Conn
	framed bool          // what is taken becomes a WebSocket frame
	more   chan struct{} // capacity 1: there is something to write, or nothing ever again
	done   chan struct{} // closed when the goroutine has ended

	// guarded by mu
	mu      sync.Mutex
	started bool
	closed  bool
	err     error
	buf     []byte // taken, not yet being written
	spare   []byte
	writing bool
	waiting waitList
	idle    []chan struct{} // Drain calls
}

func newStreamOutput(nc net.Conn) *streamOutput {
	return &streamOutput{nc: nc, more: make(chan struct{}, 1), done: make(chan struct{})}
}

func (o *streamOutput) Message(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return err
	}
	if len(o.buf)+len(b) > streamBuffer+maxUnread {
		return errUnread
	}
	o.take(b)
	return nil
}

func (o *streamOutput) Frames(b []byte, seat *timeline.Seat) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return 0, err
	}
	n := len(b)
	if room := streamBuffer - len(o.buf); n > room {
		o.waiting.add(seat)
		if room <= 0 {
			return 0, nil
		}
		n = frameEnd(b, room)
	}
	o.take(b[:n])
	return n, nil
}

func (o *streamOutput) check() error {
	switch {
	case o.err != nil:
		return o.err
	case o.closed:
		return net.ErrClosed
	}
	return nil
}

// take queues bytes for the writer, which it starts when it is needed first.
func (o *streamOutput) take(b []byte) {
	if len(b) == 0 {
		return
	}
	if o.framed {
		o.buf = appendHead(o.buf, wsBinary, len(b))
	}
	o.queue(b)
}

func (o *streamOutput) queue(b []byte) {
	o.buf = append(o.buf, b...)
	if !o.started {
		o.started = true
		go o.run() // ends when Close is called, or writing fails; Close waits for it
	}
	o.signal()
}

func (o *streamOutput) signal() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *streamOutput) run() {
	defer close(o.done)
	for range o.more {
		for {
			b := o.next()
			if b == nil {
				break
			}
			if _, err := o.nc.Write(b); err != nil {
				o.fail(err)
				return
			}
		}
		if o.ended() {
			return
		}
	}
}

// next hands what is queued to the writer, nil when there is nothing.
func (o *streamOutput) next() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writing = len(o.buf) > 0 && !o.closed; !o.writing {
		o.settle()
		return nil
	}
	b := o.buf
	o.buf, o.spare = o.spare[:0], b
	o.waiting.wake()
	return b
}

// settle tells those who wait in Drain that all is written.
func (o *streamOutput) settle() {
	for _, ch := range o.idle {
		close(ch)
	}
	o.idle = nil
}

func (o *streamOutput) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err, o.writing, o.buf = err, false, nil
	o.waiting.wake()
	o.settle()
}

func (o *streamOutput) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

func (o *streamOutput) Drain(ctx context.Context) {
	o.mu.Lock()
	if o.err != nil || o.closed || !o.writing && len(o.buf) == 0 {
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

func (o *streamOutput) Close() {
	o.mu.Lock()
	started := o.started
	o.closed = true
	o.settle()
	o.mu.Unlock()
	o.signal()
	if started {
		<-o.done
	}
}
