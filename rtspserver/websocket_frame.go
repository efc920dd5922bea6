package rtspserver

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Opcodes of WebSocket frames (RFC 6455 §5.2).
const (
	wsContinuation = 0x0
	wsText         = 0x1
	wsBinary       = 0x2
	wsClose        = 0x8
	wsPing         = 0x9
	wsPong         = 0xa
)

// Status codes of close frames (RFC 6455 §7.4.1).
const (
	wsNormal        = 1000
	wsProtocolError = 1002
	wsUnsupported   = 1003
	wsTooBig        = 1009
)

const (
	wsHeadSize = 10       // the longest header of a server's frame
	wsMaxFrame = 16 << 20 // bytes of a client's frame: far more than the largest request or RTP packet
	wsMaxShort = 125      // bytes of a control frame
)

// A wsError is why a WebSocket connection has to end, with the code that the peer is told.
type wsError struct {
	code uint16
	what string
}

func (e *wsError) Error() string { return fmt.Sprintf("websocket %d: %s", e.code, e.what) }

// A wsHeader is the header of a client's frame.
type wsHeader struct {
	final  bool
	opcode byte
	length int64
	mask   [4]byte
}

// appendHead appends the header of an unfragmented frame of n bytes, as servers send them: without a mask.
func appendHead(b []byte, opcode byte, n int) []byte {
	b = append(b, 0x80|opcode)
	switch {
	case n <= wsMaxShort:
		return append(b, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
}

// readHead reads the header of a client's frame and checks all that can be said of it alone (RFC 6455 §5.2).
func readHead(r io.Reader, buf *[14]byte) (h wsHeader, err error) {
	if _, err = io.ReadFull(r, buf[:2]); err != nil {
		return h, err
	}
	h.final, h.opcode, h.length = buf[0]&0x80 != 0, buf[0]&0xf, int64(buf[1]&0x7f)
	switch {
	case buf[0]&0x70 != 0:
		return h, &wsError{wsProtocolError, "a reserved bit is set"}
	case buf[1]&0x80 == 0:
		return h, &wsError{wsProtocolError, "a frame of the client is not masked"}
	case h.opcode > wsBinary && h.opcode < wsClose, h.opcode > wsPong:
		return h, &wsError{wsProtocolError, "an opcode is reserved"}
	case h.opcode >= wsClose && (!h.final || h.length > wsMaxShort):
		return h, &wsError{wsProtocolError, "a control frame is fragmented or too long"}
	}
	if h.length, err = readLength(r, buf, h.length); err != nil {
		return h, err
	}
	_, err = io.ReadFull(r, h.mask[:])
	return h, unexpected(err)
}

// readLength reads the longer forms of a length, which must be needed (RFC 6455 §5.2).
func readLength(r io.Reader, buf *[14]byte, short int64) (int64, error) {
	var n, least uint64
	switch short {
	case 126:
		if _, err := io.ReadFull(r, buf[:2]); err != nil {
			return 0, unexpected(err)
		}
		n, least = uint64(binary.BigEndian.Uint16(buf[:])), wsMaxShort+1
	case 127:
		if _, err := io.ReadFull(r, buf[:8]); err != nil {
			return 0, unexpected(err)
		}
		n, least = binary.BigEndian.Uint64(buf[:]), 1<<16
	default:
		return short, nil
	}
	switch {
	case n < least:
		return 0, &wsError{wsProtocolError, "a length is longer than it needs to be"}
	case n > wsMaxFrame:
		return 0, &wsError{wsTooBig, "a frame is too large"}
	}
	return int64(n), nil
}

// unexpected is an error in the middle of a frame.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unmask takes the mask off b, which begins at byte at of its frame (RFC 6455 §5.3).
func unmask(b []byte, mask [4]byte, at int) {
	for i := range b {
		b[i] ^= mask[(at+i)&3]
	}
}
