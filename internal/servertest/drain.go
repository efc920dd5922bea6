package servertest

import (
	"bufio"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// Drain reads a lane's media until it ends and calls got for each packet. It allocates nothing for each,
// and takes the lane over: nothing else can be read from its connection any more.
func (l *Lane) Drain(got func()) {
	if l.rtp == nil {
		l.drainFrames(got)
		return
	}
	b := make([]byte, 65536)
	l.rtp.SetReadDeadline(time.Time{})
	for {
		if _, _, err := l.rtp.ReadFromUDPAddrPort(b); err != nil {
			return
		}
		got()
	}
}

func (l *Lane) drainFrames(got func()) {
	l.c.Conn.SetReadDeadline(time.Time{})
	r := bufio.NewReaderSize(l.c.Conn, 64<<10)
	for {
		head, err := r.Peek(rtsp.FrameHeaderSize)
		if err != nil || head[0] != '$' {
			return
		}
		media, size := head[1] == l.channel, int(head[2])<<8|int(head[3])
		if _, err := r.Discard(rtsp.FrameHeaderSize + size); err != nil {
			return
		}
		if media {
			got()
		}
	}
}

// A Gauge waits until something has happened a number of times.
type Gauge struct {
	left atomic.Int64
	done chan struct{}
}

// NewGauge makes a gauge.
func NewGauge() *Gauge { return &Gauge{done: make(chan struct{}, 1)} }

// Expect says how many times; Wait waits for the last of them.
func (g *Gauge) Expect(n int) { g.left.Store(int64(n)) }

// Got counts one.
func (g *Gauge) Got() {
	if g.left.Add(-1) == 0 {
		g.done <- struct{}{}
	}
}

// Wait waits for the last one that was expected.
func (g *Gauge) Wait() { <-g.done }
