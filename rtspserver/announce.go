package rtspserver

import (
	"context"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// announce answers ANNOUNCE (RFC 2326 §10.3): a publisher says what it is going to send. The path is
// reserved from now on; the SETUPs that follow on this connection belong to it, whether they name the
// session or not.
func (c *Conn) announce(x *exchange) error {
	desc, err := announced(x.req)
	if err != nil {
		return err
	}
	if s := x.session; s != nil {
		return s.reannounce(desc)
	}
	if old := c.announcement(); old != nil && old.principal == x.who && old.current() == Init {
		old.end(errAnew) // before its path is asked for again
	}
	var pub *Publication
	err = x.ask(func(ctx context.Context, r *Request) error {
		pub, err = c.server.cfg.Handler.Publish(ctx, r, desc)
		return err
	})
	if err != nil {
		return err
	}
	s := c.server.newSession(c, publishes, x.name, x.who)
	s.transports = make([]*transport, len(desc.Media))
	s.mu.Lock() // Evict waits until there is something to end, and it is known
	defer s.mu.Unlock()
	s.publisher = newPublisher(s, pub, desc)
	if err := x.admit(s); err != nil {
		s.ended = true
		s.publisher.close(err)
		return err
	}
	c.mu.Lock()
	c.announced = s
	c.mu.Unlock()
	c.adopt(s)
	c.server.cfg.Logger.Info("publisher", "session", s.id[:8], "path", s.path, "remote", c.remote, "tracks", len(desc.Media))
	return nil
}

// announced reads the description that an ANNOUNCE carries.
func announced(r *rtsp.Request) (*sdp.Session, error) {
	if rtsp.MediaType(r.Header.Get("Content-Type")) != "application/sdp" {
		return nil, statusError(rtsp.StatusUnsupportedMediaType)
	}
	desc, err := sdp.Parse(r.Body)
	if err != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusBadRequest, Err: err}
	}
	if len(desc.Media) > timeline.MaxTracks {
		return nil, &rtsp.StatusError{Code: rtsp.StatusBadRequest, Text: "Too Many Media"}
	}
	return desc, nil
}

// announcement is the session of this connection's last ANNOUNCE.
func (c *Conn) announcement() *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.announced
}

func (s *Session) current() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// announces tells whether a SETUP without a Session header is one of this announcement's.
func (s *Session) announces(x *exchange) bool {
	return x.name.path == s.path || strings.HasPrefix(x.name.path, s.path+"/")
}

// reannounce replaces the description of a publisher that is at it already (ANN-08): parameters of the
// same tracks may change.
func (s *Session) reannounce(desc *sdp.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.next(rtsp.MethodAnnounce); err != nil {
		return err
	}
	if len(desc.Media) != len(s.transports) {
		return methodNotValid(s)
	}
	return s.publisher.redescribe(desc)
}
