package rtspserver

import (
	"errors"
	"time"
)

// watchPeriod is how often sessions are looked after.
const watchPeriod = time.Second

// watch looks after all sessions: timeouts, receiver reports. It ends with the server.
func (s *Server) watch() {
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			for _, session := range s.all() {
				s.contained("the watch", func() error {
					session.tick(now)
					return nil
				}, "session", session.id[:8])
			}
			for _, c := range s.connections() {
				if ws, ok := c.nc.(*webSocketConn); ok {
					ws.check(now)
				}
			}
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *Server) all() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		all = append(all, session)
	}
	return all
}

// session finds a session by its id.
func (s *Server) session(id string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

// addSession makes a session known, unless there are too many (SES-18).
func (s *Server) addSession(session *Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return unavailable(ErrServerClosed)
	}
	if len(s.sessions) >= s.cfg.MaxSessions {
		s.stats.refused.Add(1)
		return unavailable(errors.New("too many sessions"))
	}
	s.sessions[session.id] = session
	return nil
}

// removeSession tells whether the session was known.
func (s *Server) removeSession(session *Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.sessions[session.id]
	delete(s.sessions, session.id)
	return known
}

// later runs f on a goroutine of the server: what a shard finds out but must not do itself.
func (s *Server) later(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wg.Go(func() { // ends when f returns
		s.contained("the background", func() error {
			f()
			return nil
		})
	})
}

// Kick ends a session as an operator: BYE, then the connection is closed if nothing else lives on it.
func (s *Session) Kick() { s.end(errKicked) }

// Sessions are the sessions there are, in no order.
func (s *Server) Sessions() []*Session { return s.all() }
