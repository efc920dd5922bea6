package rtsp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// readMessage reads a request or response. What is wrong with it is told after it was consumed, so that the connection can
// go on wherever framing allows.
func (r *Reader) readMessage() (Kind, error) {
	if c := r.win.buf[r.win.r]; !isTokenByte(c) {
		return 0, r.lose(StatusBadRequest, "", &SyntaxError{Field: "start line", Value: string([]byte{c})})
	}
	size, lines, err := r.scanHead()
	if err != nil {
		return 0, err
	}
	head := string(r.win.bytes()[:size]) // the one copy: all names and values are parts of it
	r.skipHead(size)
	start, rest := cutLine(head)
	f := parseFields(rest, lines-1, r.limits)
	if strings.HasPrefix(start, "RTSP/") {
		return KindResponse, r.finishResponse(start, &f)
	}
	return KindRequest, r.finishRequest(start, &f)
}

func (r *Reader) finishRequest(start string, f *fields) error {
	req, status, err := parseRequestLine(start, r.limits.Line)
	if req != nil {
		req.Header = f.header
		if name, _, _ := strings.Cut(req.Proto, "/"); status != 0 && name != "RTSP" {
			return r.lose(status, f.cseq, err) // a page in a browser may have written it, and what follows
		}
	}
	body, bodyErr := r.readBody(f)
	if bodyErr != nil {
		return bodyErr
	}
	if req != nil {
		req.Body = body
		r.request = req
	}
	switch {
	case err != nil:
	case f.err != nil:
		status, err = StatusBadRequest, f.err
	case f.cseqErr != nil:
		status, err = StatusBadRequest, f.cseqErr
	case !f.sawCSeq:
		status, err = StatusBadRequest, errors.New("no CSeq")
	default:
		return nil
	}
	return &MessageError{Status: status, CSeq: f.cseq, Err: err}
}

func (r *Reader) finishResponse(start string, f *fields) error {
	res, err := parseStatusLine(start, r.limits.Line)
	if res != nil {
		res.Header = f.header
	}
	if res == nil || !res.Status.bodyless() {
		body, bodyErr := r.readBody(f)
		if bodyErr != nil {
			return bodyErr
		}
		if res != nil {
			res.Body = body
		}
	}
	r.response = res
	if err != nil {
		return &MessageError{Status: StatusBadRequest, CSeq: f.cseq, Err: err}
	}
	return nil
}

// lose remembers that framing is lost and returns the error to say so.
func (r *Reader) lose(status StatusCode, cseq string, cause error) error {
	r.err = &MessageError{Status: status, CSeq: cseq, Fatal: true, Err: cause}
	return r.err
}

// parseRequestLine parses "METHOD URI RTSP/1.0". The request comes back with an error too if only its version is refused.
// A URI may hold blanks: FFmpeg sends file names as the user typed them.
func parseRequestLine(line string, limit int) (*Request, StatusCode, error) {
	if len(line) > limit {
		return nil, StatusRequestURITooLong, &SyntaxError{Field: "request line", Value: line, Err: errors.New("too long")}
	}
	line = strings.TrimRight(line, " \t")
	method, rest, _ := cutBlank(line)
	end := strings.LastIndexAny(rest, " \t")
	if !isToken(method) || end < 0 {
		return nil, StatusBadRequest, &SyntaxError{Field: "request line", Value: line}
	}
	uri, proto := trim(rest[:end]), rest[end+1:]
	major, ok := parseProto(proto)
	if !ok || hasControl(uri) {
		return nil, StatusBadRequest, &SyntaxError{Field: "request line", Value: line}
	}
	req := &Request{Method: Method(method), URI: uri, Proto: proto}
	if major != 1 {
		return req, StatusVersionNotSupported, fmt.Errorf("version %q not supported", proto)
	}
	return req, 0, nil
}

// parseStatusLine parses "RTSP/1.0 200 OK"; the reason may be missing.
func parseStatusLine(line string, limit int) (*Response, error) {
	if len(line) > limit {
		return nil, &SyntaxError{Field: "status line", Value: line, Err: errors.New("too long")}
	}
	proto, rest, _ := cutBlank(line)
	digits, reason, _ := cutBlank(rest)
	code, err := strconv.Atoi(digits)
	if _, ok := parseProto(proto); !ok || err != nil || len(digits) != 3 || code < 100 {
		return nil, &SyntaxError{Field: "status line", Value: line}
	}
	reason = trim(strings.ReplaceAll(reason, "\x00", " ")) // as Append would emit it
	return &Response{Proto: proto, Status: StatusCode(code), Reason: reason}, nil
}

// parseProto parses "NAME/major.minor". The major version of anything but RTSP is 0. Leading zeros mean nothing.
func parseProto(s string) (major int, ok bool) {
	name, version, _ := strings.Cut(s, "/")
	high, low, _ := strings.Cut(version, ".")
	if !isToken(name) || !isDigits(high) || !isDigits(low) || len(high) > 8 || len(low) > 8 {
		return 0, false
	}
	if !strings.EqualFold(name, "RTSP") {
		return 0, true
	}
	major, _ = strconv.Atoi(high) // at most 8 digits
	return major, true
}

func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
