package avi

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Bounds.
const (
	maxHeaders = 4 << 20 // bytes of the hdrl list
	maxStreams = 100     // two digits name them
	maxSteps   = 1 << 10 // chunks before the media, and between them and idx1
	fromIndex  = 1 << 15 // parts that are read on opening
	fromFile   = 64      // the same if there is no index
)

// A demuxer reads one file.
type demuxer struct {
	src     *window.Window
	r       io.ReaderAt
	file    *container.File
	streams []*stream
	source  source
	damage  error // the first that was stepped over
}

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no AVI, a *container.DamagedError,
// or the reader's. The File goes on using r. The frame rate of opt is taken where the file says none.
func Open(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
	d := &demuxer{src: window.New(r, size), r: r, file: &container.File{}}
	b, err := d.src.Peek(0, listHead)
	switch {
	case err != nil:
		return nil, err
	case len(b) < listHead || string(b[:4]) != "RIFF" || string(b[8:]) != "AVI ":
		return nil, container.ErrFormat
	}
	if opt.FrameRate <= 0 || opt.FrameRate > maxFPS {
		opt.FrameRate = 25
	}
	media, err := d.headers(opt.FrameRate)
	if err != nil {
		return nil, err
	}
	return d.begin(media)
}

// headers reads what is before the media, and returns where these are.
func (d *demuxer) headers(frameRate float64) (media chunk, err error) {
	at := int64(listHead)
	for range maxSteps {
		c, err := readChunk(d.src, at)
		switch {
		case err != nil:
			return chunk{}, err
		case c.id == "LIST" && c.kind == "movi" && d.streams != nil:
			return c, nil
		case c.id == "LIST" && c.kind == "hdrl" && d.streams == nil:
			if err := d.list(c, frameRate); err != nil {
				return chunk{}, err
			}
		case c.id == "":
			return chunk{}, &container.DamagedError{Offset: at, Err: io.ErrUnexpectedEOF}
		}
		at = c.end()
	}
	return chunk{}, &container.DamagedError{Offset: at, Err: errStream}
}

// list reads the hdrl list.
func (d *demuxer) list(c chunk, frameRate float64) error {
	if c.size > maxHeaders {
		return &container.DamagedError{Offset: c.at, Err: errLarge}
	}
	b, err := io.ReadAll(io.NewSectionReader(d.r, c.body, c.size))
	if err != nil || len(b) < 4 {
		return err
	}
	d.streams = []*stream{}
	for id, v := range chunks(b[4:]) {
		if id != "strl" || len(d.streams) >= maxStreams {
			continue
		}
		n := len(d.streams)
		s, err := parseStream(v, n, d.r, frameRate)
		d.streams = append(d.streams, s)
		if err != nil {
			s.track = nil
			d.file.Skipped = append(d.file.Skipped, fmt.Sprintf("track %d: %v", n, err))
			continue
		}
		s.build = container.NewBuilder()
		s.track.ID, s.track.Index = n, s.build.Index()
		d.file.Declared = max(d.file.Declared, s.track.Time(s.length*int64(s.step)))
		if s.cutter != nil {
			s.cutter.Build = s.build
		} else {
			s.track.Reader = container.NewReader(d.r)
		}
		d.file.Tracks = append(d.file.Tracks, s.track)
	}
	return nil
}

// begin chooses where to learn of the chunks, and reads the first.
func (d *demuxer) begin(media chunk) (*container.File, error) {
	count := fromIndex
	var err error
	if d.source, err = d.index(media); err != nil {
		return nil, err
	}
	if d.source == nil {
		d.source, count = &walk{d.src, media.body + 4}, fromFile
	}
	done, err := d.some(count)
	if err != nil && (!isDamage(err) || !d.found()) {
		return nil, err
	}
	if !done {
		d.file.Scan = d.scan
	}
	return d.file, nil
}

// index is the index of the file, nil if there is none.
func (d *demuxer) index(media chunk) (source, error) {
	complete := true // every stream has an index
	for _, s := range d.streams {
		complete = complete && (s.track == nil || len(s.super) > 0)
	}
	if complete && len(d.file.Tracks) > 0 {
		return &newIndex{src: d.src, streams: d.streams, turn: -1}, nil
	}
	at := media.end()
	for range maxSteps {
		c, err := readChunk(d.src, at)
		switch {
		case err != nil:
			return nil, ignoreEnd(err)
		case c.id == "" || c.isList() && c.id == "RIFF":
			return nil, nil
		case c.id == "idx1":
			x := &oldIndex{src: d.src, at: c.body, end: min(c.body+c.size, d.src.Size())}
			if ok, err := x.settle(media.body); err != nil || !ok {
				return nil, err
			}
			return x, nil
		}
		at = c.end()
	}
	return nil, nil
}

// ignoreEnd is err but for what concerns the file's content.
func ignoreEnd(err error) error {
	if isDamage(err) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func isDamage(err error) bool {
	var damage *container.DamagedError
	return errors.As(err, &damage)
}

// found tells whether a stream has samples.
func (d *demuxer) found() bool {
	for _, s := range d.streams {
		if s.track != nil && s.build.Len() > 0 {
			return true
		}
	}
	return false
}

// scan reads the rest.
func (d *demuxer) scan(ctx context.Context) error {
	for {
		if done, err := d.some(1 << 12); done {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// some adds at most n parts, and tells whether there are no more, be it for an error.
func (d *demuxer) some(n int) (done bool, err error) {
	for range n {
		var p part
		if p, err = d.source.next(); err != nil {
			break
		}
		d.take(p)
	}
	if errors.Is(err, io.EOF) {
		err, done = d.damage, true
	}
	done = done || err != nil
	for _, s := range d.streams {
		switch {
		case s.track == nil:
		case done:
			s.build.Finish(err)
		default:
			s.build.Flush()
		}
	}
	return done, err
}

// take adds a part, unless it cannot be where it says.
func (d *demuxer) take(p part) {
	switch {
	case p.stream < 0 || p.stream >= len(d.streams) || d.streams[p.stream].track == nil:
	case p.at < 0 || p.size > d.src.Size() || p.at > d.src.Size()-p.size:
		if d.damage == nil {
			d.damage = &container.DamagedError{Offset: p.at, Err: io.ErrUnexpectedEOF}
		}
	default:
		d.streams[p.stream].add(p.at, p.size)
	}
}
