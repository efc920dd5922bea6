package annexb

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/baton-rtsp/baton/internal/container"
)

// piece is how much of a sample is read at once.
const piece = 64 << 10

// A reader reads access units that lie in the file in one piece.
type reader struct {
	r    io.ReaderAt
	pool sync.Pool // of *[piece]byte
}

func newReader(r io.ReaderAt) *reader {
	return &reader{r: r, pool: sync.Pool{New: func() any { return new([piece]byte) }}}
}

func (d *reader) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	if s.Size < 0 || s.Size > container.MaxSample {
		return nil, &container.DamagedError{Offset: s.Offset, Err: fmt.Errorf("a sample of %d bytes", s.Size)}
	}
	mem := d.pool.Get().(*[piece]byte)
	defer d.pool.Put(mem)
	var l Lengths
	l.Reset(buf, s.Size)
	for at, end := s.Offset, s.Offset+int64(s.Size); at < end; {
		n, err := d.r.ReadAt(mem[:min(piece, end-at)], at)
		switch {
		case n == int(min(piece, end-at)):
		case err == nil || errors.Is(err, io.EOF):
			return nil, &container.DamagedError{Offset: at + int64(n), Err: io.ErrUnexpectedEOF}
		default:
			return nil, err
		}
		l.Write(mem[:n])
		at += int64(n)
	}
	return l.Bytes(), nil
}
