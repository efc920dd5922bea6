package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// A webSocket carries RTSP in binary messages (RFC 6455), as a page would have it.
type webSocket struct {
	net.Conn
	read *bufio.Reader
	left int64 // of the frame that is being read
	head [14]byte
}

// dialWebSocket connects to an http URL and upgrades the connection.
func dialWebSocket(ctx context.Context, address string) (*webSocket, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	w, _, err := openWebSocket(ctx, nc, u.Host, u.RequestURI(), "")
	if err != nil {
		nc.Close()
		return nil, err
	}
	return w, nil
}

// openWebSocket upgrades a connection. The answer is that of a server which refuses, if it has come.
func openWebSocket(ctx context.Context, nc net.Conn, host, page, authorization string) (*webSocket, *http.Response, error) {
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	key := base64.StdEncoding.EncodeToString(make([]byte, 16))
	if authorization != "" {
		authorization = "Authorization: " + authorization + "\r\n"
	}
	fmt.Fprintf(nc, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: rtsp.onvif.org\r\n%s\r\n", page, host, key, authorization)
	w := &webSocket{Conn: nc, read: bufio.NewReader(nc)}
	resp, err := http.ReadResponse(w.read, nil)
	if err == nil && resp.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("handshake of WebSocket: %s", resp.Status)
	}
	if err != nil {
		return nil, resp, err
	}
	return w, nil, nil
}

// Read reads what is in the messages.
func (w *webSocket) Read(b []byte) (int, error) {
	for w.left == 0 {
		if _, err := io.ReadFull(w.read, w.head[:2]); err != nil {
			return 0, err
		}
		n, more := int64(w.head[1]&127), 0
		if n == 126 {
			more = 2
		} else if n == 127 {
			more = 8
		}
		clear(w.head[2:10])
		if _, err := io.ReadFull(w.read, w.head[10-more:10]); err != nil {
			return 0, err
		}
		if more > 0 {
			n = int64(binary.BigEndian.Uint64(w.head[2:10]))
		}
		if w.head[0]&15 > 2 { // of control
			if _, err := w.read.Discard(int(n)); err != nil {
				return 0, err
			}
			continue
		}
		w.left = n
	}
	n, err := w.read.Read(b[:min(int64(len(b)), w.left)])
	w.left -= int64(n)
	return n, err
}

// Write writes one message. Its mask is of zeros, which changes nothing.
func (w *webSocket) Write(b []byte) (int, error) {
	frame := []byte{0x82, 0x80 | 126, byte(len(b) >> 8), byte(len(b)), 0, 0, 0, 0}
	if len(b) < 126 {
		frame = []byte{0x82, 0x80 | byte(len(b)), 0, 0, 0, 0}
	}
	if _, err := w.Conn.Write(append(frame, b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// SyscallConn is for readers that do not look into what comes.
func (w *webSocket) SyscallConn() (syscall.RawConn, error) {
	below := w.Conn
	if sealed, is := below.(*tls.Conn); is { // which stays sealed
		below = sealed.NetConn()
	}
	return below.(syscall.Conn).SyscallConn()
}
