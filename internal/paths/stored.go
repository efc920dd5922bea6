package paths

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/demo"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// Films that are always there.
const (
	demoPath  = "demo.mp4"
	moviePath = "movie.mjpeg"
)

// stored finds a film: a file of the media folder, else one that Baton brings along. It waits for the file system as long as ctx.
func (p *Paths) stored(ctx context.Context, name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	return ask(ctx, p.disk, "open "+name, func() (rtspserver.Presentation, error) { return p.find(name, settings) })
}

func (p *Paths) find(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	if p.cfg.Media != nil {
		f, err := p.openFile(name, settings)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	if r := builtin(name); r != nil {
		return p.openBuiltin(name, r, settings)
	}
	return nil, notFound()
}

// builtin is a film that Baton brings along, nil if there is none of that name.
func builtin(name string) interface {
	io.ReaderAt
	Size() int64
} {
	switch name {
	case demoPath:
		return demo.Open()
	case moviePath:
		return film.Open()
	}
	return nil
}

func (p *Paths) openBuiltin(name string, r io.ReaderAt, settings config.PathSettings) (rtspserver.Presentation, error) {
	key := "builtin " + name
	if f := p.film(key); f != nil {
		return f, nil
	}
	size := r.(interface{ Size() int64 }).Size()
	return p.openFilm(key, name, r, size, nil, settings)
}

// openFile finds a file of the media folder. Nothing outside the folder can be reached: os.Root refuses
// "..", absolute names and links that lead out. A file that has changed is opened anew.
func (p *Paths) openFile(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	info, err := p.stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, missing(err)
	}
	if f := p.film(name); f != nil {
		if f.current(info) {
			p.follow(f)
			return f, nil
		}
		p.putAway(name, f) // sessions that play it keep the old file open
	}
	file, err := p.cfg.Media.Open(name)
	if err != nil {
		return nil, missing(err)
	}
	f, err := p.openFilm(name, name, file, info.Size(), info, settings)
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// openFilm makes a presentation of a file. An index that takes a pass over the file comes from the cache,
// or is made in the background and kept there. info is nil for what is no file.
func (p *Paths) openFilm(key, name string, r io.ReaderAt, size int64, info fs.FileInfo, settings config.PathSettings) (*opened, error) {
	log := p.cfg.Logger.With("path", name)
	options := container.Options{FrameRate: float64(settings.FrameRate)}
	file, err := open.Open(r, size, options)
	if err != nil {
		return nil, p.unplayable(name, err)
	}
	ctx, cancel := context.WithCancel(p.ctx)
	f := &opened{name: key, file: file, checked: time.Now(), ctx: ctx, stop: cancel}
	f.handle, _ = r.(*os.File)
	f.as.Store(&version{size: size})
	save := func() error { return nil }
	if info != nil {
		f.as.Store(versionOf(info))
		if p.cfg.Cache != nil && file.Scan != nil {
			id := cache.Identify(name, info, options)
			p.cfg.Cache.Load(id, file)
			save = func() error { return p.cfg.Cache.Save(id, file) }
		}
	}
	f.Film, err = vod.NewFilm(file, vod.FilmConfig{
		Name: path.Base(name), MaxPacket: settings.MaxPacket, Modified: f.as.Load().modified,
		Queue: settings.Play == config.PlayQueue, Loop: settings.Loop, Logger: log,
	})
	if err != nil {
		cancel()
		return nil, p.unplayable(name, err)
	}
	if !p.keep(f) {
		cancel()
		return nil, notFound()
	}
	p.scan(f, save, log)
	p.follow(f)
	return f, nil
}

// unplayable turns what is wrong with a file into an answer: 415 for what is no media, 500 for what is
// broken, and a line in the log.
func (p *Paths) unplayable(name string, err error) error {
	p.cfg.Logger.Warn("file cannot be played", "path", name, "err", err)
	if errors.Is(err, container.ErrFormat) {
		return &rtsp.StatusError{Code: rtsp.StatusUnsupportedMediaType, Err: err}
	}
	return &rtsp.StatusError{Code: rtsp.StatusInternalServerError, Err: err}
}

// missing tells a file that is not there, or must not be seen, from one that cannot be read.
func missing(err error) error {
	if err == nil || errors.Is(err, fs.ErrPermission) {
		return notFound()
	}
	var pe *fs.PathError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &pe) { // a name that leads out of the folder too
		return fs.ErrNotExist
	}
	return err
}

// Stored tells whether what a path names now is stored media, not live. It reads no file. Where the file system does not say, it
// may be.
func (p *Paths) Stored(name string) bool {
	if p.cfg.Settings(name).Source != "" || isDemand(name) || p.isPublished(name) {
		return false
	}
	if p.cfg.Media != nil {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		info, err := ask(ctx, p.disk, "stat "+name, func() (fs.FileInfo, error) { return p.stat(name) })
		if err == nil && info.Mode().IsRegular() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return true
		}
	}
	return name == demoPath || name == moviePath
}

func (p *Paths) isPublished(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.published[name] != nil
}
