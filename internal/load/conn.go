package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// patience is how long a server may take to answer.
const patience = 10 * time.Second

// A conn is a connection on which one request at a time is made.
type conn struct {
	net.Conn
	read    *rtsp.Reader
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
		if nc, err = seal(ctx, nc); err != nil {
			return nil, err
		}
	}
	return &conn{Conn: nc, read: rtsp.NewReader(nc, nil)}, nil
}

// seal makes the handshake of TLS, whoever the server is: its load is measured, and nothing told to it. Where both sides have AES in
// hardware they agree on AES-128-GCM.
func seal(ctx context.Context, nc net.Conn) (*tls.Conn, error) {
	tc := tls.Client(nc, &tls.Config{InsecureSkipVerify: true, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}})
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return tc, nil
}

// dialOver connects through a WebSocket at an http URL, when there is one, else to the server of a URL.
func dialOver(ctx context.Context, url, webSocket string) (*conn, error) {
	if webSocket == "" {
		return dial(ctx, url)
	}
	w, err := dialWebSocket(ctx, webSocket)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: w, read: rtsp.NewReader(w, nil)}, nil
}

// do makes a request. Frames that come before the response are given to frame, if it is not nil.
func (c *conn) do(method rtsp.Method, url string, header rtsp.Header, body string, frame func(channel uint8, b []byte)) (*rtsp.Response, error) {
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
			return resp, fmt.Errorf("%s: %d %s", method, resp.Status, resp.Reason)
		}
		if id, _, err := rtsp.ParseSession(resp.Header.Get("Session")); err == nil {
			c.session = id
		}
		return resp, nil
	}
}
