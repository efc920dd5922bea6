package wav

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/pcm"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Bounds.
const (
	maxChunks = 1 << 10 // before the audio
	maxFormat = 1 << 10 // bytes of the format that matter
	atOnce    = 1 << 14 // blocks that are indexed on opening, 5 minutes; the rest is left to Scan
)

var (
	errNoFormat = errors.New("no format before the audio")
	errNoData   = errors.New("no audio")
)

// streamed is the size of what was written without knowing how much it would be. RF64 has it too, and the true size in
// its ds64 chunk.
const streamed = 1<<32 - 1

// A demuxer reads one file.
type demuxer struct {
	src    *window.Window
	cutter pcm.Cutter
	format error // why the audio cannot be played
	known  bool  // the format was read
	large  int64 // size of the data that ds64 gives, 0 if none
	at     int64 // of what is to be indexed next
	end    int64
}

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no WAV file, a
// *container.DamagedError, or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	d := &demuxer{src: window.New(r, size)}
	b, err := d.src.Peek(0, 12)
	switch {
	case err != nil:
		return nil, err
	case len(b) < 12 || string(b[8:12]) != "WAVE":
		return nil, container.ErrFormat
	}
	switch string(b[:4]) {
	case "RIFF", "RF64", "BW64":
	default:
		return nil, container.ErrFormat
	}
	if err := d.chunks(); err != nil {
		return nil, err
	}
	return d.file(r), nil
}

// chunks goes over the chunks up to the audio.
func (d *demuxer) chunks() error {
	const head = 8
	at := int64(12)
	for range maxChunks {
		b, err := d.src.Peek(at, head+maxFormat)
		if err != nil {
			return err
		}
		if len(b) < head {
			break
		}
		id, size := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		body := b[head:min(int64(len(b)), head+size)]
		switch id {
		case "fmt ":
			d.cutter.Format, d.format = pcm.ParseWave(body)
			d.known = true
			if errors.Is(d.format, io.ErrUnexpectedEOF) {
				return &container.DamagedError{Offset: at, Err: d.format}
			}
		case "ds64":
			if len(body) >= 16 {
				d.large = int64(min(binary.LittleEndian.Uint64(body[8:]), 1<<62))
			}
		case "data":
			return d.data(at, at+head, size)
		}
		at += head + size + size&1
	}
	return &container.DamagedError{Offset: at, Err: errNoData}
}

// data notes where the audio is. A size of 0 is what a recorder leaves that was cut off.
func (d *demuxer) data(at, body, size int64) error {
	if !d.known {
		return &container.DamagedError{Offset: at, Err: errNoFormat}
	}
	if size == streamed && d.large > 0 {
		size = d.large
	}
	d.at, d.end = body, d.src.Size()
	if size > 0 && size != streamed {
		d.end = min(d.end, body+size)
	}
	return nil
}

func (d *demuxer) file(r io.ReaderAt) *container.File {
	f := &container.File{}
	if d.format != nil {
		f.Skipped = []string{fmt.Sprintf("track 1: %v", d.format)}
		return f
	}
	d.cutter.Build = container.NewBuilder()
	track := d.cutter.Format.Track(1, r)
	track.Index = d.cutter.Build.Index()
	f.Tracks = []*container.Track{track}
	f.Declared = track.Time((d.end - d.at) / int64(d.cutter.Format.Frame()))
	if !d.index() {
		f.Scan = d.scan
	}
	return f
}

// index adds some blocks, and tells whether these were all.
func (d *demuxer) index() bool {
	d.at += d.cutter.Add(d.at, d.end-d.at, atOnce)
	if d.end-d.at >= int64(d.cutter.Format.Frame()) && d.cutter.Build.Len() < container.MaxSamples {
		d.cutter.Build.Flush()
		return false
	}
	d.cutter.Build.Finish(nil)
	return true
}

func (d *demuxer) scan(ctx context.Context) error {
	for !d.index() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}
