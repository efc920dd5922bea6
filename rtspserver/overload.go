package rtspserver

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/seldom"
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
	lines  seldom.Lines
}

// exceeded counts a refusal, and tells of it now and then.
func (s *Server) exceeded(l limit, about ...any) limit {
	s.overload.counts[l].Add(1)
	if more, due := s.overload.lines.Due(time.Now()); due {
		s.cfg.Logger.Warn("refused: "+l.Error(), append(about, "others since the last line", more)...)
	}
	return l
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
