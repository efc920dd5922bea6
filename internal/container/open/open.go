// Package open opens media files of any container that Baton reads. It goes by the content alone: names lie, and those of
// recordings more than others. Package paths calls it; it knows no format itself.
package open

import (
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/adts"
	"github.com/baton-rtsp/baton/internal/container/annexb"
	"github.com/baton-rtsp/baton/internal/container/avi"
	"github.com/baton-rtsp/baton/internal/container/matroska"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	"github.com/baton-rtsp/baton/internal/container/mp4"
	"github.com/baton-rtsp/baton/internal/container/mpa"
	"github.com/baton-rtsp/baton/internal/container/mpegts"
	"github.com/baton-rtsp/baton/internal/container/ogg"
	"github.com/baton-rtsp/baton/internal/container/wav"
)

// Open opens the first size bytes of r with the demuxer that knows them. The error is container.ErrFormat when none does,
// a *container.DamagedError when one does but nothing can be played, or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
	if size <= 0 {
		return nil, container.ErrFormat
	}
	for _, open := range [...]opener{
		mp4.Open, matroska.Open, ogg.Open, wav.Open, avi.Open, // known by a word at a certain place
		mjpeg.Open, annexb.Open, // known by what they begin with, and what follows
		mpegts.Open, notWithin(adts.Open), notWithin(mpa.Open), // these look for their first part
	} {
		f, err := open(r, size, opt)
		if !errors.Is(err, container.ErrFormat) {
			return f, err
		}
	}
	return nil, container.ErrFormat
}

// An opener is the Open of a demuxer.
type opener func(r io.ReaderAt, size int64, opt container.Options) (*container.File, error)

// notWithin keeps a demuxer of sound from what it would find within streams of MPEG that Baton does not read: they begin with a
// start code, and no sound does.
func notWithin(open opener) opener {
	return func(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
		b := make([]byte, 3)
		if n, _ := r.ReadAt(b, 0); n == len(b) && string(b) == "\x00\x00\x01" {
			return nil, container.ErrFormat
		}
		return open(r, size, opt)
	}
}
