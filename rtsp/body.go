package rtsp

import (
	"fmt"
)

// readBody reads the body that the Content-Length announces; none means no body (RFC 2326 §12.14). Framing hangs on that
// number, so every defect of it ends the connection.
func (r *Reader) readBody(f *fields) ([]byte, error) {
	if f.lengthErr != nil {
		return nil, r.lose(StatusBadRequest, f.cseq, f.lengthErr)
	}
	if f.length > int64(r.limits.Body) {
		return nil, r.lose(StatusRequestEntityTooLarge, f.cseq, fmt.Errorf("body of %d bytes", f.length))
	}
	if f.length == 0 {
		return nil, nil
	}
	body, err := r.takeBody(int(f.length))
	if err != nil {
		r.err = truncated(err) // the header is gone: this message can not be read again
		return nil, r.err
	}
	return body, nil
}

// takeBody reads n bytes. Memory grows with what really comes, not with what was promised.
func (r *Reader) takeBody(n int) ([]byte, error) {
	if r.lateLF {
		if err := r.win.fill(1); err != nil {
			return nil, err
		}
		if r.win.bytes()[0] == '\n' {
			r.win.skip(1)
		}
		r.lateLF = false
	}
	have := min(n, r.win.len())
	body := make([]byte, have, min(n, max(have, firstWindow)))
	copy(body, r.win.bytes())
	r.win.skip(have)
	for len(body) < n {
		if len(body) == cap(body) {
			grown := make([]byte, len(body), min(n, 2*cap(body)))
			copy(grown, body)
			body = grown
		}
		if err := r.win.fill(1); err != nil {
			return nil, err
		}
		k := copy(body[len(body):cap(body)], r.win.bytes())
		body = body[:len(body)+k]
		r.win.skip(k)
	}
	return body, nil
}
