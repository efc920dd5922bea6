package rtsp

import "strconv"

// A Response is one response, from either side (RFC 2326 §7).
type Response struct {
	Proto  string // "RTSP/1.0"; when empty that is what Append writes
	Status StatusCode
	Reason string // the reason phrase; may be empty, then Append writes Status.Text()
	Header Header
	Body   []byte // never emitted with 1xx, 204 and 304, which have none
}

// Append appends the response in wire form: CRLF line ends, no folded lines, and a Content-Length if and only if there is a
// body (one in Header is left out). Control bytes that could break a line become blanks.
func (r *Response) Append(b []byte) []byte {
	b = appendProto(b, r.Proto)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, ' ')
	reason := r.Reason
	if reason == "" {
		reason = r.Status.Text()
	}
	b = appendClean(b, reason)
	b = append(b, '\r', '\n')
	body := r.Body
	if r.Status.bodyless() {
		body = nil
	}
	return appendRest(b, r.Header, body)
}
