package rtspserver

import (
	"context"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// play answers PLAY (RFC 2326 §10.5): begin, seek, or go on.
func (c *Conn) play(x *exchange) error {
	s, err := x.needSession()
	if err != nil {
		return err
	}
	p, err := playRequest(x.req.Header)
	if err != nil {
		return err
	}
	err = s.ahead(x, rtsp.MethodPlay, func(ctx context.Context, r Remote, scope uint64) error { return r.PreparePlay(ctx, scope, p) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.next(rtsp.MethodPlay)
	if err != nil {
		return err
	}
	scope, err := s.scope(x.name)
	if err != nil {
		return err
	}
	result, run, err := s.reader.play(scope, p)
	if err != nil {
		return err
	}
	s.state = next
	s.controlled(c)
	h := &x.resp.Header
	h.Set("Range", result.Range.String())
	if p.Scale != 0 {
		h.Set("Scale", rtsp.FormatScale(result.Scale))
	}
	if p.Speed != 0 || p.Scale != 0 { // GStreamer plays what goes backward only when it is told both
		h.Set("Speed", rtsp.FormatScale(result.Speed))
	}
	if p.SeekStyle != "" && result.SeekStyle != "" {
		h.Set("Seek-Style", string(result.SeekStyle))
	}
	addList(h, "RTP-Info", ",", s.rtpInfo(result, scope))
	s.cast(scope, true)
	x.after = func() { s.reader.start(run) } // media follows the response (FRM-08)
	return nil
}

// cast has the tracks that are multicast sent, as far as this session is concerned. The session is locked.
func (s *Session) cast(scope uint64, on bool) {
	for i, t := range s.transports {
		if t != nil && t.caster != nil && scope>>i&1 == 1 {
			s.server.cast(t.caster, t, on)
		}
	}
}

// casts tells whether some track is multicast. The session is locked.
func (s *Session) casts() bool {
	return slices.ContainsFunc(s.transports, func(t *transport) bool { return t != nil && t.caster != nil })
}

// playRequest reads what PLAY asks for.
func playRequest(h rtsp.Header) (*PlayRequest, error) {
	r, err := rangeOf(h)
	if err != nil {
		return nil, err
	}
	p := &PlayRequest{Range: r, Queue: !strings.EqualFold(h.Get("Immediate"), "yes")}
	if v := h.Get("Scale"); v != "" {
		scale, err := rtsp.ParseScale(v)
		if err != nil {
			return nil, err
		}
		p.Scale = scale
	}
	if v := h.Get("Speed"); v != "" {
		low, _, err := rtsp.ParseSpeed(v)
		if err != nil {
			return nil, err
		}
		p.Speed = low
	}
	p.SeekStyle = seekStyle(h.Get("Seek-Style"))
	return p, nil
}

// seekStyle reads Seek-Style; what is not known is as if it was not asked for.
func seekStyle(v string) SeekStyle {
	for _, known := range []SeekStyle{SeekRAP, SeekCoRAP, SeekFirstPrior, SeekNext} {
		if strings.EqualFold(v, string(known)) {
			return known
		}
	}
	return ""
}

// rangeOf reads the Range header, nil when there is none.
func rangeOf(h rtsp.Header) (*rtsp.Range, error) {
	v := h.Get("Range")
	if v == "" {
		return nil, nil
	}
	r, err := rtsp.ParseRange(v)
	return &r, err
}

// rtpInfo lists where the tracks begin, in the order of their media sections (RTI-03). A track of which
// that is not known is left out rather than guessed (RTI-04).
func (s *Session) rtpInfo(result *PlayResult, scope uint64) []string {
	var list []string
	for _, start := range result.Tracks {
		if t := s.transports[start.Track]; t != nil && scope>>start.Track&1 == 1 {
			info := rtsp.RTPInfo{URL: t.uri, Seq: start.Seq, RTPTime: start.RTPTime, HasSeq: true, HasRTPTime: true}
			list = append(list, rtsp.FormatRTPInfo([]rtsp.RTPInfo{info}))
		}
	}
	return list
}

// finished is the end of the range: the session is Ready for another PLAY (STA-12), unless one has come
// since.
func (s *Session) finished(run uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.state != Playing {
		return
	}
	stopped := false
	s.reader.do(func() { stopped = s.reader.run == run && !s.reader.playing && !s.reader.held })
	if stopped {
		s.state = Ready
	}
}
