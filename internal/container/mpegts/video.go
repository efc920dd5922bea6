package mpegts

import (
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
)

// A video is a stream of H.264 or H.265.
type video struct {
	split *annexb.Splitter
	times moments
	add   func(container.Sample)
	next  func(annexb.Picture) // v.picture

	end      annexb.Place // of what came
	open     bool
	current  annexb.Picture
	dts, pts int64
	frame    int64 // duration of the last picture
}

func newVideo(codec container.Codec, add func(container.Sample)) *video {
	v := &video{split: annexb.NewSplitter(codec), add: add, frame: joint}
	v.next = v.picture
	return v
}

func (v *video) begin(t moment) { v.times.put(t) }
func (v *video) lose()          {}

func (v *video) write(b []byte, at annexb.Place) {
	v.split.Write(b, at, v.next)
	v.end = annexb.Place{Pos: at.Pos + int64(len(b)), Offset: at.Offset + int64(len(b))}
}

// picture ends one picture where the next begins. One without times follows the one before it.
func (v *video) picture(p annexb.Picture) {
	t, ok := v.times.take(p.Start.Pos)
	if !ok {
		if !v.open {
			return // nothing tells when
		}
		t.dts = v.dts + v.frame
		t.pts = t.dts
	}
	if v.open {
		if d := t.dts - v.dts; d > 0 && d < jump {
			v.frame = d
		}
		v.finish(p.Start)
	}
	v.open, v.current, v.dts, v.pts = true, p, t.dts, t.pts
}

// finish adds the current picture, which ends at a place.
func (v *video) finish(end annexb.Place) {
	size := end.Pos - v.current.Start.Pos
	if size > container.MaxSample || end.Offset-v.current.Start.Offset > maxSpan {
		return
	}
	v.add(container.Sample{
		Offset: v.current.Start.Offset, Size: int(size), DTS: v.dts, PTS: v.pts, Duration: int(v.frame), Key: v.current.Key,
	})
}

func (v *video) close() {
	v.split.Close(v.next)
	if v.open {
		v.finish(v.end)
		v.open = false
	}
}
