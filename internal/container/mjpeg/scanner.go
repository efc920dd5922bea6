package mjpeg

import (
	"bytes"
	"errors"
	"io"
)

// How much is read at once: at first what tells that most files are none of motion JPEG.
const (
	firstSize = 4 << 10
	blockSize = 64 << 10
)

// errEnd says that the file ends, or that the size given does.
var errEnd = errors.New("end of file")

// A scanner reads a file from its beginning, in blocks, and can leap forward without reading what it leaps over.
type scanner struct {
	r      io.ReaderAt
	size   int64
	limit  int64 // reads nothing behind it; 0: none
	offset int64 // of block[0] in the file
	block  []byte
	pos    int // in block, of the next byte; may lie behind its end
	memory []byte

	start         int64 // of the image that is gone over, or was
	width, height int   // of the first image; 0 if it does not say
}

// at is the offset of the next byte in the file.
func (s *scanner) at() int64 { return s.offset + int64(s.pos) }

// seek goes to an offset.
func (s *scanner) seek(offset int64) { s.offset, s.pos, s.block = offset, 0, nil }

// skip leaps over n bytes; that these are there shows only when what follows is read.
func (s *scanner) skip(n int) { s.pos += n }

// byte returns the next byte.
func (s *scanner) byte() (byte, error) {
	if s.pos >= len(s.block) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	b := s.block[s.pos]
	s.pos++
	return b, nil
}

// past goes on behind the next byte that is b.
func (s *scanner) past(b byte) error {
	for {
		if s.pos < len(s.block) {
			if i := bytes.IndexByte(s.block[s.pos:], b); i >= 0 {
				s.pos += i + 1
				return nil
			}
			s.pos = len(s.block)
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// fill reads the block that begins with the next byte.
func (s *scanner) fill() error {
	s.seek(s.at())
	want := min(s.size-s.offset, blockSize)
	if s.offset == 0 {
		want = min(want, firstSize)
	}
	if s.limit > 0 {
		want = min(want, s.limit-s.offset)
	}
	if want <= 0 {
		return errEnd
	}
	if int64(len(s.memory)) < want {
		s.memory = make([]byte, want)
	}
	n, err := s.r.ReadAt(s.memory[:want], s.offset)
	s.block = s.memory[:n]
	if n > 0 {
		return nil // the error, if any, comes again
	}
	if err == nil || errors.Is(err, io.EOF) {
		return errEnd // shorter than its size says
	}
	return err
}
