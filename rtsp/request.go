package rtsp

// A Request is one request, from either side (RFC 2326 §6).
type Request struct {
	Method Method
	URI    string // as sent: absolute, "*", or an absolute path; see ParseURL
	Proto  string // "RTSP/1.0"; when empty that is what Append writes
	Header Header
	Body   []byte
}

// Append appends the request in wire form: CRLF line ends, no folded lines, and a Content-Length if and only if there is a
// body (one in Header is left out). Control bytes that could break a line become blanks, in the URI percent escapes.
func (r *Request) Append(b []byte) []byte {
	b = appendClean(b, string(r.Method))
	b = append(b, ' ')
	b = appendURI(b, r.URI)
	b = append(b, ' ')
	b = appendProto(b, r.Proto)
	b = append(b, '\r', '\n')
	return appendRest(b, r.Header, r.Body)
}
