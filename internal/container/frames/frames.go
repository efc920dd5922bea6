// Package frames reads files that are nothing but audio frames, each with a header that tells its length: MPEG audio and
// ADTS. It finds the first frame behind tags, and goes from frame to frame over what lies between them. The demuxers of
// these formats bring the reading of the header.
package frames

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// A Header is what the header of a frame says.
type Header struct {
	Kind    uint32 // the same for all frames of a file
	Size    int    // bytes of the frame with its header
	Skip    int    // bytes of it that are not part of the sample
	Rate    int    // samples a second
	Samples int
}

// A Parser reads the header at the front of b, and tells whether there is one.
type Parser func(b []byte) (Header, bool)

// MaxHeader is how many bytes a Parser is given, fewer at the end of the file.
const MaxHeader = 16

// Bounds.
const (
	maxJunk = 1 << 20  // bytes between two frames
	reach   = 64 << 10 // behind a tag within which the first frame begins
	padding = 4 << 10  // zeros before the first frame
	proof   = 3        // frames in a row that tell that a file is of this format
	maxTags = 8
	atOnce  = 64 // frames that are indexed on opening

	maxFrame = 8 << 10
	step     = window.Max - (proof+1)*maxFrame // so that a search does not read anything twice
)

var errJunk = errors.New("no frame")

// A Stream is a file of frames.
type Stream struct {
	First Header // of the first frame
	At    int64  // of the next frame
	Src   *window.Window

	parse Parser
	build *container.Builder
	time  int64
}

// Open finds the first frame. The error is container.ErrFormat if there is none, or the reader's.
func Open(r io.ReaderAt, size int64, parse Parser) (*Stream, error) {
	s := &Stream{Src: window.New(r, size), parse: parse, build: container.NewBuilder()}
	at, err := s.start()
	if err != nil {
		return nil, err
	}
	within := int64(0)
	if at > 0 {
		within = reach
	}
	at, h, err := s.find(at, within, 0, proof)
	if err != nil {
		return nil, err
	}
	if h.Size == 0 {
		return nil, container.ErrFormat
	}
	s.At, s.First = at, h
	return s, nil
}

// start is where tags, or zeros, end.
func (s *Stream) start() (at int64, err error) {
	for range maxTags {
		size, err := s.tag(at)
		if err != nil || size == 0 {
			break
		}
		at += size
	}
	b, err := s.Src.Peek(at, padding)
	for len(b) > 0 && b[0] == 0 {
		b, at = b[1:], at+1
	}
	return at, err
}

// tag is the length of the ID3v2 tag at an offset, 0 if there is none.
func (s *Stream) tag(at int64) (int64, error) {
	const head, footer = 10, 0x10
	b, err := s.Src.Peek(at, head)
	if err != nil || len(b) < head || string(b[:3]) != "ID3" || (b[6]|b[7]|b[8]|b[9])&0x80 != 0 {
		return 0, err
	}
	size := head + int64(b[6])<<21 + int64(b[7])<<14 + int64(b[8])<<7 + int64(b[9])
	if b[5]&footer != 0 {
		size += head
	}
	return size, nil
}

// find is the first offset, at most within bytes on, at which a number of frames of one kind begin one after the other,
// or fewer that reach the end of the file. Kind 0 is any. The header has no size if there is none.
func (s *Stream) find(at, within int64, kind uint32, count int) (int64, Header, error) {
	for end := at + within; at <= end; at += step {
		b, err := s.Src.Peek(at, window.Max)
		if err != nil || len(b) == 0 {
			return at, Header{}, err
		}
		for i := range min(int64(len(b)), step, end-at+1) {
			if h, ok := s.parse(b[i:min(i+MaxHeader, int64(len(b)))]); !ok || kind != 0 && h.Kind != kind {
				continue
			}
			h, err := s.row(at+i, kind, count)
			if err != nil || h.Size > 0 {
				return at + i, h, err
			}
			if b, err = s.Src.Peek(at, len(b)); err != nil {
				return at, Header{}, err
			}
		}
	}
	return at, Header{}, nil
}

// row returns the header at an offset if so many frames begin there.
func (s *Stream) row(at int64, kind uint32, count int) (first Header, err error) {
	for range count {
		h, err := s.header(at)
		switch {
		case err != nil:
			return Header{}, err
		case h.Size == 0 || kind != 0 && h.Kind != kind:
			if first.Size > 0 && at == s.Src.Size() {
				return first, nil
			}
			return Header{}, nil
		case first.Size == 0:
			first, kind = h, h.Kind
		}
		at += int64(h.Size)
	}
	return first, nil
}

// header reads the header at an offset; it has no size if there is none.
func (s *Stream) header(at int64) (Header, error) {
	b, err := s.Src.Peek(at, MaxHeader)
	if err != nil {
		return Header{}, err
	}
	if h, ok := s.parse(b); ok && h.Size > h.Skip && h.Size <= maxFrame {
		return h, nil
	}
	return Header{}, nil
}

// File makes a file of one track, which its index is added to.
func (s *Stream) File(t *container.Track, declared time.Duration) (*container.File, error) {
	t.Index = s.build.Index()
	f := &container.File{Tracks: []*container.Track{t}, Declared: declared, Scan: s.scan}
	switch done, err := s.some(atOnce); {
	case isDamage(err) || done:
		f.Scan = nil
	case err != nil:
		return nil, err
	}
	return f, nil
}

// scan adds all frames.
func (s *Stream) scan(ctx context.Context) error {
	for {
		if done, err := s.some(1 << 12); done || err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// some adds at most n frames, and tells whether these were all. With an error there are no more.
func (s *Stream) some(n int) (done bool, err error) {
	for range n {
		if done, err = s.next(); done || err != nil {
			s.build.Finish(err)
			return done, err
		}
	}
	s.build.Flush()
	return false, nil
}

// next adds the next frame, and tells whether there is none.
func (s *Stream) next() (done bool, err error) {
	h, err := s.header(s.At)
	if err != nil || s.At >= s.Src.Size() || s.build.Len() >= container.MaxSamples {
		return true, err
	}
	if h.Kind != s.First.Kind || h.Size == 0 {
		from := s.At
		s.At, h, err = s.find(s.At, maxJunk, s.First.Kind, 2)
		switch {
		case err != nil:
			return true, err
		case h.Size == 0 && s.At < s.Src.Size():
			return true, &container.DamagedError{Offset: from, Err: errJunk}
		case h.Size == 0: // tags at the end
			return true, nil
		}
	}
	if s.At+int64(h.Size) > s.Src.Size() {
		return true, &container.DamagedError{Offset: s.At, Err: io.ErrUnexpectedEOF}
	}
	s.build.Add(container.Sample{
		Offset: s.At + int64(h.Skip), Size: h.Size - h.Skip, DTS: s.time, PTS: s.time, Duration: h.Samples, Key: true,
	})
	s.At += int64(h.Size)
	s.time += int64(h.Samples)
	return false, nil
}

func isDamage(err error) bool {
	var damage *container.DamagedError
	return errors.As(err, &damage)
}
