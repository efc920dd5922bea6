package mpegts

import (
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
)

// A track is an elementary stream that can be played.
type track struct {
	entry  entry
	flow   flow
	pos    int64 // bytes of the elementary stream that came
	stream stream
	first  stamp // of the first PES packet that has times
	seen   bool  // packets of it came
}

func newTrack(e entry, add func(container.Sample)) *track {
	t := &track{entry: e}
	if e.codec.Video() {
		t.stream = newVideo(e.codec, add)
	} else {
		t.stream = &audio{parse: parserOf(e.codec), add: add}
	}
	return t
}

// take takes a packet of the stream; times turns the times of a PES packet.
func (t *track) take(p packet, at int64, times func(stamp) (pts, dts int64)) {
	start, what := t.flow.take(p)
	if what&lost != 0 {
		t.stream.lose()
	}
	if what&began != 0 {
		if s := t.flow.stamp(); s.valid {
			pts, dts := times(s)
			t.stream.begin(moment{t.pos, pts, dts})
		}
	}
	if start == packetSize {
		return
	}
	t.stream.write(p[start:], annexb.Place{Pos: t.pos, Offset: at + int64(start)})
	t.pos += int64(packetSize - start)
}

// known tells whether enough is known of the stream to describe it.
func (t *track) known() bool {
	switch s := t.stream.(type) {
	case *video:
		return t.first.valid && s.split.Configured()
	case *audio:
		return t.first.valid && s.first.size > 0
	}
	return false
}

// usable tells whether the stream can be played: of video the parameter sets may come later.
func (t *track) usable() bool {
	_, video := t.stream.(*video)
	return t.first.valid && (video || t.known())
}
