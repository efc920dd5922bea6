package simnet

import (
	"sync"
	"time"
)

// A signal tells all who wait for it that what they wait for may have happened. It is what
// sync.Cond is, with a deadline. The mutex given to wait guards it.
type signal struct{ ch chan struct{} }

// broadcast wakes all who wait now.
func (s *signal) broadcast() {
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// wait gives up mu until the next broadcast, until the time given (zero: for ever) or until done
// is closed (nil: never), whichever comes first. The caller looks what it was.
func (s *signal) wait(mu *sync.Mutex, until time.Time, done <-chan struct{}) {
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	ch := s.ch
	var expired <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		expired = timer.C
	}
	mu.Unlock()
	defer mu.Lock()
	select {
	case <-ch:
	case <-expired:
	case <-done:
	}
}

// expired tells whether a deadline, zero for none, is over.
func expired(deadline time.Time) bool {
	return !deadline.IsZero() && !time.Now().Before(deadline)
}

// earlier returns the first of two times of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
