package rtspserver

import (
	"errors"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// setup answers SETUP (RFC 2326 §10.4): a transport for one track, in a new session or in the one that
// is named.
func (c *Conn) setup(x *exchange) error {
	specs, err := rtsp.ParseTransports(x.req.Header.Values("Transport"))
	if err != nil {
		return err
	}
	if len(specs) == 0 {
		return statusError(rtsp.StatusUnsupportedTransport)
	}
	if x.req.Header.Has("Conference") { // RFC 2326 §12.9: there are none here
		return statusError(rtsp.StatusConferenceNotFound)
	}
	s, fresh, err := c.setupSession(x, specs)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if fresh { // still: whatever went wrong, nothing is left, after a panic either
			s.endLocked(errTeardown)
		}
	}()
	if fresh {
		if err := s.describe(); err != nil {
			return err
		}
	}
	if err := s.setupAhead(x); err != nil {
		return err
	}
	t, err := s.setup(x, specs)
	if err != nil {
		return err
	}
	if fresh {
		if err := x.admit(s); err != nil {
			return err
		}
		fresh = false
		c.server.cfg.Logger.Info("session", "session", s.id[:8], "path", s.path, "remote", c.remote, "transport", t.spec.Lower.String())
	}
	s.controlled(c)
	x.resp.Header.Set("Session", rtsp.FormatSession(s.id, c.server.cfg.SessionTimeout))
	x.resp.Header.Set("Transport", t.spec.String())
	x.resp.Header.Set("Date", rtsp.FormatDate(time.Now()))
	return nil
}

// setupSession finds the session that a SETUP belongs to: the one it names, that of the connection's
// ANNOUNCE (ANN-02), or a new one of a reader.
func (c *Conn) setupSession(x *exchange, specs []rtsp.Transport) (s *Session, fresh bool, err error) {
	if x.session != nil {
		return x.session, false, nil
	}
	if s := c.announcement(); s != nil && s.announces(x) {
		return s, false, nil
	}
	if wants(specs, "RECORD") { // nothing was announced: this resource is for playing (TRN-21)
		return nil, false, methodNotAllowed(reads, Init)
	}
	p, playback, err := x.playback()
	if err != nil {
		return nil, false, err
	}
	s = c.server.newSession(c, reads, x.name, x.who)
	s.presentation, s.reader = p, newReader(s, playback)
	s.remote, _ = playback.(Remote)
	return s, true, nil
}

// playback opens what the request names. What has ended in this very moment is asked for again: a source that runs while somebody
// watches begins anew.
func (x *exchange) playback() (p Presentation, playback Playback, err error) {
	for range 2 {
		if p, err = x.open(); err != nil {
			return nil, nil, err
		}
		if playback, err = p.Open(); !errors.Is(err, ErrEnded) {
			break
		}
	}
	return p, playback, err
}

// describe gives a new session the tracks of its playback. The session is locked.
func (s *Session) describe() error {
	s.transports = make([]*transport, tracksOf(s.reader.playback, s.presentation))
	return s.reader.attach(len(s.transports))
}

// tracksOf is how many tracks a playback has. That of a live presentation is of what was described when it was
// opened: by now that may be something else, which it tells when it is played.
func tracksOf(p Playback, of Presentation) int {
	if live, ok := p.(*livePlayback); ok {
		return live.tl.Tracks()
	}
	return len(of.Describe().SDP.Media)
}

func methodNotAllowed(r role, s State) error {
	err := &rtsp.StatusError{Code: rtsp.StatusMethodNotAllowed}
	err.Header.Set("Allow", allowIn(r, s))
	return err
}

// wants tells whether a proposal names a mode; none means PLAY to a reader and RECORD to a publisher (ANN-04).
func wants(specs []rtsp.Transport, mode string) bool {
	return slices.ContainsFunc(specs, func(t rtsp.Transport) bool { return slices.Contains(t.Mode, mode) })
}

// setup settles the transport of one track. The session is locked.
func (s *Session) setup(x *exchange, specs []rtsp.Transport) (*transport, error) {
	next, err := s.next(rtsp.MethodSetup)
	if err != nil {
		return nil, err
	}
	if s.role == reads && wants(specs, "RECORD") || s.role == publishes && wants(specs, "PLAY") {
		return nil, methodNotAllowed(s.role, s.state)
	}
	track, err := s.trackOf(x)
	if err != nil {
		return nil, err
	}
	t, err := x.conn.settle(s, track, specs)
	if err != nil {
		return nil, err
	}
	t.uri = x.controlURL()
	if s.role == reads {
		ssrc, err := s.reader.set(track, t, s.state == Playing)
		if err != nil {
			t.free()
			return nil, err
		}
		if t.caster == nil { // the parameter is for unicast only (TRN-14)
			t.spec.SSRC = []uint32{ssrc}
		}
	}
	if s.transports[track] != nil { // the new transport takes its place (TRN-26)
		s.free(track)
	}
	s.transports[track] = t
	s.order = append(s.order, track)
	s.state = next
	return t, nil
}

func methodNotValid(s *Session) error {
	err := &rtsp.StatusError{Code: rtsp.StatusMethodNotValidInThisState}
	err.Header.Set("Allow", allowIn(s.role, s.state))
	return err
}

// trackOf finds which track a SETUP is for. The aggregate URL will do only where there is one track
// (URL-06, ERR-459).
func (s *Session) trackOf(x *exchange) (int, error) {
	if s.role == publishes {
		return s.publisher.trackOf(x)
	}
	if x.name.path != s.path {
		return 0, statusError(rtsp.StatusAggregateOperationNotAllowed)
	}
	switch {
	case !x.name.named && len(s.transports) == 1:
		return 0, nil
	case !x.name.named:
		return 0, statusError(rtsp.StatusAggregateOperationNotAllowed)
	case x.name.track >= len(s.transports):
		return 0, statusError(rtsp.StatusNotFound)
	}
	return x.name.track, nil
}
