package mjpeg

import (
	"context"
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds.
const (
	MaxImage = 1<<24 - 1 // bytes of one image
	AtOnce   = 16 << 20  // bytes of a file that is walked through on opening; the others are left to Scan
)

// clockRate of video in RTP.
const clockRate = 90000

// A demuxer reads one file.
type demuxer struct {
	scanner
	next  func() (span, error) // goes over the next image
	build *container.Builder
	time  int64 // ticks, of the next image
	frame int   // ticks that each image is shown
}

// Open opens the first size bytes of r. Images follow each other at the frame rate of opt. The error is
// container.ErrFormat if they do not begin with a whole image, or the reader's. When what follows is not a whole image,
// because the file was cut off or is damaged, the index ends there with a *container.DamagedError. The File goes on
// using r.
func Open(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
	d := &demuxer{scanner: scanner{r: r, size: size}, build: container.NewBuilder()}
	t := &container.Track{
		ID: 1, Codec: container.MJPEG, Video: true, ClockRate: clockRate,
		Index: d.build.Index(), Reader: newReader(r),
	}
	t.Timescale, d.frame = ticks(opt.FrameRate)
	if err := d.first(); err != nil {
		return nil, err
	}
	t.Width, t.Height = d.width, d.height
	f := &container.File{Tracks: []*container.Track{t}}
	if size > AtOnce {
		d.build.Flush()
		f.Scan = d.scan
		return f, nil
	}
	if err := d.scan(context.Background()); err != nil && !isDamage(err) {
		return nil, err
	}
	return f, nil
}

// first adds the first image, and learns which variant the file is of and how large its pictures are.
func (d *demuxer) first() error {
	b, err := d.byte()
	if err != nil {
		return orFormat(err)
	}
	d.pos = 0
	d.next = d.plain
	if isDigit(b) {
		d.next = d.framed
	}
	image, err := d.next()
	if err != nil {
		return orFormat(err)
	}
	if isDigit(b) { // the image was not looked into
		d.seek(image.offset)
		d.limit = image.offset + int64(image.length)
		if err := d.image(); err != nil && !isIncomplete(err) {
			return err
		}
		d.seek(d.limit)
		d.limit = 0
	}
	d.add(image)
	return nil
}

func orFormat(err error) error {
	if isIncomplete(err) || errors.Is(err, io.EOF) {
		return container.ErrFormat
	}
	return err
}

// add adds an image, and tells whether the index has room for it.
func (d *demuxer) add(s span) bool {
	ok := d.build.Add(container.Sample{
		Offset: s.offset, Size: s.length, DTS: d.time, PTS: d.time, Duration: d.frame, Key: true,
	})
	d.time += int64(d.frame)
	return ok
}

// scan adds all images that follow.
func (d *demuxer) scan(ctx context.Context) error {
	for ctx.Err() == nil {
		image, err := d.next()
		if err == nil && !d.add(image) {
			err = errMany
		}
		if err != nil {
			err = d.ended(err)
			d.build.Finish(err)
			d.memory = nil
			return err
		}
	}
	d.build.Flush()
	return context.Cause(ctx)
}

var errMany = errors.New("more images than can be indexed")

// ended is what is wrong with a file that has no image any more because of err.
func (d *demuxer) ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case isIncomplete(err) || errors.Is(err, errMany):
		return &container.DamagedError{Offset: d.start, Err: err}
	}
	return err
}

// isIncomplete tells whether err speaks about the content of the file.
func isIncomplete(err error) bool { return errors.Is(err, errEnd) || errors.Is(err, errImage) }

func isDamage(err error) bool {
	var damage *container.DamagedError
	return errors.As(err, &damage)
}
