package ogg

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/opus"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Bounds.
const (
	maxStreams = 16
	maxHead    = 1 << 10 // bytes of the first packet of a stream that matter
	maxJunk    = 1 << 20 // bytes between pages
	firstPages = 64      // that are read on opening
	tail       = window.Max
)

var errCodec = errors.New("codec not supported")

// A demuxer reads one file.
type demuxer struct {
	src     *window.Window
	file    *container.File
	streams []*stream
	at      int64 // of the next page
	media   bool  // pages came that do not begin a stream
	pieces  []piece
}

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no Ogg, a *container.DamagedError,
// or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	d := &demuxer{src: window.New(r, size), file: &container.File{}}
	if _, ok, err := readPage(d.src, 0); err != nil || !ok {
		return nil, orFormat(err)
	}
	done, err := d.some(firstPages)
	if err != nil && !found(d.streams) {
		return nil, err
	}
	for _, s := range d.streams {
		if s.track == nil {
			continue
		}
		s.track.Index, s.track.Reader = s.build.Index(), reader{r, container.NewReader(r)}
		d.file.Tracks = append(d.file.Tracks, s.track)
	}
	if !done && err == nil {
		d.file.Scan = d.scan
		err = d.declare()
	}
	if damage := (*container.DamagedError)(nil); err != nil && !errors.As(err, &damage) {
		return nil, err
	}
	return d.file, nil
}

func orFormat(err error) error {
	if err != nil {
		return err
	}
	return container.ErrFormat
}

// found tells whether one of the streams has samples.
func found(streams []*stream) bool {
	for _, s := range streams {
		if s.track != nil && s.build.Len() > 0 {
			return true
		}
	}
	return false
}

// begin notes a stream by the first page of it.
func (d *demuxer) begin(p page) error {
	b, err := d.src.Peek(p.body, int(min(p.end-p.body, maxHead)))
	if err != nil {
		return err
	}
	head, err := parseHead(b)
	if s := d.chained(head, err); s != nil {
		s.link(p.serial, head)
		return nil
	}
	if len(d.streams) >= maxStreams || d.media {
		return nil
	}
	s := &stream{serial: p.serial}
	d.streams = append(d.streams, s)
	if err != nil {
		d.file.Skipped = append(d.file.Skipped, fmt.Sprintf("track %d: %v", len(d.streams), err))
		return nil
	}
	s.build = container.NewBuilder()
	s.track = &container.Track{
		ID: len(d.streams), Codec: container.Opus, Timescale: opus.Rate, ClockRate: opus.Rate,
		Channels: head.channels, SampleRate: opus.Rate,
	}
	s.link(p.serial, head)
	return nil
}

// chained is the track that a stream goes on with, which begins when others have ended.
func (d *demuxer) chained(head head, err error) *stream {
	if err != nil || !d.media {
		return nil
	}
	for _, s := range d.streams {
		if s.track != nil && s.ended && s.track.Channels == head.channels {
			return s
		}
	}
	return nil
}

// A head is what the identification header says, RFC 7845 §5.1.
type head struct {
	channels int
	preSkip  int // samples that a decoder drops at the beginning
}

func parseHead(b []byte) (head, error) {
	switch {
	case len(b) < 19 || string(b[:8]) != "OpusHead":
		return head{}, errCodec
	case b[8]>>4 != 0 || b[9] == 0 || b[18] != 0 && b[18] != 1:
		return head{}, fmt.Errorf("opus of version %d, %d channels, mapping %d: %w", b[8], b[9], b[18], errCodec)
	}
	return head{int(b[9]), int(binary.LittleEndian.Uint16(b[10:]))}, nil
}

// declare says how long the file lasts, by the last page in it.
func (d *demuxer) declare() error {
	at, err := seekPage(d.src, max(d.at, d.src.Size()-tail), tail)
	for ; err == nil && at >= 0; at, err = seekPage(d.src, at+1, tail) {
		p, ok, err := readPage(d.src, at)
		if err != nil {
			return err
		}
		for _, s := range d.streams {
			if ok && s.track != nil && s.known && s.serial == p.serial && p.granule >= s.granule {
				lasts := s.track.Time(s.time + p.granule - s.granule)
				d.file.Declared = max(d.file.Declared, lasts)
			}
		}
	}
	return err
}

// scan reads the rest of the pages.
func (d *demuxer) scan(ctx context.Context) error {
	for {
		if done, err := d.some(1 << 8); done || err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// some reads at most n pages, and tells whether these were all. With an error there are no more.
func (d *demuxer) some(n int) (done bool, err error) {
	for range n {
		if done, err = d.next(); done || err != nil {
			break
		}
	}
	for _, s := range d.streams {
		switch {
		case s.track == nil:
		case done || err != nil:
			s.build.Finish(err)
		default:
			s.build.Flush()
		}
	}
	return done, err
}
