package rtspserver

import (
	"crypto/tls"
	"net"
	"time"
)

// NewTLSListener returns a listener whose connections speak TLS, 1.2 or newer, on top of those of ln. Give it to [Server.Serve]
// for RTSP over TLS (rtsps), or to an [net/http.Server] that serves [Server.ServeWebSocket] for wss: connections of other TLS
// listeners work too, but only to these can the server write without a goroutine for each; and who speaks HTTP in the clear is sent to
// https. While a server serves one, peers that speak TLS on its other ports are told the port of this one. cfg is copied. The handshake
// is made by whoever reads the connection.
func NewTLSListener(ln net.Listener, cfg *tls.Config) net.Listener {
	cfg = cfg.Clone()
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	cfg.DynamicRecordSizingDisabled = true // the first picture in large records: fewer of them
	return &tlsListener{Listener: ln, cfg: cfg}
}

type tlsListener struct {
	net.Listener
	cfg *tls.Config
}

// Accept waits for a connection. It does not wait for its handshake.
func (l *tlsListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(&cipherConn{Conn: nc}, l.cfg), nil
}

// A cipherConn is the network as TLS sees it. TLS writes to it at any time: records of media, but also alerts and answers to the
// peer's handshake messages, from the goroutine that reads. Once it is bound to an output, none of that waits for the peer.
type cipherConn struct {
	net.Conn
	ahead []byte // was read before TLS began
	begun bool   // it is known who is there
	out   output // nil until it is bound, which is before more than one goroutine uses the connection
}

// Read gives what was read ahead first.
func (c *cipherConn) Read(b []byte) (int, error) {
	if !c.begun {
		if err := c.begin(); err != nil {
			return 0, err
		}
	}
	if len(c.ahead) > 0 {
		n := copy(b, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// peek waits for the first byte, and leaves it there.
func (c *cipherConn) peek() (byte, error) {
	if len(c.ahead) == 0 {
		b := make([]byte, 1)
		if n, err := c.Conn.Read(b); n == 0 {
			return 0, err
		}
		c.ahead = b
	}
	return c.ahead[0], nil
}

// Write writes ciphertext.
func (c *cipherConn) Write(b []byte) (int, error) {
	if c.out == nil {
		return c.Conn.Write(b)
	}
	if err := c.out.Message(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// SetWriteDeadline is of no use where nothing waits. TLS would use it to end all writing behind its last alert, and with
// it what still waits for room.
func (c *cipherConn) SetWriteDeadline(t time.Time) error {
	if c.out != nil {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// cipherOf is the network below TLS, nil when nc is not of a listener of ours.
func cipherOf(nc net.Conn) *cipherConn {
	if tc, ok := nc.(*tls.Conn); ok {
		link, _ := tc.NetConn().(*cipherConn)
		return link
	}
	return nil
}
