package rtspserver

// Revoke ends the sessions that do not stand any more: whose principal is gone, has other credentials, or has lost a right. Their BYE
// says that this is no longer allowed, and not which of these it was. stands is called on the caller's goroutine.
func (s *Server) Revoke(stands func(*Session) bool) {
	for _, session := range s.all() {
		if !stands(session) {
			session.end(errRevoked)
		}
	}
}
