package clock

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// RFC 2435 §4.1: type 1 is baseline, three components, 4:2:0, with the Huffman tables of ITU-T T.81 annex K.
func TestJPEGCanBeCarriedByRTP(t *testing.T) {
	j := NewJPEG(0)
	img, err := j.Next(tick(0))
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{
		0xFF, 0xC0, 0, 17, 8, Height >> 8, Height & 0xFF, Width >> 8, Width & 0xFF, 3,
		1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
	}
	if !bytes.Contains(img, want) {
		t.Errorf("no baseline frame header 4:2:0")
	}
	// The first lengths and values of table K.5, luma AC; an optimised table would have others.
	if !bytes.Contains(img, []byte{0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D, 1, 2, 3, 0, 4, 0x11}) {
		t.Errorf("not the standard Huffman tables")
	}
	if !bytes.HasPrefix(img, []byte{0xFF, 0xD8}) || !bytes.HasSuffix(img, []byte{0xFF, 0xD9}) {
		t.Errorf("not one whole image")
	}
}

func TestEveryJPEGShowsItsTime(t *testing.T) {
	j := NewJPEG(0)
	for i := range 60 {
		at, frame := tick(i)
		coded, err := j.Next(at, frame)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(coded))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds() != image.Rect(0, 0, Width, Height) {
			t.Fatalf("picture %d is %v", i, img.Bounds())
		}
		got, err := Read(img)
		if want := (Reading{at, frame}); err != nil || got != want {
			t.Fatalf("picture %d reads %v, %v; want %v", i, got, err, want)
		}
	}
}

func BenchmarkJPEG(b *testing.B) {
	j := NewJPEG(0)
	b.ReportAllocs()
	size := 0
	for i := 0; b.Loop(); i++ {
		img, err := j.Next(tick(i))
		if err != nil {
			b.Fatal(err)
		}
		size = len(img)
	}
	b.ReportMetric(float64(size), "bytes/picture")
}
