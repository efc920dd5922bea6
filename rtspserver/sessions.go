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

// addSession makes a session known that was allowed at a revision of the rights, unless there are too many (SES-18).
func (s *Server) addSession(session *Session, revision int) error {
	err := s.register(session, revision)
	if err == nil || errors.Is(err, errRevision) {
		return err
	}
	var l limit
	if errors.As(err, &l) {
		s.exceeded(l, "remote", session.host, "path", session.path)
	}
	return unavailable(err)
}

// register is addSession; the error is the limit that was reached, or errRevision.
func (s *Server) register(session *Session, revision int) error {
	host, most := neighbourhood(session.host), 0
	if session.role == reads && s.cfg.MaxReaders != nil {
		most = s.cfg.MaxReaders(session.path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrServerClosed
	case revision != s.revision:
		return errRevision
	case len(s.sessions) >= s.cfg.MaxSessions:
		return limitSessions
	case s.owners[host] >= s.cfg.MaxSessionsPerHost:
		return limitSessionsPerHost
	case s.users[session.principal] >= s.cfg.MaxSessionsPerUser:
		return limitSessionsPerUser
	case most > 0 && s.readers[session.path] >= most:
		return limitReaders
	}
	s.sessions[session.id] = session
	s.owners.add(host)
	if session.principal != "" {
		s.users.add(session.principal)
	}
	if session.role == reads {
		s.readers.add(session.path)
	}
	return nil
}

// removeSession tells whether the session was known.
func (s *Server) removeSession(session *Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.sessions[session.id]; !known {
		return false
	}
	delete(s.sessions, session.id)
	s.owners.remove(neighbourhood(session.host))
	if session.principal != "" {
		s.users.remove(session.principal)
	}
	if session.role == reads {
		s.readers.remove(session.path)
	}
	return true
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
