package auth

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// freeOfUser is how often one address may fail as one user before it has to wait, freeOfAddress how often as
	// anybody: behind an address there can be many.
	freeOfUser, freeOfAddress = 3, 5
	// maxWait is the longest that somebody has to wait; waits begin with a second and double.
	maxWait = time.Minute
	// forgiven is how long after the last failure all is forgotten.
	forgiven = 10 * time.Minute
	// maxFailing is how many who failed are remembered.
	maxFailing = 10000
)

// who is somebody at an address; user "" is the address as a whole.
type who struct {
	address netip.Prefix
	user    string
}

// A failing is what is known of somebody who failed, or has been right.
type failing struct {
	count int
	last  time.Time // failure or success
	until time.Time // nothing is looked at before
	good  bool      // was right at least once, and not wrong since
}

// limiter makes who fails wait, longer each time. Nothing of a request is looked at while its sender has to wait, so
// guessing costs time and no hashing.
type limiter struct {
	mu   sync.Mutex
	seen map[who]*failing

	looking, asking turns // of those who are looked at here, and about whom the service is asked
}

func newLimiter() *limiter { return &limiter{seen: make(map[who]*failing)} }

// network is the address as far as it tells senders apart: a host has 64 bits of IPv6 for itself.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// one is somebody at an address. Who has no name is not the address as a whole.
func one(address netip.Addr, user string) who {
	if user == "" {
		user = ":"
	}
	return who{network(address), user}
}

// wait is how long somebody has to wait before credentials are looked at; 0: not at all. Who was right at this
// address does not wait because others there were wrong.
func (l *limiter) wait(now time.Time, address netip.Addr, user string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.seen[one(address, user)]
	if own != nil && own.until.After(now) {
		return own.until.Sub(now)
	}
	if own != nil && own.good {
		return 0
	}
	if all := l.seen[who{network(address), ""}]; all != nil && all.until.After(now) {
		return all.until.Sub(now)
	}
	return 0
}

// failed notes wrong credentials.
func (l *limiter) failed(now time.Time, address netip.Addr, user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(now, one(address, user), freeOfUser)
	l.note(now, who{network(address), ""}, freeOfAddress)
}

func (l *limiter) note(now time.Time, w who, free int) {
	f := l.of(now, w)
	f.count++
	f.last, f.good = now, false
	if over := f.count - free; over >= 0 {
		f.until = now.Add(min(time.Second<<min(over, 6), maxWait))
	}
}

// succeeded notes right credentials.
func (l *limiter) succeeded(now time.Time, address netip.Addr, user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.of(now, one(address, user)) = failing{last: now, good: true}
}

// forget has nobody wait for what went wrong by the name of a user; addresses as a whole still do.
func (l *limiter) forget(user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.seen {
		if w.user == user {
			delete(l.seen, w)
		}
	}
}

// of finds or makes what is known of somebody.
func (l *limiter) of(now time.Time, w who) *failing {
	if f := l.seen[w]; f != nil && now.Sub(f.last) < forgiven {
		return f
	}
	if len(l.seen) >= maxFailing {
		l.makeRoom(now)
	}
	f := &failing{}
	l.seen[w] = f
	return f
}

// makeRoom forgets those who are forgiven, and if that is not enough, some others.
func (l *limiter) makeRoom(now time.Time) {
	for w, f := range l.seen {
		if now.Sub(f.last) >= forgiven {
			delete(l.seen, w)
		}
	}
	for w, f := range l.seen {
		if len(l.seen) < maxFailing*9/10 {
			return
		}
		if !f.until.After(now) {
			delete(l.seen, w)
		}
	}
	for w := range l.seen { // all have to wait: some get away
		if len(l.seen) < maxFailing*9/10 {
			return
		}
		delete(l.seen, w)
	}
}
