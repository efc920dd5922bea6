package rtspclient

import (
	"bytes"
	"io"
	"testing"

	"github.com/baton-rtsp/baton/rtsp"
)

// endless is the same bytes again and again.
type endless struct{ b, rest []byte }

func (e *endless) Read(b []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = e.b
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func framesOf(r io.Reader) *stream {
	s := newStream(r, nil, false)
	s.known = func(uint8) bool { return true }
	s.media = func() bool { return true }
	return s
}

// A frame costs no allocation, nor does garbage before it.
func TestFramesCostNothing(t *testing.T) {
	s := framesOf(&endless{b: rtsp.AppendFrame([]byte("\xff\x00junk"), 0, bytes.Repeat([]byte{0x80}, 1400))})
	if n := testing.AllocsPerRun(1000, func() {
		if kind, err := s.next(); kind != rtsp.KindFrame || err != nil || len(s.payload) != 1400 {
			t.Fatalf("%d, %v, %d bytes", kind, err, len(s.payload))
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFrames(b *testing.B) {
	s := framesOf(&endless{b: rtsp.AppendFrame(nil, 0, bytes.Repeat([]byte{0x80}, 1400))})
	b.SetBytes(1404)
	for b.Loop() {
		if _, err := s.next(); err != nil {
			b.Fatal(err)
		}
	}
}

// What [rtsp.Reader] would cost, which does not step over garbage.
func BenchmarkFramesOfReader(b *testing.B) {
	r := rtsp.NewReader(&endless{b: rtsp.AppendFrame(nil, 0, bytes.Repeat([]byte{0x80}, 1400))}, nil)
	b.SetBytes(1404)
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}
