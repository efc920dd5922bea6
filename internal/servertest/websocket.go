package servertest

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtspserver"
)

// BeginWeb has the server's WebSocket handler served, and clients use it from now on.
func (w *World) BeginWeb() {
	w.T.Helper()
	if w.web != nil {
		w.T.Fatal("the world has WebSocket: who begins it twice waits for ever for the end of the first")
	}
	ln := w.listen(ServerHost + ":80")
	w.page = ln.Addr().String()
	if w.tls != nil {
		ln = rtspserver.NewTLSListener(ln, w.tls.server)
	}
	w.web = &http.Server{Handler: http.HandlerFunc(w.Server.ServeWebSocket), ReadHeaderTimeout: patience}
	w.wg.Go(func() { w.web.Serve(ln) }) // ends with the world
}

// WebURL is where the WebSocket handler is served, for clients that make the handshake themselves.
func (w *World) WebURL() string { return "ws://" + w.page + "/rtsp" }

// Handshake sends a WebSocket handshake with headers as they are, each with its line end, and returns the
// answer and the connection behind it.
func (w *World) Handshake(host, headers string) (*http.Response, net.Conn) {
	w.T.Helper()
	return w.HandshakeAt(host, "", headers)
}

// HandshakeAt is Handshake with a name for the server, "" for its address.
func (w *World) HandshakeAt(host, name, headers string) (*http.Response, net.Conn) {
	w.T.Helper()
	nc := w.dial(host, w.page)
	if w.tls != nil {
		nc = &tlsConn{tls.Client(nc, w.tls.client)}
	}
	nc.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(nc, "GET /rtsp HTTP/1.1\r\nHost: "+cmp.Or(name, w.page)+"\r\n"+headers+"\r\n"); err != nil {
		w.T.Fatal(err)
	}
	br := bufio.NewReader(nc)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		w.T.Fatalf("handshake: %v", err)
	}
	nc.SetDeadline(time.Time{})
	return resp, &WebConn{Conn: nc, br: br}
}

// GoodHandshake is the headers of a handshake that must be taken.
const GoodHandshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

func (w *World) dialWeb(host string) net.Conn {
	w.T.Helper()
	resp, nc := w.Handshake(host, GoodHandshake)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		w.T.Fatalf("handshake: %s", resp.Status)
	}
	return nc
}

// A WebConn is the client's side of a WebSocket connection: what is written becomes a binary frame, and
// the payloads of binary frames are what is read. Other frames are kept for Control.
type WebConn struct {
	net.Conn
	br      *bufio.Reader
	left    int
	control []WebFrame
}

// A WebFrame is a frame that is no data.
type WebFrame struct {
	Opcode  byte
	Payload []byte
}

// Read reads payload.
func (c *WebConn) Read(b []byte) (int, error) {
	for c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n, err := c.br.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// next reads a header: by Peek, so that nothing is lost when a deadline passes.
func (c *WebConn) next() error {
	b, err := c.br.Peek(2)
	if err != nil {
		return err
	}
	size, n := 2, int(b[1])
	switch n {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if b, err = c.br.Peek(size); err != nil {
		return err
	}
	switch size {
	case 4:
		n = int(binary.BigEndian.Uint16(b[2:]))
	case 10:
		n = int(binary.BigEndian.Uint64(b[2:]))
	}
	opcode := b[0]
	if opcode == 0x82 {
		c.br.Discard(size)
		c.left = n
		return nil
	}
	if b, err = c.br.Peek(size + n); err != nil {
		return err
	}
	c.control = append(c.control, WebFrame{opcode, append([]byte(nil), b[size:]...)})
	c.br.Discard(size + n)
	return nil
}

// Control waits for the next frame that is no data; data before it is forgotten.
func (c *WebConn) Control() (WebFrame, error) {
	c.Conn.SetReadDeadline(time.Now().Add(patience))
	for len(c.control) == 0 {
		c.br.Discard(c.left)
		c.left = 0
		if err := c.next(); err != nil {
			return WebFrame{}, err
		}
	}
	f := c.control[0]
	c.control = c.control[1:]
	return f, nil
}

// Write sends b as one binary frame.
func (c *WebConn) Write(b []byte) (int, error) {
	return len(b), c.Send(0x82, b)
}

// Send sends a frame whose first byte is given, with a mask.
func (c *WebConn) Send(first byte, b []byte) error {
	mask := [4]byte{1, 0x7f, 0xff, 0x20}
	frame := []byte{first}
	switch {
	case len(b) < 126:
		frame = append(frame, 0x80|byte(len(b)))
	case len(b) < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(b)))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(len(b)))
	}
	frame = append(frame, mask[:]...)
	for i, x := range b {
		frame = append(frame, x^mask[i&3])
	}
	_, err := c.Conn.Write(frame)
	return err
}

// SetReadBuffer narrows the connection, see Client.Narrow.
func (c *WebConn) SetReadBuffer(bytes int) error {
	return c.Conn.(interface{ SetReadBuffer(bytes int) error }).SetReadBuffer(bytes)
}

// Here puts the server's HTTP address in the place of HOST.
func (w *World) Here(headers string) string { return strings.ReplaceAll(headers, "HOST", w.page) }
