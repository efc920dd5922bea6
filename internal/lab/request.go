package lab

import (
	"bytes"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// maxRequest is the most bytes of a request.
	maxRequest = 2048
	// maxLines is how many lines a request has at most; a client that sends more means nothing with them.
	maxLines = 3
	// silence ends a request that has no blank line: nobody writes one byte after the other.
	silence = 50 * time.Millisecond
)

var errLong = errors.New("request is too long")

// methods are what a request begins with.
var methods = []string{"SETUP", "PLAY", "PAUSE", "TEARDOWN"}

// A request is what a client asks.
type request struct {
	method  string
	file    string // as named; empty if it was not
	cseq    int    // -1: none that makes sense
	session int    // -1: not named
	port    uint16 // of SETUP; 0: none
}

// A requests reads them from a connection. What has come and not been read yet is in buf[:n].
type requests struct {
	nc  net.Conn
	buf [maxRequest]byte
	n   int
}

// next waits for a request, for at most idle. It is over with a blank line, with its last line, where the next one begins, or
// with a silence: some clients send neither.
func (r *requests) next(idle time.Duration) (*request, error) {
	patience := idle
	for {
		r.skip()
		if text, size, whole := cut(r.buf[:r.n], false); whole {
			r.take(size)
			return parse(text), nil
		}
		if r.n == len(r.buf) {
			return nil, errLong
		}
		if patience = idle; r.n > 0 {
			patience = silence
		}
		r.nc.SetReadDeadline(time.Now().Add(patience))
		n, err := r.nc.Read(r.buf[r.n:])
		r.n += n
		if err != nil && n == 0 {
			if text, size, whole := cut(r.buf[:r.n], true); whole && errors.Is(err, os.ErrDeadlineExceeded) {
				r.take(size)
				return parse(text), nil
			}
			return nil, err
		}
	}
}

// skip drops what lies between requests: blank lines, and lines that nobody asked for.
func (r *requests) skip() {
	if len(bytes.TrimSpace(r.buf[:r.n])) == 0 {
		r.n = 0
	}
	for {
		line, rest, whole := bytes.Cut(r.buf[:r.n], []byte("\n"))
		if !whole || methodOf(line) != "" || len(bytes.TrimSpace(line)) > 0 && !isHeader(line) {
			return
		}
		r.take(r.n - len(rest))
	}
}

// isHeader tells whether a line is one of the middle of a request.
func isHeader(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	return found && !bytes.ContainsAny(bytes.TrimSpace(name), " \t")
}

func (r *requests) take(n int) { r.n = copy(r.buf[:], r.buf[n:r.n]) }

// cut finds the first request in b: its lines, its size, and whether it is whole. With over, nothing follows.
func cut(b []byte, over bool) (lines []string, size int, whole bool) {
	for rest := b; ; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		text := string(bytes.TrimSpace(line))
		switch {
		case len(lines) > 0 && methodOf(line) != "" && (ended || over):
			return lines, len(b) - len(rest), true // the next one
		case !ended && !over:
			return nil, 0, false
		case text == "" && len(lines) > 0:
			return lines, len(b) - len(after), true
		case text != "":
			lines = append(lines, text)
		}
		if rest = after; len(lines) == maxLines || !ended {
			return lines, len(b) - len(rest), len(lines) > 0
		}
	}
}

// methodOf is the method that a line begins with, if it is one.
func methodOf(line []byte) string {
	word, _, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	for _, m := range methods {
		if word == m {
			return m
		}
	}
	return ""
}

// parse reads the lines of a request, of either dialect.
func parse(lines []string) *request {
	r := &request{cseq: -1, session: -1}
	method, rest, _ := strings.Cut(lines[0], " ")
	r.method = method
	r.file = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "RTSP/1.0"))
	for i, line := range lines[1:] {
		name, value, named := strings.Cut(line, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "cseq":
			r.cseq = number(value)
		case "session":
			r.session = max(number(value), 0) // none is called 0
		case "transport":
			r.port = portOf(value)
		default:
			if i == 0 && !named {
				r.cseq = number(line)
			} else if !named {
				r.port = portOf(line)
			}
		}
	}
	return r
}

// number reads digits, with blanks around them; -1 if there is anything else.
func number(s string) int {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// portOf is the number at the end of a transport: "RTP/UDP; client_port= 25000" or "RTSP/1.0 RTP/UDP 25000". Of a pair of
// ports it is the first.
func portOf(transport string) uint16 {
	if _, after, found := strings.Cut(transport, "client_port"); found {
		transport = strings.TrimLeft(after, " \t=")
		transport, _, _ = strings.Cut(transport, ";")
		transport, _, _ = strings.Cut(transport, "-")
	}
	words := strings.Fields(transport)
	if len(words) == 0 {
		return 0
	}
	port, err := strconv.ParseUint(words[len(words)-1], 10, 16)
	if err != nil {
		return 0
	}
	return uint16(port)
}
