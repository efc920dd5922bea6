package rtspserver

import "github.com/baton-rtsp/baton/rtsp"

// record answers RECORD (RFC 2326 §10.11): what the publisher sends from now on goes to its
// presentation. Tracks that were announced but not set up stay silent (ANN-05).
func (c *Conn) record(x *exchange) error {
	s, err := x.needSession()
	if err != nil {
		return err
	}
	at, err := rangeOf(x.req.Header)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.next(rtsp.MethodRecord)
	if err != nil {
		return err
	}
	s.state = next
	s.controlled(c)
	if at != nil {
		x.resp.Header.Set("Range", at.String())
	}
	s.publisher.start()
	return nil
}
