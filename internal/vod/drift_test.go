package vod_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A blank reader has samples of VP8 that are all alike.
type blank struct{}

func (blank) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	return append(buf[:0], make([]byte, s.Size)...), nil
}

// twoHours is a film of 29.97 pictures a second and sound in frames of 1024 at 44.1 kHz: neither lasts a whole
// number of any unit of time.
func twoHours(t *testing.T) *vod.Film {
	t.Helper()
	track := func(codec container.Codec, timescale, duration, every int) *container.Track {
		b := container.NewBuilder()
		for i := range 2 * 3600 * timescale / duration {
			at := int64(i) * int64(duration)
			b.Add(container.Sample{Offset: int64(i) * 10, Size: 10, DTS: at, PTS: at, Duration: duration, Key: i%every == 0})
		}
		b.Finish(nil)
		return &container.Track{
			Codec: codec, Video: codec.Video(), Timescale: timescale, ClockRate: timescale, Channels: 2, SampleRate: timescale,
			Config: [][]byte{{0x12, 0x10}}, Index: b.Index(), Reader: blank{},
		}
	}
	f, err := vod.NewFilm(&container.File{Tracks: []*container.Track{
		track(container.VP8, 90000, 3003, 60), track(container.AAC, 44100, 1024, 1),
	}}, vod.FilmConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// RTI-05: over two hours at Speed 8 no packet is further from its time than a picture lasts, neither on the wall
// nor on its RTP clock, and the two tracks do not move against each other.
func TestTwoHoursAtSpeedEightDoNotDrift(t *testing.T) {
	p, err := twoHours(t).Open()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Unix(1e9, 0)
	whole := &rtsp.Range{Start: rtsp.Position{Kind: rtsp.PositionOffset}}
	result, err := p.Play(begin, &rtspserver.PlayRequest{Range: whole, Speed: 8})
	if err != nil || result.Speed != 8 {
		t.Fatalf("%+v, %v", result, err)
	}
	now, rates, counts := begin, []int{90000, 44100}, []int{0, 0}
	lasts := []time.Duration{3003 * time.Second / 90000, 1024 * time.Second / 44100}
	for {
		b, wait, err := p.Next(now)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Packets) == 0 {
			now = wait
		}
		for i := range b.Packets {
			n := b.Packets[i].Track
			media := time.Duration(float64(counts[n]) * float64(lasts[n]))
			if wall := now.Sub(begin) - media/8; wall < -lasts[n] || wall > lasts[n] {
				t.Fatalf("track %d, packet %d comes %v late", n, counts[n], wall)
			}
			ticks := b.Packets[i].Timestamp - result.Tracks[n].RTPTime
			if off := float64(ticks)/float64(rates[n]) - media.Seconds(); off < -lasts[n].Seconds() || off > lasts[n].Seconds() {
				t.Fatalf("track %d, packet %d has a timestamp that is %v s off", n, counts[n], off)
			}
			counts[n]++
		}
		if len(b.Packets) > 0 {
			p.Advance(len(b.Packets))
		}
	}
	if counts[0] != 2*3600*90000/3003 || counts[1] != 2*3600*44100/1024 {
		t.Errorf("%v packets", counts)
	}
	if took := now.Sub(begin); took < 15*time.Minute-time.Second || took > 15*time.Minute+time.Second {
		t.Errorf("took %v", took)
	}
}
