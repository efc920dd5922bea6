package rtspserver

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxClearHead bounds the head of a request that comes in the clear where HTTPS is spoken, in bytes.
const maxClearHead = 8 << 10

// begin looks at the first byte before TLS does. A browser that was not told of TLS is sent to the same page by HTTPS: it asks again by
// itself, and never remembers, since there may be no TLS another day. All others hear why nothing comes.
func (c *cipherConn) begin() error {
	c.begun = true
	first, err := c.peek()
	if err != nil || first == tlsHandshake {
		return err
	}
	if first < 'A' || first > 'Z' { // no method of anything
		return errWrongPort
	}
	text := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis port speaks TLS: https, not http.\n"
	req, err := http.ReadRequest(bufio.NewReader(io.LimitReader(c, maxClearHead)))
	if err == nil && req.Host != "" && (req.Method == http.MethodGet || req.Method == http.MethodHead) {
		to := url.URL{Scheme: "https", Host: req.Host, Path: req.URL.Path, RawPath: req.URL.RawPath, RawQuery: req.URL.RawQuery}
		text = fmt.Sprintf("HTTP/1.1 307 Temporary Redirect\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to.String())
	}
	if _, err := io.WriteString(c.Conn, text); err != nil {
		return err
	}
	return errWrongPort
}
