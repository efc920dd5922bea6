package film_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
)

func TestEveryImageTellsItsNumber(t *testing.T) {
	r := film.Open()
	f, err := mjpeg.Open(r, r.Size(), container.Options{FrameRate: film.Rate})
	if err != nil {
		t.Fatal(err)
	}
	track := f.Tracks[0]
	if n := track.Index.Len(); n != film.Frames || track.Index.Err() != nil || f.Duration() != film.Frames*time.Second/film.Rate {
		t.Fatalf("got %d images, %v, %v", n, f.Duration(), track.Index.Err())
	}
	if r.Size() > 1_500_000 {
		t.Errorf("the film has %d bytes", r.Size())
	}
	images, err := containertest.Bytes(track)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range images {
		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds() != image.Rect(0, 0, film.Width, film.Height) {
			t.Fatalf("image %d is %v", i, img.Bounds())
		}
		got, err := clock.Read(img)
		want := clock.Reading{Time: time.UnixMilli(int64(i) * 1000 / film.Rate).UTC(), Frame: uint32(i)}
		if err != nil || got != want {
			t.Fatalf("image %d reads %v, %v; want %v", i, got, err, want)
		}
	}
}
