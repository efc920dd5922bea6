package timeline

import (
	"sync/atomic"
	"time"
)

// A coalesce puts off the waking of readers. The delay counts from the first packet that nobody was told
// of, so that none waits longer than it, however densely others follow.
type coalesce struct {
	delay time.Duration
	timer *time.Timer
	armed atomic.Bool // the timer runs
}

// newCoalesce is nil when there is no delay.
func newCoalesce(delay time.Duration, l *log) *coalesce {
	if delay <= 0 {
		return nil
	}
	c := &coalesce{delay: delay}
	c.timer = time.AfterFunc(time.Hour, func() {
		c.armed.Store(false) // before looking: a packet from now on arms the timer again
		l.flush()
	})
	c.timer.Stop()
	return c
}

// flush is called behind each burst.
//
// hot: 0 allocs, no lock but that of the timer, once in a delay.
func (c *coalesce) flush() {
	if c.armed.CompareAndSwap(false, true) {
		c.timer.Reset(c.delay)
	}
}

// stop is for a log that is closed: its readers have been told.
func (c *coalesce) stop() {
	if c != nil {
		c.timer.Stop()
	}
}
