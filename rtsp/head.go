package rtsp

import (
	"bytes"
	"errors"
	"strings"
)

// scanHead finds the blank line that ends the message at the front of the window and returns the size of what comes before
// it, with the number of lines therein. CRLF, LF and CR each end a line (RFC 2326 §4). It never waits for the LF of a
// CRLF: a bare CR ends its line the moment it comes.
func (r *Reader) scanHead() (size, lines int, err error) {
	limit := r.limits.Line + r.limits.HeaderBlock
	start := 0 // of the current line
	for pos := 0; ; pos++ {
		if pos, err = r.seekControl(pos, limit); err != nil {
			return 0, 0, err
		}
		b := r.win.bytes()
		switch {
		case pos == limit:
			return 0, 0, r.oversize(limit, lines)
		case b[pos] != '\r' && b[pos] != '\n':
		case b[pos] == '\n' && pos == start && pos > 0 && b[pos-1] == '\r':
			start++ // the second half of CRLF
		case pos == start:
			return pos, lines, nil
		default:
			if lines == 0 && !plausibleStart(b[:pos]) {
				return 0, 0, r.lose(StatusBadRequest, "", &SyntaxError{Field: "start line", Value: string(b[:pos])})
			}
			lines++
			start = pos + 1
		}
	}
}

// seekControl returns the offset, from pos on, of the first byte that may be a line end, reading as needed but never past
// limit; limit itself when there is none before it.
func (r *Reader) seekControl(pos, limit int) (int, error) {
	for {
		b := r.win.bytes()
		end := min(len(b), limit)
		for pos < end && b[pos] > '\r' {
			pos++
		}
		if pos < end || pos == limit {
			return pos, nil
		}
		if err := r.win.fill(pos + 1); err != nil {
			return 0, truncated(err)
		}
	}
}

// oversize is the end of a connection whose peer sends a header block without end.
func (r *Reader) oversize(size, lines int) error {
	if lines == 0 {
		return r.lose(StatusRequestURITooLong, "", errors.New("start line too long"))
	}
	_, rest := cutLine(string(r.win.bytes()[:size]))
	f := parseFields(rest, 0, Limits{HeaderLine: r.limits.HeaderLine})
	return r.lose(StatusBadRequest, f.cseq, errors.New("header block too long"))
}

// plausibleStart tells a line that begins a message, however wrong, from one that shows that framing is lost: an SDP that was
// sent without Content-Length, another protocol, noise.
func plausibleStart(line []byte) bool {
	if bytes.HasPrefix(line, []byte("RTSP/")) {
		return true
	}
	method := 0
	for method < len(line) && isTokenByte(line[method]) {
		method++
	}
	rest := line[method:]
	return method > 0 && len(rest) > 0 && isBlank(rest[0]) && len(bytes.Trim(rest, " \t")) > 0
}

// skipHead consumes the head of the given size and the line end of the blank line behind it.
func (r *Reader) skipHead(size int) {
	b := r.win.bytes()
	bareCR := size > 0 && b[size-1] == '\r' // this peer ends its lines so: an LF that follows is not part of the line end
	n := size + 1
	r.lateLF = false
	if b[size] == '\r' && !bareCR {
		r.lateLF = n == len(b)
		if n < len(b) && b[n] == '\n' {
			n++
		}
	}
	r.win.skip(n)
}

// cutLine splits s behind its first line end.
func cutLine(s string) (line, rest string) {
	i := 0
	for i < len(s) && s[i] != '\r' && s[i] != '\n' {
		i++
	}
	if i == len(s) {
		return s, ""
	}
	if strings.HasPrefix(s[i:], "\r\n") {
		return s[:i], s[i+2:]
	}
	return s[:i], s[i+1:]
}

// cutBlank splits s at its first blank and drops the blanks behind it.
func cutBlank(s string) (word, rest string, found bool) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, "", false
	}
	return s[:i], trim(s[i:]), true
}
