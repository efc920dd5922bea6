package rtspserver

import (
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// moved takes note of a changed description: a client that takes ANNOUNCE is told, and follows the new
// timeline where there is one; another is sent away if it cannot go on.
func (s *Session) moved(change *changedError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.state != Playing {
		return
	}
	takes := s.conn != nil && s.conn.takes(rtsp.MethodAnnounce)
	if change.same {
		if takes {
			s.announce(change.live.Describe())
		}
		return
	}
	if !takes || s.casts() { // a group is of one description
		s.endLocked(errChanged)
		return
	}
	p, err := s.presentation.Open()
	if err != nil {
		s.endLocked(err)
		return
	}
	s.announce(change.live.Describe()) // behind Open: of what changes in between the playback tells
	s.follow(p)
}

// follow goes on with the tracks of another playback that the session has set up. Tracks that are gone
// end, new ones can be set up. The session is locked.
func (s *Session) follow(p Playback) {
	n := tracksOf(p, s.presentation)
	for track := n; track < len(s.transports); track++ {
		if s.transports[track] != nil {
			s.reader.drop(track, errChanged.Error())
			s.free(track)
		}
	}
	s.transports = resized(s.transports, n)
	if s.tracks() == 0 {
		p.Close()
		s.endLocked(errChanged)
		return
	}
	if err := s.reader.swap(p, n); err != nil {
		s.endLocked(err)
	}
}

// resized is list with n elements: cut, or filled up with zeros.
func resized[T any](list []T, n int) []T {
	return append(slices.Clip(list[:min(n, len(list))]), make([]T, max(n-len(list), 0))...)
}

// announce sends the description to the client (RFC 2326 §10.3, ANN-09). The session is locked.
func (s *Session) announce(d *Description) {
	u := s.aggregateURL()
	r := &rtsp.Request{Method: rtsp.MethodAnnounce, URI: u}
	r.Header.Set("Session", s.id)
	r.Header.Set("Content-Type", "application/sdp")
	r.Body = describeSDP(d, strings.TrimSuffix(u, "/")+"/", s.query, s.conn.local.Addr().Is4()).Append(nil)
	s.conn.send(r)
}
