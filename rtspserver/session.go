package rtspserver

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// Why a session ends.
var (
	errTeardown    = errors.New("torn down")
	errTimeout     = errors.New("no sign of life")
	errShutdown    = errors.New("server closes")
	errPanic       = errors.New("panic")
	errUnreachable = errors.New("destination unreachable")
	errKicked      = errors.New("ended by the operator")
	errRevoked     = errors.New("no longer allowed")
	errEvicted     = errors.New("another publisher takes over")
	errAnew        = errors.New("announced anew")
	errChanged     = errors.New("description changed")
)

// A Session is the state that a client has with the server (RFC 2326 §3.4), under a Session id. It is
// not tied to a connection, except where its media is interleaved on one.
type Session struct {
	// constant
	id     string
	server *Server
	host   netip.Addr // of the client that made it
	role   role
	path   string
	query  string
	began  time.Time
	remote Remote // nil: the playback needs no preparation

	principal string // whose it is; "" for nobody in particular

	// atomic
	seen atomic.Int64 // Unix nanoseconds of the last sign of life

	// guarded by mu; taken before any seat's Do, never on a shard
	mu           sync.Mutex
	state        State
	ended        bool
	conn         *Conn        // from which it was controlled last
	transports   []*transport // by track; nil: not set up
	order        []int        // tracks, in the order of SETUP
	presentation Presentation
	reader       *reader    // role reads
	publisher    *publisher // role publishes
}

// newSession makes a session that the server does not know yet.
func (s *Server) newSession(c *Conn, r role, name target, principal string) *Session {
	now := time.Now()
	session := &Session{
		id: newSessionID(), server: s, host: c.remote.Addr(), role: r, path: name.path, query: name.query,
		began: now, conn: c, principal: principal,
	}
	session.touch(now)
	return session
}

// newSessionID is 128 random bits in letters and digits: live555 drops other characters (SES-01, SES-02).
func newSessionID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// ID is the Session id.
func (s *Session) ID() string { return s.id }

// Path is the path of the presentation, without slashes at its ends.
func (s *Session) Path() string { return s.path }

// Principal is who made the session, as the [Authorizer] said, "" for nobody in particular.
func (s *Session) Principal() string { return s.principal }

// Conn is the connection from which the session was controlled last. It may be closed.
func (s *Session) Conn() *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// touch is a sign of life.
func (s *Session) touch(now time.Time) { s.seen.Store(now.UnixNano()) }

func (s *Session) silent(now time.Time) time.Duration {
	return now.Sub(time.Unix(0, s.seen.Load()))
}

// ownedBy tells whether a connection may control the session: only from the address that made it
// (CON-08).
func (s *Session) ownedBy(c *Conn) bool { return s.host == c.remote.Addr() }

// tracks are those that are set up, by bit.
func (s *Session) tracks() uint64 {
	var set uint64
	for i, t := range s.transports {
		if t != nil {
			set |= 1 << i
		}
	}
	return set
}

// scope is what a request acts on: one track, or all that are set up. A track that is not set up is
// unknown to the session.
func (s *Session) scope(name target) (uint64, error) {
	if name.path != s.path {
		return 0, statusError(rtsp.StatusNotFound)
	}
	if !name.named {
		return s.tracks(), nil
	}
	if name.track < 0 || name.track >= len(s.transports) || s.transports[name.track] == nil {
		return 0, statusError(rtsp.StatusNotFound)
	}
	return 1 << name.track, nil
}

// receive takes what a client sent on the channel or port of a track: media of a publisher, RTCP of
// either. From the goroutine that read it; b is valid during the call.
func (s *Session) receive(track int, rtcp bool, b []byte, now time.Time) {
	if s.role == publishes {
		s.publisher.receive(track, rtcp, b, now)
	} else if rtcp {
		s.reader.receive(track, b, now)
	}
}

// flush says that a burst of received packets is over.
func (s *Session) flush() {
	if s.role == publishes {
		s.publisher.flush()
	}
}

// tick is the session's share of the server's watch, once a second.
func (s *Session) tick(now time.Time) {
	limit := s.server.cfg.SessionTimeout + s.server.cfg.SessionTimeout/10
	s.mu.Lock() // over the report too: none follows the answer to PAUSE or TEARDOWN (FRM-09)
	defer s.mu.Unlock()
	if s.state == Recording {
		limit = s.server.cfg.PublisherTimeout
		s.publisher.report(now)
		if s.publisher.overruns(now) {
			s.server.exceeded(limitBitRate, "remote", s.host, "path", s.path)
			s.endLocked(limitBitRate)
			return
		}
	}
	if s.silent(now) > limit {
		s.endLocked(errTimeout)
	}
}

// lost is told that a connection is gone. What was interleaved on it, or only announced, cannot go on.
func (s *Session) lost(c *Conn, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Init || s.interleavedOn(c) {
		s.endLocked(lostError{cause})
	}
}

// A lostError ends the sessions that lived on a connection. The cause is nil when the peer closed it.
type lostError struct{ cause error }

func (e lostError) Error() string {
	if e.cause == nil {
		return "connection closed"
	}
	return e.cause.Error()
}

func (e lostError) Unwrap() error { return e.cause }

// end ends the session in order: BYE to its peer, its transports freed, its publication given back. It
// may be called any number of times, from any goroutine but a shard.
func (s *Session) end(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked(cause)
}

func (s *Session) endLocked(cause error) {
	if s.ended {
		return
	}
	s.ended, s.state = true, Init
	known := s.server.removeSession(s)
	if s.reader != nil {
		s.reader.close(cause)
	}
	if s.publisher != nil {
		s.publisher.close(cause)
	}
	conns := map[*Conn]bool{s.conn: false} // those it lived on, and whether its media did
	for i, t := range s.transports {
		if t != nil {
			if t.conn != nil {
				conns[t.conn] = true
			}
			s.free(i)
		}
	}
	for c, media := range conns {
		if last := c.release(s); last && hangsUp(cause, media) {
			c.hangUp()
		}
	}
	if known {
		s.server.cfg.Logger.Info("session ended", "session", s.id[:8], "path", s.path, "remote", s.host, "why", cause)
	}
}

// hangsUp tells whether a connection is closed behind its last session. A client that was only silent, or
// lost another connection, may come back on it, unless it left its media unread there (SES-09).
func hangsUp(cause error, media bool) bool {
	var lost lostError
	switch {
	case errors.Is(cause, errTeardown), errors.Is(cause, errAnew):
		return false
	case errors.Is(cause, errTimeout), errors.As(cause, &lost):
		return media
	}
	return true
}

// controlled notes the connection from which the session is controlled from now on. The one before has
// nothing to do with it any more, unless its media is interleaved there. The session is locked.
func (s *Session) controlled(c *Conn) {
	old := s.conn
	s.conn = c
	c.adopt(s)
	if old != c && !s.interleavedOn(old) {
		old.release(s)
	}
}

func (s *Session) interleavedOn(c *Conn) bool {
	return slices.ContainsFunc(s.transports, func(t *transport) bool { return t != nil && t.conn == c })
}

// next is check for this session. One that has ended is not found any more. The session is locked.
func (s *Session) next(m rtsp.Method) (State, error) {
	if s.ended {
		return s.state, statusError(rtsp.StatusSessionNotFound)
	}
	return check(s.role, s.state, m)
}

// free gives back the transport of one track.
func (s *Session) free(track int) {
	s.transports[track].free()
	s.transports[track] = nil
	for i, n := range s.order {
		if n == track {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			break
		}
	}
}
