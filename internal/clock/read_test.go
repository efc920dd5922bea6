package clock

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"
)

// scaled is img in another size, each pixel the nearest of img.
func scaled(img image.Image, w, h int) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(10, 20, 10+w, 20+h)) // no picture has to begin at 0,0
	for y := range h {
		for x := range w {
			out.Set(10+x, 20+y, img.At(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h))
		}
	}
	return out
}

func recoded(t *testing.T, img image.Image, quality int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBlocksAreReadAtEveryScale(t *testing.T) {
	p := NewPicture(Full)
	for i, size := range []image.Point{
		{640, 360}, {320, 180}, {1280, 720}, {960, 540}, {426, 240}, {640, 480}, {160, 90}, {1000, 333}, {3840, 2160},
	} {
		at, frame := tick(i)
		p.Set(at, frame)
		got, err := Read(scaled(p.Image(), size.X, size.Y))
		if want := (Reading{at, frame}); err != nil || got != want {
			t.Errorf("%v: got %v, %v; want %v", size, got, err, want)
		}
	}
}

func TestBlocksSurviveLossyCoding(t *testing.T) {
	for _, r := range []Range{Limited, Full} {
		p := NewPicture(r)
		for _, quality := range []int{1, 5, 20, 90} {
			at, frame := tick(quality)
			p.Set(at, frame)
			half := scaled(recoded(t, p.Image(), quality), 320, 180)
			got, err := Read(recoded(t, half, max(quality, 5)))
			if want := (Reading{at, frame}); err != nil || got != want {
				t.Errorf("range %d, quality %d: got %v, %v; want %v", r, quality, got, err, want)
			}
		}
	}
}

func TestBlocksAreReadFromAPaddedPicture(t *testing.T) {
	p := NewPicture(Limited)
	at, frame := tick(7)
	p.Set(at, frame)
	img := newImage()
	for i, m := range p.grid {
		m.paste(img, i)
	}
	for _, img := range []image.Image{img, scaled(img, 320, 184), scaled(img, 1280, 736)} {
		got, err := Read(img)
		if want := (Reading{at, frame}); err != nil || got != want {
			t.Errorf("%v: got %v, %v; want %v", img.Bounds(), got, err, want)
		}
	}
}

func TestReadingsComeBack(t *testing.T) {
	for _, want := range []Reading{
		{time.UnixMilli(0).UTC(), 0},
		{time.UnixMilli(1<<48 - 1).UTC(), 1<<32 - 1},
		{time.UnixMilli(0xAAAA_5555_AAAA).UTC(), 0x5555_AAAA},
	} {
		img := image.NewGray(image.Rect(0, 0, Width, Height))
		for c := range want.Cells {
			if !c.White {
				continue
			}
			for i := range CellSize * CellSize {
				img.SetGray(c.Column*CellSize+i%CellSize, c.Row*CellSize+i/CellSize, color.Gray{Y: 255})
			}
		}
		if got, err := Read(img); err != nil || got != want {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
}

// The check value of CRC-16/CCITT-FALSE is 29B1 for "123456789"; one byte more completes our ten.
func TestCheckIsTheDocumentedCRC(t *testing.T) {
	want := uint16(0xFFFF)
	for _, b := range []byte("123456789") {
		want = checkByte(want, b)
	}
	if want != 0x29B1 {
		t.Errorf("got %#x, want 0x29b1", want)
	}
	want = checkByte(want, '0')
	if got := check(0x313233343536, 0x37383930); got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func TestDamagedBlocksAreRefused(t *testing.T) {
	p := NewPicture(Limited)
	p.Set(tick(0))
	flip := func(column, row int) *image.YCbCr {
		img := p.Image()
		for y := row * 16; y < (row+1)*16; y++ {
			for x := column * 16; x < (column+1)*16; x++ {
				img.Y[y*img.YStride+x] = 255 - img.Y[y*img.YStride+x]
			}
		}
		return img
	}
	for row := blockRow; row < blockRow+blockRows; row++ {
		for column := blockColumn; column < blockColumn+blockCells; column++ {
			if got, err := Read(flip(column, row)); !errors.Is(err, ErrNoBlocks) {
				t.Errorf("block %d,%d inverted: got %v, %v", column, row, got, err)
			}
		}
	}
	for _, img := range []image.Image{
		image.NewGray(image.Rectangle{}),
		image.NewGray(image.Rect(0, 0, 1, 1)),
		image.NewYCbCr(image.Rect(0, 0, 3, 1), image.YCbCrSubsampleRatio420),
		scaled(image.NewUniform(color.White), 640, 360),
		image.NewRGBA(image.Rect(0, 0, 640, 360)),
	} {
		if got, err := Read(img); !errors.Is(err, ErrNoBlocks) {
			t.Errorf("%v: got %v, %v", img.Bounds(), got, err)
		}
	}
}

// Whatever the picture, Read does not panic, and what it reads is what the blocks would be drawn from.
func FuzzRead(f *testing.F) {
	p := NewPicture(Limited)
	p.Set(tick(0))
	img := scaled(p.Image(), 160, 90)
	small := make([]byte, 0, 160*90)
	for y := range 90 {
		for x := range 160 {
			small = append(small, img.RGBAAt(10+x, 20+y).G)
		}
	}
	f.Add(160, small)
	f.Add(1, []byte{0})
	f.Add(0, []byte{})
	f.Fuzz(func(t *testing.T, width int, pix []byte) {
		width = min(max(width, 1), 4096)
		img := &image.Gray{Pix: pix, Stride: width, Rect: image.Rect(0, 0, width, len(pix)/width)}
		r, err := Read(img)
		if err != nil {
			return
		}
		words := r.words()
		if ms := uint64(words[0])<<16 | uint64(words[1])>>16; check(ms, words[2]) != uint16(words[1]) {
			t.Errorf("read %v, whose check is wrong", r)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	p := NewPicture(Limited)
	p.Set(tick(0))
	img := p.Image()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(img); err != nil {
			b.Fatal(err)
		}
	}
}
