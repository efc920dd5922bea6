package rtsp

import (
	"strconv"
	"strings"
)

const defaultProto = "RTSP/1.0"

// appendRest appends what follows the start line of requests and responses alike.
func appendRest(b []byte, h Header, body []byte) []byte {
	for _, f := range h {
		if strings.EqualFold(f.Name, "Content-Length") {
			continue
		}
		b = appendClean(b, f.Name)
		b = append(b, ':', ' ')
		b = appendClean(b, f.Value)
		b = append(b, '\r', '\n')
	}
	if len(body) > 0 {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(body)), 10)
		b = append(b, '\r', '\n')
	}
	b = append(b, '\r', '\n')
	return append(b, body...)
}

func appendProto(b []byte, proto string) []byte {
	if proto == "" {
		proto = defaultProto
	}
	return appendClean(b, proto)
}

// appendClean appends s with CR, LF and NUL as blanks: text from a peer, echoed, must never begin a line of its own.
func appendClean(b []byte, s string) []byte {
	n := len(b)
	b = append(b, s...)
	for i := n; i < len(b); i++ {
		if c := b[i]; c == '\r' || c == '\n' || c == 0 {
			b[i] = ' '
		}
	}
	return b
}

// appendURI appends s with blanks and controls escaped, since a blank ends the URI for every peer but our own Reader.
func appendURI(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c == 0x7f {
			b = append(b, '%', hex[c>>4], hex[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}
