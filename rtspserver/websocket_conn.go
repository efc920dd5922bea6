package rtspserver

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// wsPingInterval is how often a WebSocket peer is asked for a sign of life; one that is silent for three
// of them is gone.
const wsPingInterval = 20 * time.Second

// A webSocketConn reads the payloads of a client's frames as one stream of bytes, whatever messages they
// are cut into (WSK-03). It answers control frames by the output of the connection, between whole frames.
type webSocketConn struct {
	net.Conn  // written to by out alone
	br        *bufio.Reader
	out       frameOutput
	forwarded bool // by a proxy; constant

	heard, pinged atomic.Int64 // Unix time in ns

	// owned by the reading goroutine
	head    wsHeader // of the frame that is being read
	at      int64    // bytes of it that were read
	message bool     // a message has begun that is not complete
	buf     [14]byte
	control [wsMaxShort]byte
}

// A frameOutput is the output of a WebSocket connection: each message or run of frames is a binary frame.
type frameOutput interface {
	output
	// Control writes a whole control frame as it is.
	Control(b []byte) error
}

func newWebSocketConn(nc net.Conn, br *bufio.Reader) *webSocketConn {
	ws := &webSocketConn{Conn: nc, br: br}
	now := time.Now().UnixNano()
	ws.heard.Store(now)
	ws.pinged.Store(now)
	return ws
}

// Read reads payload.
func (ws *webSocketConn) Read(b []byte) (int, error) {
	n, err := ws.payload(b)
	var bad *wsError
	if errors.As(err, &bad) {
		ws.bye(bad.code)
	}
	return n, err
}

func (ws *webSocketConn) payload(b []byte) (int, error) {
	for ws.at == ws.head.length {
		if err := ws.next(); err != nil {
			return 0, err
		}
	}
	if left := ws.head.length - ws.at; int64(len(b)) > left {
		b = b[:left]
	}
	n, err := ws.br.Read(b)
	unmask(b[:n], ws.head.mask, int(ws.at&3))
	ws.at += int64(n)
	return n, unexpected(err)
}

// next reads the header of the next data frame, and serves the control frames before it.
func (ws *webSocketConn) next() error {
	h, err := readHead(ws.br, &ws.buf)
	if err != nil {
		return err
	}
	ws.heard.Store(time.Now().UnixNano())
	switch {
	case h.opcode >= wsClose:
		return ws.answer(h)
	case h.opcode == wsText: // RTSP over WebSocket is binary (WSK-02)
		return &wsError{wsUnsupported, "a text message"}
	case (h.opcode == wsContinuation) != ws.message:
		return &wsError{wsProtocolError, "fragments out of order"}
	}
	ws.message, ws.head, ws.at = !h.final, h, 0
	return nil
}

// answer serves a control frame (RFC 6455 §5.5).
func (ws *webSocketConn) answer(h wsHeader) error {
	b := ws.control[:h.length]
	if _, err := io.ReadFull(ws.br, b); err != nil {
		return unexpected(err)
	}
	unmask(b, h.mask, 0)
	switch h.opcode {
	case wsPing:
		return ws.out.Control(append(appendHead(nil, wsPong, len(b)), b...))
	case wsClose:
		if len(b) == 1 {
			return &wsError{wsProtocolError, "half a close code"}
		}
		ws.bye(wsNormal)
		return io.EOF
	}
	return nil
}

// bye tells the peer why the connection ends, and waits a little until that is written.
func (ws *webSocketConn) bye(code uint16) {
	if ws.out.Control(binary.BigEndian.AppendUint16(appendHead(nil, wsClose, 2), code)) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	ws.out.Drain(ctx)
}

// check asks for a sign of life when it is time, and closes the connection when there was none for long.
func (ws *webSocketConn) check(now time.Time) {
	heard, pinged := time.Unix(0, ws.heard.Load()), time.Unix(0, ws.pinged.Load())
	switch {
	case now.Sub(heard) > 3*wsPingInterval:
		ws.Close()
	case now.Sub(heard) > wsPingInterval && now.Sub(pinged) > wsPingInterval:
		ws.pinged.Store(now.UnixNano())
		if ws.out.Control(appendHead(nil, wsPing, 0)) != nil {
			ws.Close()
		}
	}
}
