package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
)

// A door is where readers come in, and what they know.
type door struct {
	url       string      // with user and password, if they are to log in: rtsp, rtsps, ws or wss
	webSocket string      // the http URL of RTSP over WebSocket, through which they come then; "": none
	tls       *tls.Config // how the server is verified; nil: not at all
	basic     bool        // the password may be sent in clear text
}

// open connects, and tells what requests name.
func (d *door) open(ctx context.Context) (c *conn, requests string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	u, requests, err := d.place()
	if err != nil {
		return nil, "", err
	}
	sealed := u.Scheme == "rtsps" || u.Scheme == "wss"
	login := reach.Credentials{User: u.User, Password: u.Password, Clear: d.basic || sealed}
	var nc net.Conn
	switch {
	case d.webSocket != "":
		nc, err = dialWebSocket(ctx, d.webSocket)
	case reach.IsWeb(d.url):
		nc, err = d.web(ctx, u, login)
	default:
		nc, err = d.dial(ctx, u)
	}
	if err != nil {
		return nil, "", err
	}
	return &conn{Conn: nc, read: rtsp.NewReader(nc, nil), login: login}, requests, nil
}

// place is what the URL says.
func (d *door) place() (u *rtsp.URL, requests string, err error) {
	if !reach.IsWeb(d.url) {
		u, err = rtsp.ParseURL(d.url)
		return u, rtsp.WithoutUser(d.url), err
	}
	if u, err = reach.ParseWeb(d.url); err != nil {
		return nil, "", err
	}
	return u, reach.Inside(u), nil
}

// dial connects, and makes the handshake of TLS where the URL says so.
func (d *door) dial(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
	var from net.Dialer
	nc, err := from.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), strconv.Itoa(int(u.Port()))))
	if err != nil || u.Scheme != "rtsps" && u.Scheme != "wss" {
		return nc, err
	}
	return seal(ctx, nc, u.Hostname(), d.tls)
}

// web connects through a WebSocket, also where its handshake asks who it is that comes (WSK-06).
func (d *door) web(ctx context.Context, u *rtsp.URL, login reach.Credentials) (net.Conn, error) {
	page := u.RawPath
	if page == "" {
		page = "/"
	}
	if u.RawQuery != "" {
		page += "?" + u.RawQuery
	}
	for tries := 0; ; tries++ {
		nc, err := d.dial(ctx, u)
		if err != nil {
			return nil, err
		}
		w, answer, err := openWebSocket(ctx, nc, u.Host, page, login.Authorize(http.MethodGet, page))
		if err == nil {
			return w, nil
		}
		nc.Close()
		if answer == nil || answer.StatusCode != http.StatusUnauthorized {
			return nil, err
		}
		refused := &rtsp.StatusError{Code: rtsp.StatusUnauthorized, Err: err}
		again, err := login.Again(rtsp.ParseChallenges(answer.Header.Values("WWW-Authenticate")), tries)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, refused)
		}
		if !again {
			return nil, refused
		}
	}
}
