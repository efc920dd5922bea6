package rtspserver

import (
	"errors"

	"github.com/baton-rtsp/baton/rtsp"
)

// Redirect sends every reader of a path to another URL (RFC 2326 §10.10): at once, or at a position of
// the presentation when at is not nil. It returns how many sessions were told. Clients that do not know
// REDIRECT go on as before; they follow a 302 when they come again.
func (s *Server) Redirect(path, location string, at *rtsp.Range) int {
	n := 0
	for _, session := range s.all() {
		if session.path == path && session.role == reads && session.Redirect(location, at) == nil {
			n++
		}
	}
	return n
}

// Redirect sends the client of one session to another URL (RFC 2326 §10.10).
func (s *Session) Redirect(location string, at *rtsp.Range) error {
	r := &rtsp.Request{Method: rtsp.MethodRedirect}
	r.Header.Set("Location", location)
	if at != nil {
		r.Header.Set("Range", at.String())
	}
	return s.tell(r)
}

// tell sends a request to the client, on the connection from which it was last heard.
func (s *Session) tell(r *rtsp.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.conn == nil {
		return errors.New("rtspserver: session has no connection")
	}
	r.URI = s.aggregateURL()
	r.Header.Set("Session", s.id)
	return s.conn.send(r)
}
