package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
)

// patience is how long a server may take to answer.
const patience = 10 * time.Second

// A conn is a connection on which one request at a time is made.
type conn struct {
	net.Conn
	read    *rtsp.Reader
	login   reach.Credentials // of nobody, if there are none
	cseq    int
	session string
}

// dial connects to the server of a URL.
func dial(ctx context.Context, url string) (*conn, error) { return dialFrom(ctx, url, nil) }

// dialFrom connects from an address of this machine, nil for any.
func dialFrom(ctx context.Context, url string, from net.IP) (*conn, error) {
	u, err := rtsp.ParseURL(url)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: patience}
	if from != nil {
		d.LocalAddr = &net.TCPAddr{IP: from}
	}
	nc, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), strconv.Itoa(int(u.Port()))))
	if err != nil {
		return nil, err
	}
	if u.Scheme == "rtsps" {
		if nc, err = seal(ctx, nc, u.Hostname(), nil); err != nil {
			return nil, err
		}
	}
	return &conn{Conn: nc, read: rtsp.NewReader(nc, nil)}, nil
}

// seal makes the handshake of TLS. Without a configuration it is made with whoever the server is: its load is measured, and nothing
// told to it. Where both sides have AES in hardware they agree on AES-128-GCM.
func seal(ctx context.Context, nc net.Conn, host string, cfg *tls.Config) (*tls.Conn, error) {
	if cfg == nil {
		cfg = &tls.Config{InsecureSkipVerify: true}
	}
	cfg = cfg.Clone()
	cfg.ServerName = host
	cfg.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	tc := tls.Client(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return tc, nil
}

// do makes a request, and makes it again when the server asks who it is from and that is known. Frames that come before the response
// are given to frame, if it is not nil. A response that is no success is a *[rtsp.StatusError] too.
func (c *conn) do(method rtsp.Method, url string, header rtsp.Header, body string, frame func(channel uint8, b []byte)) (*rtsp.Response, error) {
	for tries := 0; ; tries++ {
		h := header
		if a := c.login.Authorize(method, url); a != "" {
			h = append(h[:len(h):len(h)], rtsp.Field{Name: "Authorization", Value: a})
		}
		resp, err := c.once(method, url, h, body, frame)
		if resp == nil || resp.Status != rtsp.StatusUnauthorized {
			return resp, err
		}
		again, no := c.login.Again(rtsp.ParseChallenges(resp.Header.Values("WWW-Authenticate")), tries)
		if no != nil {
			return resp, fmt.Errorf("%w: %w", no, err)
		}
		if !again {
			return resp, err
		}
	}
}

// once is do for one try.
func (c *conn) once(method rtsp.Method, url string, header rtsp.Header, body string, frame func(channel uint8, b []byte)) (*rtsp.Response, error) {
	c.cseq++
	req := rtsp.Request{Method: method, URI: url, Header: header, Body: []byte(body)}
	req.Header.Set("CSeq", strconv.Itoa(c.cseq))
	if c.session != "" {
		req.Header.Set("Session", c.session)
	}
	c.SetDeadline(time.Now().Add(patience))
	defer c.SetDeadline(time.Time{})
	if _, err := c.Write(req.Append(nil)); err != nil {
		return nil, err
	}
	for {
		kind, err := c.read.Next()
		if err != nil {
			return nil, err
		}
		if kind == rtsp.KindFrame && frame != nil {
			frame(c.read.Frame())
		}
		if kind != rtsp.KindResponse {
			continue
		}
		resp := c.read.Response()
		if resp.Status != rtsp.StatusOK {
			return resp, &rtsp.StatusError{Code: resp.Status, Text: resp.Reason, Header: resp.Header, Err: fmt.Errorf("%s refused", method)}
		}
		if id, _, err := rtsp.ParseSession(resp.Header.Get("Session")); err == nil {
			c.session = id
		}
		return resp, nil
	}
}
