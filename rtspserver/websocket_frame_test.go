package rtspserver

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/baton-rtsp/baton/timeline"
)

// deaf is an output that keeps nothing.
type deaf struct{}

func (deaf) Message([]byte) error                           { return nil }
func (deaf) Control([]byte) error                           { return nil }
func (deaf) Frames(b []byte, _ *timeline.Seat) (int, error) { return len(b), nil }
func (deaf) Drain(context.Context)                          {}
func (deaf) Close()                                         {}

// WSK-03, WSK-04: whatever a peer sends, payload is read or the connection ends; never more comes out than
// went in.
func FuzzWebSocketReader(f *testing.F) {
	f.Add([]byte{0x82, 0x81, 1, 2, 3, 4, 'O'})
	f.Add([]byte{0x02, 0x80, 0, 0, 0, 0, 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 0, 0, 0, 0, 'x'})
	f.Add([]byte{0x82, 0xfe, 0, 126, 0, 0, 0, 0, 'x'})
	f.Add([]byte{0x88, 0x81, 0, 0, 0, 0, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		ws := newWebSocketConn(nil, bufio.NewReader(bytes.NewReader(b)))
		ws.out = deaf{}
		got, err := io.ReadAll(ws)
		if len(got) > len(b) {
			t.Errorf("%d bytes of %d, %v", len(got), len(b), err)
		}
	})
}

func TestHeadsOfFrames(t *testing.T) {
	for n, want := range map[int][]byte{
		0: {0x82, 0}, 125: {0x82, 125}, 126: {0x82, 126, 0, 126}, 65535: {0x82, 126, 255, 255},
		65536: {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0},
	} {
		if got := appendHead(nil, wsBinary, n); !bytes.Equal(got, want) {
			t.Errorf("%d: % x", n, got)
		}
	}
}
