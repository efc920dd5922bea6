package rtspserver

import "errors"

// errRevision means that somebody's rights have changed since a request was let in.
var errRevision = errors.New("let in before rights changed")

// Revoke ends the sessions that do not stand any more: whose principal is gone, has other credentials, or has lost a right. Their BYE
// says that this is no longer allowed, and not which of these it was. A request that was let in before makes no session until the
// [Authorizer] has been asked again, which has to know what has changed when Revoke is called. stands is called on the caller's goroutine.
func (s *Server) Revoke(stands func(*Session) bool) {
	s.mu.Lock()
	s.revision++
	s.mu.Unlock()
	for _, session := range s.all() {
		if !stands(session) {
			session.end(errRevoked)
		}
	}
}

// rights is the revision of who may do what.
func (s *Server) rights() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// admit makes a session known that a request has made. The request was let in some time ago, and a source may have been waited for
// since: when rights have changed it is asked about again.
func (x *exchange) admit(session *Session) error {
	for {
		err := x.conn.server.addSession(session, x.revision)
		if !errors.Is(err, errRevision) {
			return err
		}
		if err := x.authorize(); err != nil {
			return err
		}
		if x.who != session.principal {
			return x.conn.server.cfg.Authorizer.Challenge(x.request())
		}
	}
}
