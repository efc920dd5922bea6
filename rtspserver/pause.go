package rtspserver

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// pause answers PAUSE (RFC 2326 §10.6). For live media the reader comes back at the live edge (STA-09).
func (c *Conn) pause(x *exchange) error {
	s, err := x.needSession()
	if err != nil {
		return err
	}
	point, err := rangeOf(x.req.Header)
	if err != nil {
		return err
	}
	err = s.ahead(x, rtsp.MethodPause, func(ctx context.Context, r Remote, scope uint64) error {
		if s.reader.without(scope) != 0 {
			return nil // the others play on
		}
		return r.PreparePause(ctx, point)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.next(rtsp.MethodPause)
	if err != nil {
		return err
	}
	scope, err := s.scope(x.name)
	if err != nil {
		return err
	}
	s.controlled(c)
	if s.role == publishes {
		s.publisher.pause()
		s.state = next
		return nil
	}
	if s.state == Ready {
		return nil
	}
	at, stopped, err := s.reader.pause(scope, point)
	if err != nil {
		return err
	}
	s.cast(scope, false)
	if stopped {
		s.state = next
		x.resp.Header.Set("Range", at.String())
	}
	return nil
}
