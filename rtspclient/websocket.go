package rtspclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	neturl "net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
)

// webProtocol is the sub-protocol of ONVIF (Streaming Specification §5.1.1.5): binary messages, whose payloads are one stream.
const webProtocol = "rtsp.onvif.org"

// maxWebHeader bounds the answer to the handshake, in bytes.
const maxWebHeader = 16 << 10

var errHandshake = errors.New("handshake of WebSocket refused")

var errWeb = errors.New("rtspclient: over WebSocket media is interleaved")

// place is what a URL says: where to connect, and what requests name.
func (c *Config) place(url string) (u *rtsp.URL, requests string, err error) {
	if !reach.IsWeb(url) {
		u, err = rtsp.ParseURL(url)
		return u, rtsp.WithoutUser(repaired(url, url)), err
	}
	if u, err = reach.ParseWeb(url); err != nil {
		return nil, "", err
	}
	if c.RequestURL != "" {
		_, err = rtsp.ParseURL(c.RequestURL)
		return u, rtsp.WithoutUser(c.RequestURL), err
	}
	return u, reach.Inside(u), nil
}

// connect opens the connection to a URL. A server that asks for credentials at the handshake of WebSocket (WSK-06) gets them over
// another connection, for many close the one; what RTSP asks for behind it is its own affair.
func (c *Config) connect(ctx context.Context, u *rtsp.URL, auth reach.Credentials) (net.Conn, error) {
	for tries := 0; ; tries++ {
		nc, err := c.Dial(ctx, u)
		if err != nil || u.Scheme != "ws" && u.Scheme != "wss" {
			return nc, err
		}
		page := &neturl.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
		web, answer, err := openWeb(ctx, page, nc, auth.Authorize(http.MethodGet, page.RequestURI()))
		if err == nil {
			return web, nil
		}
		nc.Close()
		if answer == nil || answer.StatusCode != http.StatusUnauthorized {
			return nil, noWeb(answer, err)
		}
		refused := &rtsp.StatusError{Code: rtsp.StatusUnauthorized, Err: errHandshake}
		again, err := auth.Again(rtsp.ParseChallenges(answer.Header.Values("WWW-Authenticate")), tries)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, refused)
		}
		if !again {
			return nil, refused
		}
	}
}

// noWeb is the error of a handshake that failed with an answer, if there was one, which does not ask for credentials.
func noWeb(answer *http.Response, err error) error {
	switch {
	case answer == nil && strings.Contains(err.Error(), "malformed HTTP"): // net/http has no other word for it
		return fmt.Errorf("%w: no HTTP is spoken there", ErrNoWebSocket)
	case answer == nil: // without the URL, whose query may be a secret
		if in := (*neturl.Error)(nil); errors.As(err, &in) {
			err = in.Err
		}
		return fmt.Errorf("rtspclient: handshake of WebSocket: %w", err)
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusServiceUnavailable:
		refused := &rtsp.StatusError{Code: rtsp.StatusCode(answer.StatusCode), Err: errHandshake}
		refused.Header.Set("Retry-After", answer.Header.Get("Retry-After"))
		return refused
	}
	what := answer.Status
	if to := answer.Header.Get("Location"); answer.StatusCode/100 == 3 && to != "" {
		what += ", to " + rtsp.Redacted(to)
	}
	return fmt.Errorf("%w: the handshake is answered with %s", ErrNoWebSocket, what)
}

// openWeb makes the handshake (RFC 6455 §4.1) on a connection, with the value of an Authorization header if there is one. The
// answer is that of a server which refuses, if it has come; [noWeb] says what it means.
func openWeb(ctx context.Context, page *neturl.URL, nc net.Conn, authorization string) (net.Conn, *http.Response, error) {
	taken := false
	once := func(context.Context, string, string) (net.Conn, error) {
		if taken {
			return nil, errors.New("rtspclient: one connection, one handshake")
		}
		taken = true
		return nc, nil
	}
	transport := &http.Transport{DialContext: once, DialTLSContext: once, MaxResponseHeaderBytes: maxWebHeader}
	defer transport.CloseIdleConnections() // of a server that has refused
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	options := &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{webProtocol}, HTTPHeader: http.Header{}}
	if authorization != "" {
		options.HTTPHeader.Set("Authorization", authorization)
	}
	ws, answer, err := websocket.Dial(ctx, page.String(), options)
	if err != nil {
		return nil, answer, err
	}
	return &webConn{Conn: websocket.NetConn(context.Background(), ws, websocket.MessageBinary), ws: ws, nc: nc}, nil, nil
}

// A webConn is a connection over WebSocket, which knows where it leads and ends within bounds.
type webConn struct {
	net.Conn
	ws   *websocket.Conn
	nc   net.Conn // below
	once sync.Once
}

// LocalAddr is the client's end of the connection below.
func (c *webConn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

// RemoteAddr is the server's end of the connection below.
func (c *webConn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Close says that it does (RFC 6455 §7.1.2), and does not wait long for the answer.
func (c *webConn) Close() error {
	var err error
	c.once.Do(func() {
		c.nc.SetDeadline(time.Now().Add(farewell))
		err = c.ws.Close(websocket.StatusNormalClosure, "")
		c.ws.CloseNow()
		c.Conn.Close() // its timers
	})
	return err
}
