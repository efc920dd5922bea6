package mjpeg

import (
	"errors"
	"io"
)

// maxPadding is how many bytes of padding may lie between two images; some writers align them, others end a line.
const maxPadding = 64 << 10

// digits is how many give an image's length in the variant with lengths.
const digits = 5

// A span is where an image is.
type span struct {
	offset int64
	length int
}

func isDigit(b byte) bool   { return b >= '0' && b <= '9' }
func isPadding(b byte) bool { return b == 0 || b == '\r' || b == '\n' }

// plain goes over the next image and returns where it is. The error is io.EOF when the file ends before it, errEnd when
// it ends within it.
func (s *scanner) plain() (span, error) {
	err := s.padding()
	s.start = s.at()
	if err != nil {
		return span{}, err
	}
	s.limit = s.start + MaxImage
	err = s.image()
	s.limit = 0
	if length := s.at() - s.start; err == nil && length <= MaxImage {
		return span{s.start, int(length)}, nil
	}
	return span{}, orImage(err)
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
		if !isPadding(b) {
			s.pos--
			return nil
		}
	}
	return errImage
}

// framed is as plain, for the variant with lengths.
func (s *scanner) framed() (span, error) {
	s.start = s.at()
	length := 0
	for i := range digits {
		b, err := s.byte()
		switch {
		case i == 0 && errors.Is(err, errEnd):
			return span{}, io.EOF
		case err != nil:
			return span{}, err
		case !isDigit(b):
			return span{}, errImage
		}
		length = 10*length + int(b-'0')
	}
	at := s.at()
	if length < minImage {
		return span{}, errImage
	}
	for _, want := range [...]byte{0xFF, markerSOI, 0xFF} {
		if b, err := s.byte(); err != nil || b != want {
			return span{}, orImage(err)
		}
	}
	s.skip(length - 3 - 1)
	if _, err := s.byte(); err != nil {
		return span{}, err
	}
	return span{at, length}, nil
}
