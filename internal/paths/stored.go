package paths

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/mjpeg"
	demo "github.com/baton-rtsp/baton/internal/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// demoPath is the film that is always there.
const demoPath = "movie.mjpeg"

// maxFilms bounds how many files are kept open.
const maxFilms = 256

// A film is an open file. It is guarded by its Paths' mu.
type film struct {
	*vod.Film
	file     *os.File // nil: embedded
	size     int64
	modified time.Time
	used     time.Time
}

func (f *film) close() {
	if f.file != nil {
		f.file.Close()
	}
}

// stored finds a film: a file of the media folder, else the one that Baton brings along.
func (p *Paths) stored(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	if !strings.EqualFold(path.Ext(name), ".mjpeg") {
		return nil, notFound()
	}
	if p.cfg.Media != nil {
		f, err := p.openFile(name, settings)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	if name == demoPath {
		return p.openDemo(settings)
	}
	return nil, notFound()
}

func (p *Paths) openDemo(settings config.PathSettings) (rtspserver.Presentation, error) {
	if f := p.films[""]; f != nil {
		return f, nil
	}
	r := demo.Open()
	stored, err := vod.OpenFilm(r, r.Size(), p.filmConfig(demoPath, settings, time.Time{}))
	if err != nil {
		return nil, err
	}
	f := &film{Film: stored}
	p.films[""] = f
	return f, nil
}

func (p *Paths) filmConfig(name string, settings config.PathSettings, modified time.Time) vod.FilmConfig {
	return vod.FilmConfig{
		Name: path.Base(name), FrameRate: settings.FrameRate, MaxPacket: settings.MaxPacket, Modified: modified,
		Queue: settings.Play == config.PlayQueue, Logger: p.cfg.Logger.With("path", name),
	}
}

// openFile finds a file of the media folder. Nothing outside the folder can be reached: os.Root refuses
// "..", absolute names and links that lead out. A file that has changed is opened anew.
func (p *Paths) openFile(name string, settings config.PathSettings) (rtspserver.Presentation, error) {
	info, err := p.cfg.Media.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, missing(err)
	}
	if f := p.films[name]; f != nil {
		if f.size == info.Size() && f.modified.Equal(info.ModTime()) {
			f.used = time.Now()
			return f, nil
		}
		delete(p.films, name) // sessions that play it keep the old file open
	}
	file, err := p.cfg.Media.Open(name)
	if err != nil {
		return nil, missing(err)
	}
	stored, err := vod.OpenFilm(file, info.Size(), p.filmConfig(name, settings, info.ModTime()))
	if err != nil {
		file.Close()
		p.cfg.Logger.Warn("file cannot be played", "path", name, "err", err)
		if errors.Is(err, mjpeg.ErrFormat) {
			return nil, &rtsp.StatusError{Code: rtsp.StatusUnsupportedMediaType, Err: err}
		}
		return nil, err
	}
	f := &film{Film: stored, file: file, size: info.Size(), modified: info.ModTime(), used: time.Now()}
	p.films[name] = f
	p.trim()
	return f, nil
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

// trim forgets the films that were not asked for the longest. Sessions that play them keep them open:
// the garbage collector closes the file behind the last.
func (p *Paths) trim() {
	for len(p.films) > maxFilms {
		oldest := ""
		for name, f := range p.films {
			if name != "" && (oldest == "" || f.used.Before(p.films[oldest].used)) {
				oldest = name
			}
		}
		delete(p.films, oldest)
	}
}
