package auth

import (
	"log/slog"
	"time"
)

// failed notes wrong credentials. The log has a line, now and then: without it nobody who runs the server learns that somebody
// guesses, or why a camera does not come in.
func (a *authority) failed(r *Request, c credentials) {
	now := time.Now()
	a.limiter.failed(now, r.Address, c.user)
	if more, due := a.fails.Due(now); due {
		a.about(r, c).Warn("a login has failed", "others since the last line", more)
	}
}

// tooOften is the refusal of who has to wait. It is logged among those that failed.
func (a *authority) tooOften(r *Request, c credentials, wait time.Duration) *Refusal {
	if more, due := a.fails.Due(time.Now()); due {
		a.about(r, c).Warn("a login has to wait, too many have failed", "wait", wait.Round(time.Second), "others since the last line", more)
	}
	return &Refusal{Err: ErrTooOften, Wait: wait}
}

// about is the log with who wants in. A name that no user has is left out: people type passwords there.
func (a *authority) about(r *Request, c credentials) *slog.Logger {
	line := a.log.With("address", r.Address, "protocol", r.Protocol)
	if c.user != "" && a.users.knows(c.user) {
		line = line.With("user", c.user)
	}
	return line
}
