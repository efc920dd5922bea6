package vod_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtspserver"
)

// A player plays frame after frame as fast as it is asked to, with nobody at the other end.
type player struct {
	rtspserver.Playback
	now time.Time
}

// frame plays one frame and tells its size.
func (p *player) frame() int {
	for {
		b, wait, err := p.Next(p.now)
		switch {
		case err != nil: // the end of the film
			p.Play(p.now, &rtspserver.PlayRequest{})
		case len(b.Packets) == 0:
			p.now = wait
		default:
			p.Advance(len(b.Packets))
			return len(b.Bytes)
		}
	}
}

// A film is read and packetized without garbage.
func TestFramesAllocateNothing(t *testing.T) {
	playback, now := playing(t, 0)
	p := &player{playback, now}
	for range 450 { // until the buffers have grown
		p.frame()
	}
	p.Play(p.now, &rtspserver.PlayRequest{})
	if n := testing.AllocsPerRun(400, func() { p.frame() }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	playback, now := playing(b, 0)
	p := &player{playback, now}
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		size = p.frame()
	}
	b.SetBytes(int64(size))
}
