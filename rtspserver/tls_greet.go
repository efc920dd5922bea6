package rtspserver

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// tlsHandshake is the first byte of a connection that speaks TLS (RFC 8446 §5.1); no request begins with it.
const tlsHandshake = 22

// errWrongPort ends a connection of a peer that has been told where to go.
var errWrongPort = errors.New("TLS and clear text mixed up")

// Secure tells whether all that goes over the connection is sealed by TLS.
func (c *Conn) Secure() bool { return c.secure }

// isSecure finds TLS, below a WebSocket as well.
func isSecure(nc net.Conn) bool {
	if ws, ok := nc.(*webSocketConn); ok {
		nc = ws.Conn
	}
	_, ok := nc.(interface{ ConnectionState() tls.ConnectionState })
	return ok
}

// greet finds out by the first byte whether the peer speaks TLS, and makes the handshake. Where that is not what this port is
// for, the peer is told which is (KEY-04).
func (c *Conn) greet() error {
	c.await()
	tc, ok := c.nc.(*tls.Conn)
	if !ok {
		return c.greetClear()
	}
	if link := cipherOf(tc); link != nil {
		first, err := link.peek()
		if err != nil {
			return err
		}
		if first != tlsHandshake {
			return c.toSecure(link)
		}
	}
	c.setDeadline(c.server.cfg.RequestTimeout)
	if err := tc.Handshake(); err != nil {
		return fmt.Errorf("%w: %w", errHandshake, err)
	}
	return nil
}

// errHandshake marks the errors of handshakes.
var errHandshake = errors.New("handshake")

// greetClear is greet on a port without TLS.
func (c *Conn) greetClear() error {
	if _, ok := c.nc.(*webSocketConn); ok {
		return nil
	}
	if err := c.reader.Wait(); err != nil {
		return err
	}
	if !c.reader.Begins(tlsHandshake) {
		return nil
	}
	c.setDeadline(c.server.cfg.RequestTimeout)
	ln := c.server.tlsListener()
	if ln == nil {
		const alert, fatal, handshakeFailure = 21, 2, 40 // RFC 8446 §6
		c.out.Message([]byte{alert, 3, 1, 0, 2, fatal, handshakeFailure})
		c.drain()
		return fmt.Errorf("%w: this server has no TLS", errWrongPort)
	}
	tc := tls.Server(&cipherConn{Conn: c.nc, ahead: c.reader.Detach(), out: c.out}, ln.cfg)
	if err := tc.Handshake(); err != nil {
		return fmt.Errorf("%w: %w", errHandshake, err)
	}
	defer c.drain()
	defer tc.CloseWrite()
	return c.sendElsewhere(tc, func(u *rtsp.URL) string {
		return net.JoinHostPort(u.Hostname(), strconv.Itoa(int(addrPort(ln.Addr()).Port())))
	})
}

// toSecure is for a peer that speaks RTSP in the clear on the port of TLS.
func (c *Conn) toSecure(link *cipherConn) error {
	c.setDeadline(c.server.cfg.RequestTimeout)
	link.begun = true
	link.SetWriteDeadline(time.Now().Add(farewell)) // where nothing is bound the answer waits for the peer
	defer c.drain()
	return c.sendElsewhere(link, func(u *rtsp.URL) string {
		if _, _, err := net.SplitHostPort(u.Host); err == nil {
			return u.Host // it may be another port out there
		}
		return net.JoinHostPort(u.Hostname(), strconv.Itoa(int(c.local.Port())))
	})
}

// sendElsewhere answers the first request with its own URL, over TLS and at another host:port. What is no request is refused as it is on the
// right port, and no part of it becomes an error, which would be logged: it can hold a password.
func (c *Conn) sendElsewhere(peer io.ReadWriter, host func(u *rtsp.URL) string) error {
	reader := rtsp.NewReader(peer, &c.server.strangers)
	_, err := reader.Next()
	var bad *rtsp.MessageError
	var resp *rtsp.Response
	switch {
	case errors.As(err, &bad):
		resp = answerTo(bad)
	case err != nil:
		return err
	case reader.Request() == nil:
		return errWrongPort
	default:
		resp = c.exchange(reader.Request()).resp
		resp.Status = rtsp.StatusMovedPermanently
		resp.Header.Set("Location", c.elsewhere(reader.Request().URI, host))
	}
	resp.Header.Set("Connection", "close")
	resp.Header.Set("Server", c.server.cfg.Name)
	if _, err := peer.Write(resp.Append(nil)); err != nil {
		return err
	}
	return errWrongPort
}

// elsewhere is the URL of a request, over TLS and at another host:port.
func (c *Conn) elsewhere(uri string, host func(u *rtsp.URL) string) string {
	u, err := rtsp.ParseURL(uri)
	if err != nil { // OPTIONS *
		u = &rtsp.URL{}
	}
	if u.Host == "" {
		u.Host = c.local.String()
	}
	location := "rtsps://" + host(u) + cmp.Or(u.RawPath, "/")
	if u.RawQuery != "" {
		location += "?" + u.RawQuery
	}
	return location
}

// tlsListener is one that is being served, nil when there is none.
func (s *Server) tlsListener() *tlsListener {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ln := range s.listeners {
		if t, ok := ln.(*tlsListener); ok {
			return t
		}
	}
	return nil
}

// scheme is that of URLs by which the connection can be made.
func (c *Conn) scheme() string {
	if c.secure {
		return "rtsps"
	}
	return "rtsp"
}
