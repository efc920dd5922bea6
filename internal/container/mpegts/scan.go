package mpegts

import (
	"context"
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// block is how much is read at once.
const block = 1 << 20

// A scanner fills the indexes of a file. It belongs to one goroutine.
type scanner struct {
	r      io.ReaderAt
	size   int64
	walker walker
	at     int64 // of the next packet
	good   int64 // behind the last packet

	tracks   []*track
	builders []*container.Builder // of tracks
	clock    clock
}

// scan reads the rest of the file.
func (s *scanner) scan(ctx context.Context) error {
	buf := make([]byte, min(block, s.size-s.at))
	for s.at < s.size {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		want := min(block, s.size-s.at)
		n, err := s.r.ReadAt(buf[:want], s.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return s.finish(err)
		}
		if int64(n) < want {
			s.write(buf[:n], true)
			return s.finish(&container.DamagedError{Offset: s.at, Err: io.ErrUnexpectedEOF})
		}
		s.write(buf[:n], s.at+want == s.size)
		s.flush()
	}
	return s.finish(nil)
}

// write looks at the packets in what comes next in the file. last says that it ends there.
func (s *scanner) write(b []byte, last bool) {
	used := s.walker.walk(b, s.at, last, s.visit)
	if last {
		used = len(b)
	}
	s.at += int64(used)
}

// visit shows a packet to the stream that it belongs to.
func (s *scanner) visit(p packet, at int64) {
	s.good = at + packetSize
	pid := p.pid()
	for _, t := range s.tracks {
		if t.entry.pid == pid {
			t.take(p, at, s.clock.at)
			return
		}
	}
}

func (s *scanner) flush() {
	for _, b := range s.builders {
		b.Flush()
	}
}

// maxRest is how much may follow the last packet: part of one, or what some recorders write there.
const maxRest = 64 << 10

// finish ends the indexes.
func (s *scanner) finish(err error) error {
	if err == nil && s.size-s.good > maxRest {
		err = &container.DamagedError{Offset: s.good, Err: errNoPackets}
	}
	for i, t := range s.tracks {
		t.stream.close()
		s.builders[i].Finish(err)
	}
	return err
}
