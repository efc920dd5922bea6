package matroska

import (
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/opus"
	"github.com/baton-rtsp/baton/internal/container/pcm"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// A feed turns the blocks of one track into samples.
type feed struct {
	track *container.Track
	build *container.Builder
	start int64 // nanoseconds of the file's time that are 0 of the track's
	frame int64 // nanoseconds that a frame lasts, 0 if not known

	// of audio
	samples func(head []byte) int // how many a frame has, by its first bytes
	prefix  []byte                // that comes before these
	clock   sampleClock
	pcm     *pcm.Cutter // nil if frames are not to be cut

	// of video: a sample waits for the next one, which tells how long it lasts
	pictures pictureClock
	order    *order
	waiting  container.Sample
	waits    bool
}

// begin sets the clocks: times in the file are in ticks of scale nanoseconds, start is when the presentation begins, and
// first are the first blocks of the file.
func (f *feed) begin(scale, start int64, first []block) {
	f.build = container.NewBuilder()
	f.track.Index = f.build.Index()
	f.start += start
	rate := int64(f.track.Timescale)
	f.clock = sampleClock{rate: rate, slack: ticks(2*scale, rate)}
	f.pictures = pictureClock{rate: rate, frame: f.frame, slack: scale}
	if f.pcm != nil {
		f.pcm.Build = f.build
	}
	if !f.track.Video {
		return
	}
	var times []int64
	for i := range first {
		if first[i].track == uint64(f.track.ID) {
			times = append(times, f.time(first[i].time, 0))
		}
	}
	f.pictures.started = false
	f.order = newOrder(times, ticks(f.frame, rate))
}

// time is when a picture is shown that the file shows at ns, number i of its block.
func (f *feed) time(ns int64, i int) int64 {
	return f.pictures.at(ns - f.start + int64(i)*f.frame)
}

// add adds the frames of a block.
func (f *feed) add(b *block, src *window.Window) error {
	at := b.at
	for i, size := range b.sizes {
		s := container.Sample{Offset: at, Size: size, Key: true}
		switch {
		case size == 0: // a frame that was left out
		case f.track.Video:
			s.Key = b.key
			s.PTS = f.time(b.time, i)
			f.picture(s, b.duration)
		case f.pcm != nil:
			f.pcm.Time = f.clock.at(b.time-f.start, size/f.pcm.Format.Frame())
			f.pcm.Add(at, int64(size), size)
		default:
			if err := f.sound(s, b, i, src); err != nil {
				return err
			}
		}
		at += int64(size)
	}
	return nil
}

// sound adds frame i of a block of coded audio.
func (f *feed) sound(s container.Sample, b *block, i int, src *window.Window) error {
	var head []byte
	if f.track.Codec == container.Opus {
		peeked, err := src.Peek(s.Offset, min(s.Size, opus.Head))
		if err != nil {
			return err
		}
		head = peeked
		if len(f.prefix) > 0 {
			head = append(f.prefix[:len(f.prefix):len(f.prefix)], peeked...)
		}
	}
	s.Duration = f.samples(head)
	if i == 0 {
		s.PTS = f.clock.at(b.time-f.start, s.Duration)
	} else {
		s.PTS = f.clock.follow(s.Duration)
	}
	s.DTS = s.PTS
	f.build.Add(s)
	return nil
}

// picture adds a frame of video, of which the file says how many nanoseconds it lasts, 0 if it does not.
func (f *feed) picture(s container.Sample, lasts int64) {
	s.DTS = f.order.dts(s.PTS)
	if f.waits {
		f.waiting.Duration = int(min(s.DTS-f.waiting.DTS, maxLasting))
		f.build.Add(f.waiting)
	}
	s.Duration = f.waiting.Duration
	if f.frame > 0 {
		s.Duration = int(ticks(f.frame, videoRate))
	}
	if lasts > 0 {
		s.Duration = int(ticks(min(lasts, maxLasting), videoRate))
	}
	f.waiting, f.waits = s, true
}

// finish adds what still waits.
func (f *feed) finish(err error) {
	if f.waits {
		f.build.Add(f.waiting)
		f.waits = false
	}
	f.build.Finish(err)
}

// found tells whether the track has samples.
func (f *feed) found() bool { return f.build.Len() > 0 }
