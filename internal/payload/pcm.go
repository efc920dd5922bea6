package payload

import "github.com/baton-rtsp/baton/sdp"

// pcm is sampled audio: every tick of the clock has the same number of bytes
// (RFC 3551 §4.5). G.722 is among it: 16 kHz in four bits on a clock of 8 kHz is
// one byte a tick.
type pcm struct {
	stateless
	tick int // bytes: one sample of all channels
}

func newPCM(f *sdp.Format, sample int) *pcm {
	return &pcm{tick: sample * max(f.Channels, 1)}
}

func (*pcm) Inspect([]byte, bool) Info { return Info{Key: true} }

// Split cuts between samples. The marker, which begins a talkspurt, comes with
// the last payload; receivers only use it to adapt their delay.
func (f *pcm) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	ticks := max / f.tick
	if ticks < 1 || max < 1 {
		return false
	}
	delta, size := uint32(0), ticks*f.tick
	for ; len(payload) > size; payload = payload[size:] {
		emit(payload[:size], delta, false)
		delta += uint32(ticks)
	}
	emit(payload, delta, true)
	return true
}
