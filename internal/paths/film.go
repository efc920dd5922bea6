package paths

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/folder"
	"github.com/baton-rtsp/baton/internal/vod"
)

// maxFilms bounds how many files are kept open.
const maxFilms = 256

// refreshPeriod is how often a file that another program is writing is looked at.
const refreshPeriod = time.Second

// settled is how long a file has not changed that nobody is taken to be writing.
const settled = 5 * time.Second

// An opened is a film that is kept open.
type opened struct {
	*vod.Film
	name   string // under which it is kept
	file   *container.File
	handle *os.File                // nil for what is no file
	as     atomic.Pointer[version] // how far the file is known; changes with turn held
	used   time.Time               // guarded by the Paths' mu

	ctx      context.Context    // until the film is forgotten
	stop     context.CancelFunc // of what runs in the background
	scanning atomic.Bool        // the pass over the file has not ended

	// turn is held by who looks at the file, which may take as long as the file system likes; it guards what follows.
	turn     sync.Mutex
	checked  time.Time
	followed bool // its growth is followed in the background
}

// A version tells whether a file has changed.
type version struct {
	size     int64
	modified time.Time
}

func versionOf(info fs.FileInfo) *version { return &version{info.Size(), info.ModTime()} }

func (v *version) equal(w *version) bool { return v.size == w.size && v.modified.Equal(w.modified) }

// of tells whether it is the file as it is listed now.
func (v *version) of(e folder.Entry) bool { return v.equal(&version{e.Size, e.Modified}) }

// film is one that is open, nil if it is not. It is used from now on.
func (p *Paths) film(name string) *opened {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.films[name]
	if f != nil {
		f.used = time.Now()
	}
	return f
}

// keep keeps a film open; false when all have been closed. Those that were not asked for the longest are forgotten. Sessions that
// play them keep them open: the garbage collector closes the file behind the last.
func (p *Paths) keep(f *opened) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	f.used = time.Now()
	p.films[f.name] = f
	for len(p.films) > maxFilms {
		oldest := f
		for _, other := range p.films {
			if other.used.Before(oldest.used) {
				oldest = other
			}
		}
		oldest.stop()
		delete(p.films, oldest.name)
	}
	return true
}

// putAway forgets a film.
func (p *Paths) putAway(name string, f *opened) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.stop()
	if p.films[name] == f {
		delete(p.films, name)
	}
}

// current tells whether a file is what was opened, or has only grown.
func (f *opened) current(info fs.FileInfo) bool {
	f.turn.Lock()
	defer f.turn.Unlock()
	return f.as.Load().equal(versionOf(info)) || f.grown(info)
}

// quiet tells whether nobody is taken to be writing the file. Of one from the future that cannot be told.
func (f *opened) quiet() bool { return time.Since(f.as.Load().modified).Abs() > settled }

// grown tells whether a file has only grown, and takes in what has come, for containers that can. It is f's turn.
func (f *opened) grown(info fs.FileInfo) bool {
	if f.file.Refresh == nil || info.Size() < f.as.Load().size {
		return false
	}
	if time.Since(f.checked) < refreshPeriod || f.scanning.Load() {
		return true
	}
	f.checked = time.Now()
	if _, err := f.file.Refresh(info.Size()); err != nil {
		return false
	}
	f.as.Store(versionOf(info))
	return true
}

// follow has the index of a file grow with it, as long as another program is writing it: sessions that come to its end
// wait for more. It is taken to be written when it was changed in the last seconds.
func (p *Paths) follow(f *opened) {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.file.Refresh == nil || f.handle == nil || f.followed || f.quiet() {
		return
	}
	f.followed = p.background(func() { p.followed(f) }) // ends when the file has not changed for some time, or the film is forgotten
	f.SetGrowing(f.followed)
}

func (p *Paths) followed(f *opened) {
	look := time.NewTicker(refreshPeriod)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-f.ctx.Done():
			f.SetGrowing(false)
			return
		}
		more, err := ask(f.ctx, p.disk, "grow "+f.name, func() (bool, error) { return f.grows(), nil })
		if err == nil && !more {
			return
		}
	}
}

// grows takes in what has come, and tells whether more may come.
func (f *opened) grows() bool {
	f.turn.Lock()
	defer f.turn.Unlock()
	info, err := f.handle.Stat()
	if f.checked = (time.Time{}); err == nil && !f.as.Load().equal(versionOf(info)) && f.grown(info) {
		return true
	}
	if err != nil || f.quiet() {
		f.followed = false
		f.SetGrowing(false)
		return false
	}
	return true
}

// scan has the index of a file made in the background, where it takes a pass over the file.
func (p *Paths) scan(f *opened, save func() error, log *slog.Logger) {
	if f.file.Scan == nil {
		return
	}
	f.scanning.Store(true)
	p.background(func() { // ends with the pass, or when the film is forgotten
		err := f.file.Scan(f.ctx)
		f.scanning.Store(false)
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
