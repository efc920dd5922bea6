package lab

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
)

// moviePath is the film that is always there. Clients ask for movie.Mjpeg.
const moviePath = "movie.mjpeg"

// nameOf is the one name that a file has, whatever a client writes: what may be had is decided by it. No name leads upwards.
func nameOf(file string) (name string, ok bool) {
	return strings.TrimPrefix(path.Clean("/"+file), "/"), !slices.Contains(strings.Split(file, "/"), "..")
}

// A movie is an open file.
type movie struct {
	track *container.Track
	file  io.Closer
	stop  context.CancelFunc // of what completes the index
	done  chan struct{}      // closed when it is complete, or has been stopped
}

// openMovie finds a file of the media folder, else the film that Baton brings along. The error is fs.ErrNotExist when there is
// none, or what is wrong with it.
func openMovie(media *os.Root, name string, log *slog.Logger) (*movie, error) {
	if ext := strings.ToLower(path.Ext(name)); ext != ".mjpeg" && ext != ".mjpg" {
		return nil, fs.ErrNotExist
	}
	if media != nil {
		if info, err := media.Stat(name); err == nil && info.Mode().IsRegular() {
			f, err := media.Open(name)
			if err != nil {
				return nil, err
			}
			m, err := newMovie(f, info.Size(), f, log)
			if err != nil {
				f.Close()
			}
			return m, err
		}
	}
	if strings.EqualFold(name, moviePath) {
		r := film.Open()
		return newMovie(r, r.Size(), io.NopCloser(r), log)
	}
	return nil, fs.ErrNotExist
}

func newMovie(r io.ReaderAt, size int64, file io.Closer, log *slog.Logger) (*movie, error) {
	f, err := mjpeg.Open(r, size, container.Options{FrameRate: frameRate})
	if err != nil {
		return nil, fmt.Errorf("no motion JPEG: %w", err)
	}
	m := &movie{track: f.Tracks[0], file: file, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	m.stop = cancel
	go func() { // ends with the pass over the file, or with close
		defer close(m.done)
		if f.Scan != nil {
			contained(log, func() { f.Scan(ctx) }) // where the file is damaged, the film ends
		}
	}()
	return m, nil
}

// close forgets the film. Nobody may read it any more.
func (m *movie) close() {
	m.stop()
	<-m.done
	m.file.Close()
}

// image reads a frame, counted from 0. The error is io.EOF behind the last one, errLater for one that is not indexed yet, and
// errLarge for one that fits no datagram.
func (m *movie) image(n int, buf []byte) ([]byte, error) {
	complete := m.track.Index.Complete() // asked first: what comes in between is found
	s, ok := m.track.Index.At(n)
	switch {
	case !ok && complete:
		return nil, io.EOF
	case !ok:
		return nil, errLater
	case s.Size > maxImage:
		return nil, errLarge
	}
	return m.track.Reader.ReadSample(s, buf)
}
