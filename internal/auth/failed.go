package auth

import (
	"sync/atomic"
	"time"
)

// failed notes wrong credentials; who sent them is asked for others. The log has a line, a second at most: without it
// nobody who runs the server learns that somebody guesses, or why a camera does not come in. A name that no user has
// is left out: people type passwords there.
func (a *authority) failed(r *Request, c credentials) *Refusal {
	now := time.Now()
	a.limiter.failed(now, r.Address, c.user)
	if a.fails.due(now) {
		line := a.log.With("address", r.Address, "protocol", r.Protocol)
		if c.user != "" && a.users.knows(c.user) {
			line = line.With("user", c.user)
		}
		line.Warn("a login has failed")
	}
	return a.Challenge(r)
}

// A seldom keeps lines of the log apart. It is safe for concurrent use.
type seldom struct{ last atomic.Int64 } // Unix seconds

// due tells whether there was no line in this second yet, and counts one that is.
func (s *seldom) due(now time.Time) bool {
	second := now.Unix()
	last := s.last.Load()
	return last != second && s.last.CompareAndSwap(last, second)
}
