package mjpeg

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Bounds.
const (
	MaxImage  = 1<<24 - 1 // bytes of one image
	MaxFrames = 1 << 23   // images of one file: 3.9 days at 25 a second, 64 MiB of index
	MaxSize   = 1 << 40   // bytes of one file
)

// Errors that a caller tells apart.
var (
	ErrFormat  = errors.New("not motion JPEG")
	ErrChanged = errors.New("the file has changed since it was opened")
)

// A File is an open motion JPEG file. Its methods may be called from many goroutines if its reader may.
type File struct {
	r         io.ReaderAt
	index     index
	framed    bool
	truncated bool
	largest   int
}

// Frames is the number of images, at least 1.
func (f *File) Frames() int { return f.index.n }

// Framed tells whether the file is of the variant with a length before each image.
func (f *File) Framed() bool { return f.framed }

// Truncated tells whether the file goes on behind its last image with something that is not a whole image: it was cut
// off, is damaged there, or exceeds a bound of this package. What lies behind is left out.
func (f *File) Truncated() bool { return f.truncated }

// Size is the length of image i in bytes, 0 if there is none.
func (f *File) Size(i int) int {
	s, _ := f.index.at(i)
	return s.length()
}

// MaxSize is the length of the largest image in bytes: a buffer of that capacity holds each of them.
func (f *File) MaxSize() int { return f.largest }

// Frame reads image i, counted from 0, and returns its bytes. They are in buf if its capacity suffices, else in a new
// slice. The error is io.EOF when there is no image i, ErrChanged when the file does not hold it any more, or the
// reader's.
func (f *File) Frame(i int, buf []byte) ([]byte, error) {
	s, ok := f.index.at(i)
	if !ok {
		return nil, io.EOF
	}
	buf = slices.Grow(buf[:0], s.length())[:s.length()]
	n, err := f.r.ReadAt(buf, s.offset())
	switch {
	case n == len(buf) && isImage(buf):
		return buf, nil
	case n == len(buf) || errors.Is(err, io.EOF):
		return nil, fmt.Errorf("image %d: %w", i, ErrChanged)
	default:
		return nil, fmt.Errorf("image %d: %w", i, err)
	}
}

// isImage tells whether b begins as every JPEG image does.
func isImage(b []byte) bool { return len(b) > 2 && b[0] == 0xFF && b[1] == markerSOI && b[2] == 0xFF }
