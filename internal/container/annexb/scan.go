package annexb

import (
	"context"
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// block is how much is read at once.
const block = 1 << 20

// A scanner fills the index of a stream. It belongs to one goroutine.
type scanner struct {
	r     io.ReaderAt
	size  int64
	at    int64 // of the next byte
	split *Splitter
	order sequencer
	build *container.Builder
	begin func(Picture)

	open    bool // current has begun
	current Picture
}

// scan reads the rest of the file.
func (s *scanner) scan(ctx context.Context) error {
	buf := make([]byte, min(block, s.size-s.at))
	for s.at < s.size {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := s.r.ReadAt(buf[:min(block, s.size-s.at)], s.at)
		s.write(buf[:n])
		if n == 0 || err != nil && !errors.Is(err, io.EOF) {
			return s.broken(err)
		}
		s.build.Flush()
	}
	s.finish()
	return nil
}

// broken ends the index where the file can no longer be read.
func (s *scanner) broken(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		err = &container.DamagedError{Offset: s.at, Err: io.ErrUnexpectedEOF}
	}
	s.order.release()
	s.build.Finish(err)
	return err
}

func (s *scanner) write(b []byte) {
	s.split.Write(b, Place{s.at, s.at}, s.begin)
	s.at += int64(len(b))
}

// next ends one picture where the next begins.
func (s *scanner) next(p Picture) {
	s.end(p.Start.Offset)
	s.open, s.current = true, p
}

func (s *scanner) end(at int64) {
	if s.open {
		s.order.put(unit{s.current, int(at - s.current.Start.Offset)})
	}
}

func (s *scanner) finish() {
	s.split.Close(s.begin)
	s.end(s.at)
	s.order.release()
	s.build.Finish(nil)
}
