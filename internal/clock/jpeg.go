package clock

import (
	"image"
	"image/jpeg"
	"time"
)

// DefaultQuality is the JPEG quality that keeps the digits crisp.
const DefaultQuality = 80

// A JPEG makes the clock's pictures as baseline JPEG images with 4:2:0 sampling and the standard Huffman tables, which
// RFC 2435 §4.1 type 1 can carry. Not safe for concurrent use.
type JPEG struct {
	options jpeg.Options
	picture *Picture
	shown   [columns * rows]*macroblock
	img     *image.YCbCr // whole macroblocks
	visible image.Image  // the part of img that is seen
	out     buffer
}

// NewJPEG returns an encoder; quality is from 1 to 100, 0 means DefaultQuality.
func NewJPEG(quality int) *JPEG {
	if quality == 0 {
		quality = DefaultQuality
	}
	img := newImage()
	return &JPEG{
		options: jpeg.Options{Quality: quality},
		picture: NewPicture(Full),
		img:     img,
		visible: img.SubImage(image.Rect(0, 0, Width, Height)),
	}
}

// Next returns the picture of t and frame, from SOI to EOI. It is valid until the next call.
func (j *JPEG) Next(t time.Time, frame uint32) ([]byte, error) {
	j.picture.Set(t, frame)
	for i, m := range j.picture.grid {
		if m != j.shown[i] {
			m.paste(j.img, i)
			j.shown[i] = m
		}
	}
	j.out = j.out[:0]
	err := jpeg.Encode(&j.out, j.visible, &j.options)
	return j.out, err
}

// A buffer is what image/jpeg writes to without putting a bufio.Writer between.
type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func (b *buffer) WriteByte(c byte) error {
	*b = append(*b, c)
	return nil
}

func (b *buffer) Flush() error { return nil }
