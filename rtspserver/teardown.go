package rtspserver

import (
	"math/bits"

	"github.com/baton-rtsp/baton/rtsp"
)

// teardown answers TEARDOWN (RFC 2326 §10.7): of the presentation it ends the session, of one track only
// that track, and with the last of them the session (STA-11).
func (c *Conn) teardown(x *exchange) error {
	s, err := x.needSession()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.role == reads && x.name.named {
		scope, err := s.scope(x.name)
		if err != nil {
			return err
		}
		track := bits.TrailingZeros64(scope)
		if s.tracks() != scope {
			err := s.reader.drop(track, errTeardown.Error())
			s.free(track)
			return err
		}
	} else if x.name.path != s.path && s.role == reads {
		return statusError(rtsp.StatusNotFound)
	}
	s.endLocked(errTeardown)
	return nil
}
