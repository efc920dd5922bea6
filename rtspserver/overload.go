package rtspserver

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A limit is one of those that keep others from exhausting the server.
type limit uint8

const (
	limitConns limit = iota
	limitConnsPerHost
	limitSessions
	limitSessionsPerHost
	limitSessionsPerUser
	limitReaders
	limitBitRate
	limits // how many there are
)

func (l limit) Error() string {
	return [...]string{
		"too many connections", "too many connections of one address", "too many sessions", "too many sessions of one address",
		"too many sessions of one user", "too many readers", "too many bits a second",
	}[l]
}

// Refusals counts, for each limit of a [Config], how often somebody was beyond it.
type Refusals struct {
	Conns, ConnsPerHost       uint64 // connections that were turned away
	Sessions, SessionsPerHost uint64 // SETUPs and ANNOUNCEs that made no session
	SessionsPerUser           uint64 // and those of them that were somebody's
	Readers                   uint64 // SETUPs for paths with readers enough
	BitRate                   uint64 // publishers that were ended because they sent too much
}

// An overload is what was refused because of limits.
type overload struct {
	counts [limits]atomic.Uint64

	// guarded by mu
	mu     sync.Mutex
	told   time.Time // when the last line was logged
	untold int       // refusals since then
}

// complaints is how often a line about limits is logged at most: a flood must not become one of the log too.
const complaints = time.Second

// exceeded counts a refusal, and tells of it now and then.
func (s *Server) exceeded(l limit, about ...any) limit {
	s.overload.counts[l].Add(1)
	if more, tell := s.overload.tells(time.Now()); tell {
		s.cfg.Logger.Warn("refused: "+l.Error(), append(about, "others since the last line", more)...)
	}
	return l
}

// tells whether a line is due, and how many refusals have had none.
func (o *overload) tells(now time.Time) (more int, tell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.told) < complaints {
		o.untold++
		return 0, false
	}
	more = o.untold
	o.told, o.untold = now, 0
	return more, true
}

func (o *overload) refusals() Refusals {
	n := func(l limit) uint64 { return o.counts[l].Load() }
	return Refusals{
		Conns: n(limitConns), ConnsPerHost: n(limitConnsPerHost), Sessions: n(limitSessions), SessionsPerHost: n(limitSessionsPerHost),
		SessionsPerUser: n(limitSessionsPerUser), Readers: n(limitReaders), BitRate: n(limitBitRate),
	}
}

// all is how often somebody was beyond any of the limits.
func (r Refusals) all() uint64 {
	return r.Conns + r.ConnsPerHost + r.Sessions + r.SessionsPerHost + r.SessionsPerUser + r.Readers + r.BitRate
}

// neighbourhood is what counts as one address: with IPv6 its network of 64 bits, of which every host has all.
func neighbourhood(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return addr
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil { // no address at all
		return addr
	}
	return prefix.Addr()
}

// A census counts members of groups.
type census[K comparable] map[K]int

func (c census[K]) add(k K) { c[k]++ }

func (c census[K]) remove(k K) {
	if c[k]--; c[k] <= 0 {
		delete(c, k)
	}
}
