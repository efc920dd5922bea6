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

	"github.com/baton-rtsp/baton/rtsp"
)

// webProtocol is the sub-protocol of ONVIF (Streaming Specification §5.1.1.5): binary messages, whose payloads are one stream.
const webProtocol = "rtsp.onvif.org"

// maxWebHeader bounds the answer to the handshake, in bytes.
const maxWebHeader = 16 << 10

var errWeb = errors.New("rtspclient: over WebSocket media is interleaved")

// isWeb tells whether RTSP to a URL goes over WebSocket.
func isWeb(url string) bool {
	scheme, _, _ := strings.Cut(url, "://")
	return strings.EqualFold(scheme, "ws") || strings.EqualFold(scheme, "wss")
}

// place is what a URL says: where to connect, and what requests name.
func (c *Config) place(url string) (u *rtsp.URL, requests string, err error) {
	if !isWeb(url) {
		u, err = rtsp.ParseURL(url)
		return u, rtsp.WithoutUser(repaired(url, url)), err
	}
	if u, err = parseWeb(url); err != nil {
		return nil, "", err
	}
	if c.RequestURL != "" {
		_, err = rtsp.ParseURL(c.RequestURL)
		return u, rtsp.WithoutUser(c.RequestURL), err
	}
	plain := *u
	plain.Scheme = "rtsp"
	return u, plain.String(), nil
}

// parseWeb reads a URL of WebSocket. The port is always in its Host: RTSP's defaults are others.
func parseWeb(url string) (*rtsp.URL, error) {
	scheme, rest, _ := strings.Cut(url, "://")
	scheme = strings.ToLower(scheme)
	u, err := rtsp.ParseURL("rtsp://" + rest)
	if err != nil {
		return nil, err
	}
	u.Scheme = scheme
	authority, _, _ := strings.Cut(u.Host, "@")
	if tail := authority[strings.LastIndexByte(authority, ']')+1:]; !strings.Contains(tail, ":") {
		u.Host = strings.TrimSuffix(authority, ":") + map[string]string{"ws": ":80", "wss": ":443"}[scheme]
	}
	return u, nil
}

// connect opens the connection to a URL.
func (c *Config) connect(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
	nc, err := c.Dial(ctx, u)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" {
		return nc, err
	}
	web, err := openWeb(ctx, u, nc)
	if err != nil {
		nc.Close()
		return nil, err
	}
	return web, nil
}

// openWeb makes the handshake (RFC 6455 §4.1) on a connection. Credentials are for RTSP, behind it.
func openWeb(ctx context.Context, u *rtsp.URL, nc net.Conn) (net.Conn, error) {
	taken := false
	once := func(context.Context, string, string) (net.Conn, error) {
		if taken {
			return nil, errors.New("rtspclient: one connection, one handshake")
		}
		taken = true
		return nc, nil
	}
	client := &http.Client{
		Transport:     &http.Transport{DialContext: once, DialTLSContext: once, MaxResponseHeaderBytes: maxWebHeader},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	page := neturl.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	ws, _, err := websocket.Dial(ctx, page.String(), &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{webProtocol}})
	if err != nil {
		return nil, fmt.Errorf("rtspclient: %w", err)
	}
	return &webConn{Conn: websocket.NetConn(context.Background(), ws, websocket.MessageBinary), ws: ws, nc: nc}, nil
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
