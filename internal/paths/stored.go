package paths

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
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

// maxFilms bounds how many files are kept open.
const maxFilms = 256

// refreshPeriod is how often a file that another program is writing is looked at.
const refreshPeriod = time.Second

// settled is how long a file has not changed that nobody is taken to be writing.
const settled = 5 * time.Second

// An opened is a file that is open. It is guarded by its Paths' mu.
type opened struct {
	*vod.Film
	file     *container.File
	handle   *os.File        // nil for what is no file
	ctx      context.Context // until the film is forgotten
	size     int64
	modified time.Time
	checked  time.Time
	used     time.Time
	scanning bool               // the pass over the file has not ended
	followed bool               // its growth is followed in the background
	stop     context.CancelFunc // of what runs in the background
}

func (f *opened) close() {
	f.stop()
}

// stored finds a film: a file of the media folder, else one that Baton brings along.
func (p *Paths) stored(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
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
	if f := p.films[key]; f != nil {
		return f, nil
	}
	size := r.(interface{ Size() int64 }).Size()
	return p.openFilm(key, name, r, size, nil, settings)
}

// openFile finds a file of the media folder. Nothing outside the folder can be reached: os.Root refuses
// "..", absolute names and links that lead out. A file that has changed is opened anew.
func (p *Paths) openFile(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	info, err := p.cfg.Media.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, missing(err)
	}
	if f := p.films[name]; f != nil {
		if f.same(info) || f.grown(info) {
			f.used = time.Now()
			p.follow(f)
			return f, nil
		}
		f.close()
		delete(p.films, name) // sessions that play it keep the old file open
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
	p.trim()
	return f, nil
}

// same tells whether a file is what it was when it was opened.
func (f *opened) same(info fs.FileInfo) bool {
	return f.size == info.Size() && f.modified.Equal(info.ModTime())
}

// quiet tells whether nobody is taken to be writing the file. Of one from the future that cannot be told.
func (f *opened) quiet() bool { return time.Since(f.modified).Abs() > settled }

// grown tells whether a file has only grown, and takes in what has come, for containers that can.
func (f *opened) grown(info fs.FileInfo) bool {
	if f.file.Refresh == nil || info.Size() < f.size {
		return false
	}
	if time.Since(f.checked) < refreshPeriod || f.scanning {
		return true
	}
	f.checked = time.Now()
	if _, err := f.file.Refresh(info.Size()); err != nil {
		return false
	}
	f.size, f.modified = info.Size(), info.ModTime()
	return true
}

// follow has the index of a file grow with it, as long as another program is writing it: sessions that come to its end
// wait for more. It is taken to be written when it was changed in the last seconds.
func (p *Paths) follow(f *opened) {
	if f.file.Refresh == nil || f.handle == nil || f.followed || f.quiet() {
		return
	}
	f.followed = true
	f.SetGrowing(true)
	p.wg.Go(func() { // ends when the file has not changed for some time, or the film is forgotten
		look := time.NewTicker(refreshPeriod)
		defer look.Stop()
		for {
			select {
			case <-look.C:
			case <-f.ctx.Done():
				f.SetGrowing(false)
				return
			}
			if !p.grows(f) {
				return
			}
		}
	})
}

// grows takes in what has come, and tells whether more may come.
func (p *Paths) grows(f *opened) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := f.handle.Stat()
	if f.checked = (time.Time{}); err == nil && !f.same(info) && f.grown(info) {
		return true
	}
	if err != nil || f.quiet() {
		f.followed = false
		f.SetGrowing(false)
		return false
	}
	return true
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
	f := &opened{file: file, size: size, used: time.Now(), checked: time.Now(), ctx: ctx, stop: cancel}
	f.handle, _ = r.(*os.File)
	save := func() error { return nil }
	if info != nil {
		f.modified = info.ModTime()
		if p.cfg.Cache != nil && file.Scan != nil {
			id := cache.Identify(name, info, options)
			p.cfg.Cache.Load(id, file)
			save = func() error { return p.cfg.Cache.Save(id, file) }
		}
	}
	f.Film, err = vod.NewFilm(file, vod.FilmConfig{
		Name: path.Base(name), MaxPacket: settings.MaxPacket, Modified: f.modified,
		Queue: settings.Play == config.PlayQueue, Loop: settings.Loop, Logger: log,
	})
	if err != nil {
		cancel()
		return nil, p.unplayable(name, err)
	}
	p.films[key] = f
	p.scan(f, save, log)
	p.follow(f)
	return f, nil
}

// scan has the index of a file made in the background, where it takes a pass over the file.
func (p *Paths) scan(f *opened, save func() error, log *slog.Logger) {
	if f.file.Scan == nil {
		return
	}
	f.scanning = true
	p.wg.Go(func() { // ends with the pass, or when the film is forgotten
		err := f.file.Scan(f.ctx)
		p.mu.Lock()
		f.scanning = false
		p.mu.Unlock()
		if f.ctx.Err() != nil {
			return
		}
		if err != nil {
			log.Warn("file is damaged", "err", err)
		}
		if err := save(); err != nil {
			log.Warn("index cannot be kept", "err", err)
		}
	})
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

// trim forgets the films that were not asked for the longest. Sessions that play them keep them open: the
// garbage collector closes the file behind the last.
func (p *Paths) trim() {
	for len(p.films) > maxFilms {
		oldest := ""
		for name, f := range p.films {
			if oldest == "" || f.used.Before(p.films[oldest].used) {
				oldest = name
			}
		}
		p.films[oldest].close()
		delete(p.films, oldest)
	}
}

// Stored tells whether what a path names now is stored media, not live. It reads no file.
func (p *Paths) Stored(name string) bool {
	if p.cfg.Settings(name).Source != "" || isDemand(name) || p.isPublished(name) {
		return false
	}
	if p.cfg.Media != nil {
		if info, err := p.cfg.Media.Stat(name); err == nil && info.Mode().IsRegular() {
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
