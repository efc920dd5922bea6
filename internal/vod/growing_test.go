package vod_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtspserver"
)

// Who is at the end of what is known of a film when the rest of it becomes known gets that rest, whatever comes between two looks.
func TestEndOfAFilmThatIsBeingRead(t *testing.T) {
	for range 1500 {
		b := container.NewBuilder()
		sample := func(i int) container.Sample {
			return container.Sample{Offset: int64(i) * 10, Size: 10, DTS: int64(i) * 3000, PTS: int64(i) * 3000, Duration: 3000, Key: true}
		}
		b.Add(sample(0))
		b.Flush()
		f, err := vod.NewFilm(&container.File{Tracks: []*container.Track{
			{Codec: container.VP8, Video: true, Timescale: 90000, ClockRate: 90000, Index: b.Index(), Reader: blank{}},
		}}, vod.FilmConfig{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		now, sent := time.Unix(1e9, 0), 0
		if _, err := p.Play(now, &rtspserver.PlayRequest{}); err != nil {
			t.Fatal(err)
		}
		read := make(chan struct{})
		go func() { // ends at once
			b.Add(sample(1))
			b.Finish(nil)
			close(read)
		}()
		for err == nil {
			now = now.Add(time.Second) // all is due
			batch, _, failed := p.Next(now)
			if err = failed; len(batch.Packets) > 0 {
				sent += len(batch.Packets)
				p.Advance(len(batch.Packets))
			}
		}
		<-read
		if sent != 2 {
			t.Fatalf("%d of 2 samples, then %v", sent, err)
		}
	}
}
