package film_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/mjpeg"
	"github.com/baton-rtsp/baton/internal/mjpeg/film"
)

func TestEveryImageTellsItsNumber(t *testing.T) {
	r := film.Open()
	f, err := mjpeg.Open(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	if f.Frames() != film.Frames || f.Truncated() || f.Framed() {
		t.Fatalf("got %d images, truncated %t, framed %t", f.Frames(), f.Truncated(), f.Framed())
	}
	if r.Size() > 1_500_000 {
		t.Errorf("the film has %d bytes", r.Size())
	}
	var buf []byte
	for i := range f.Frames() {
		if buf, err = f.Frame(i, buf); err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(buf))
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
