package paths

import (
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/folder"
)

// maxGlances bounds what is remembered of files.
const maxGlances = 20_000

// A glance is what one look into a file has shown. It holds as long as the file has not changed.
type glance struct {
	version
	broken   bool
	tracks   []Track
	duration time.Duration
}

// fill says what is known of a file, and whether anything is. A film that somebody has opened knows best: its index is
// complete, or will be.
func (p *Paths) fill(l *Listing, e folder.Entry) bool {
	l.Size, l.Modified = e.Size, e.Modified
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.glances[e.Path]
	if f := p.films[e.Path]; f != nil && f.as.Load().of(e) {
		g = glanceAt(e, f.file)
	}
	if g == nil || !g.of(e) {
		return false
	}
	l.Broken, l.Tracks, l.Duration = g.broken, g.tracks, g.duration
	if s := g.duration.Seconds(); s > 0 {
		l.BitRate = float64(e.Size) * 8 / s
	}
	return true
}

// look looks into files in the background, one after the other, unless that is being done.
func (p *Paths) look(unknown []candidate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.looking || len(unknown) == 0 {
		return
	}
	p.looking = true
	p.wg.Go(func() { // ends when all have been looked at, or with Close
		for _, c := range unknown {
			if p.ctx.Err() != nil {
				break
			}
			g, err := ask(p.ctx, p.disk, "glance "+c.path, func() (*glance, error) { return p.glance(c), nil })
			if err != nil {
				g = brokenAt(c.entry)
			}
			p.remember(c.entry, g)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.looking = false
	})
}

// remember keeps a glance. When there are too many, any other is forgotten: it costs one look more.
func (p *Paths) remember(e folder.Entry, g *glance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path := range p.glances {
		if len(p.glances) < maxGlances {
			break
		}
		delete(p.glances, path)
	}
	p.glances[e.Path] = g
}

// brokenAt is the glance at a file that cannot be opened.
func brokenAt(e folder.Entry) *glance {
	return &glance{version: version{e.Size, e.Modified}, broken: true}
}

// glance looks into a file. What is wrong with it is said when somebody plays it.
func (p *Paths) glance(c candidate) *glance {
	broken := brokenAt(c.entry)
	options := container.Options{FrameRate: float64(p.cfg.Settings(c.path).FrameRate)}
	if c.kind == KindDemo {
		return p.glanceInto(c.entry, builtin(c.path), options, broken)
	}
	info, err := p.stat(c.path)
	if err != nil || !info.Mode().IsRegular() {
		return broken
	}
	handle, err := p.cfg.Media.Open(c.path)
	if err != nil {
		return broken
	}
	defer handle.Close()
	entry := folder.Entry{Path: c.path, Size: info.Size(), Modified: info.ModTime()}
	return p.glanceInto(entry, handle, options, broken)
}

// glanceInto reads what a file says at its beginning, or what an index of it that was kept says.
func (p *Paths) glanceInto(e folder.Entry, r io.ReaderAt, options container.Options, broken *glance) *glance {
	file, err := open.Open(r, e.Size, options)
	if err != nil {
		return broken
	}
	if p.cfg.Cache != nil && file.Scan != nil {
		if info, err := p.cfg.Media.Stat(e.Path); err == nil {
			p.cfg.Cache.Load(cache.Identify(e.Path, info, options), file)
		}
	}
	return glanceAt(e, file)
}

// glanceAt is what an open file shows.
func glanceAt(e folder.Entry, file *container.File) *glance {
	g := &glance{version: version{e.Size, e.Modified}, tracks: storedTracks(file)}
	if complete(file) || file.Declared > 0 {
		g.duration = file.Duration()
	}
	return g
}

func complete(file *container.File) bool {
	for _, t := range file.Tracks {
		if !t.Index.Complete() {
			return false
		}
	}
	return true
}
