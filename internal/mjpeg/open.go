package mjpeg

import (
	"errors"
	"fmt"
	"io"
)

// maxPadding is how many bytes of padding may lie between two images; some writers align them, others end a line.
const maxPadding = 64 << 10

// digits is how many give an image's length in the variant with lengths.
const digits = 5

// Open walks through the file, of which r holds size bytes, and makes the index. The error is ErrFormat when the file
// does not begin with a whole image, or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	s := &scanner{r: r, size: min(size, MaxSize)}
	first, err := s.byte()
	if err != nil {
		return nil, orFormat(err)
	}
	s.pos = 0
	f := &File{r: r, framed: isDigit(first)}
	next := s.plain
	if f.framed {
		next = s.framed
	}
	for f.index.n < MaxFrames {
		var image span
		if image, err = next(); err != nil {
			break
		}
		f.index.add(image)
		f.largest = max(f.largest, image.length())
	}
	if err == nil || isDamage(err) {
		f.truncated = true
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("at byte %d: %w", s.at(), err)
	}
	if f.index.n == 0 {
		return nil, ErrFormat
	}
	f.truncated = f.truncated || size > MaxSize
	return f, nil
}

func orFormat(err error) error {
	if isDamage(err) {
		return ErrFormat
	}
	return err
}

// isDamage tells whether err speaks about the content of the file.
func isDamage(err error) bool { return errors.Is(err, errEnd) || errors.Is(err, errImage) }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// plain goes over the next image and returns where it is. The error is io.EOF when the file ends before it, errEnd when
// it ends within it.
func (s *scanner) plain() (span, error) {
	if err := s.padding(); err != nil {
		return 0, err
	}
	start := s.at()
	s.limit = start + MaxImage
	err := s.image()
	s.limit = 0
	if length := s.at() - start; err == nil && length <= MaxImage {
		return newSpan(start, length), nil
	}
	return 0, orImage(err)
}

// padding goes over zeros and line ends to the next byte that is none.
func (s *scanner) padding() error {
	for range maxPadding {
		b, err := s.byte()
		if errors.Is(err, errEnd) {
			return io.EOF
		}
		if err != nil {
			return err
		}
		if b != 0 && b != '\r' && b != '\n' {
			s.pos--
			return nil
		}
	}
	return errImage
}

// framed is as plain, for the variant with lengths.
func (s *scanner) framed() (span, error) {
	length := 0
	for i := range digits {
		b, err := s.byte()
		switch {
		case i == 0 && errors.Is(err, errEnd):
			return 0, io.EOF
		case err != nil:
			return 0, err
		case !isDigit(b):
			return 0, errImage
		}
		length = 10*length + int(b-'0')
	}
	start := s.at()
	if length < minImage {
		return 0, errImage
	}
	for _, want := range [...]byte{0xFF, markerSOI, 0xFF} {
		if b, err := s.byte(); err != nil || b != want {
			return 0, orImage(err)
		}
	}
	s.skip(length - 3 - 1)
	if _, err := s.byte(); err != nil {
		return 0, err
	}
	return newSpan(start, int64(length)), nil
}
