package paths

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/folder"
	"github.com/baton-rtsp/baton/internal/source"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A Kind is where the media of a path comes from.
type Kind string

// The kinds there are, in the order in which they are listed.
const (
	KindLive   Kind = "live"   // somebody publishes it
	KindSource Kind = "source" // it is pulled from somewhere
	KindClock  Kind = "clock"  // the clock
	KindDemo   Kind = "demo"   // a film that Baton brings along
	KindStored Kind = "stored" // a file of the media folder
)

// rank is the place of a kind in the list.
func (k Kind) rank() int {
	return slices.Index([]Kind{KindLive, KindSource, KindClock, KindDemo, KindStored}, k)
}

// A Listing is what is known of one path that can be played, for people to choose from. Zero means not known.
type Listing struct {
	Path string // without slashes at its ends
	Kind Kind
	// Active tells whether media comes now. A publisher that is awaited, or a source that is pulled on demand and that
	// nobody watches, is not active; what is stored always is.
	Active   bool
	Broken   bool // a file that could not be opened
	Tracks   []Track
	BitRate  float64       // bits a second, of all tracks
	Duration time.Duration // of what is stored
	Size     int64         // bytes of the file
	Modified time.Time     // of the file
}

// stored tells whether it is played from a file, for each reader anew.
func (k Kind) stored() bool { return k == KindDemo || k == KindStored }

// A candidate is a path that may be listed.
type candidate struct {
	path   string
	kind   Kind
	active bool
	live   *rtspserver.Live // nil: not running
	entry  folder.Entry     // of what is stored
}

// Presentations lists what can be played now, of what has all words of search in its path and is seen by who asks (nil: all is): what
// is live first, then by path, at most limit of them. The total is how many there are. What is in files is looked up in the
// background, so that a first answer may lack it.
func (p *Paths) Presentations(search string, sees func(path string, stored bool) bool, limit int) (list []Listing, total int) {
	found := p.candidates(strings.Fields(strings.ToLower(search)))
	if sees != nil {
		found = slices.DeleteFunc(found, func(c candidate) bool { return !sees(c.path, c.kind.stored()) })
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.kind.rank(), b.kind.rank()), cmp.Compare(a.path, b.path))
	})
	now := time.Now()
	list = make([]Listing, 0, min(limit, len(found)))
	var unknown []candidate
	for _, c := range found[:min(limit, len(found))] {
		l := Listing{Path: c.path, Kind: c.kind, Active: c.active}
		switch {
		case c.live != nil:
			l.Tracks, l.BitRate = describedTracks(c.live.Describe().SDP), c.live.Timeline().Rate(now)
		case c.kind == KindClock:
			l.Tracks = describedTracks(source.Clock{JPEG: c.path == clockJPEGPath, GOP: clock.DefaultGOP}.Describe())
		case c.kind.stored():
			if !p.fill(&l, c.entry) {
				unknown = append(unknown, c)
			}
		}
		list = append(list, l)
	}
	p.look(unknown)
	return list, len(found)
}

// candidates are the paths that have all words in them, each once: as what Open finds there.
func (p *Paths) candidates(words []string) (found []candidate) {
	seen := map[string]bool{}
	add := func(c candidate) {
		if seen[c.path] || !hasAll(c.path, words) {
			return
		}
		seen[c.path] = true
		settings := p.cfg.Settings(c.path)
		if !settings.Redirect.IsZero() {
			return
		}
		if settings.Source != "" && c.kind != KindSource {
			c = candidate{path: c.path, kind: KindSource}
		}
		found = append(found, c)
	}
	files := p.List()
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, e := range p.pulls {
		add(candidate{path: path, kind: KindSource, live: e.live, active: e.live != nil})
	}
	for _, path := range p.cfg.Sources {
		add(candidate{path: path, kind: KindSource})
	}
	for path, e := range p.published {
		add(candidate{path: path, kind: KindLive, live: e.live, active: e.owner != nil})
	}
	for _, path := range []string{clockPath, clockJPEGPath} {
		add(p.clockAt(path))
	}
	for _, e := range files {
		add(candidate{path: e.Path, kind: KindStored, active: true, entry: e})
	}
	for _, path := range []string{demoPath, moviePath} {
		add(candidate{path: path, kind: KindDemo, active: true, entry: folder.Entry{Path: path, Size: builtin(path).Size()}})
	}
	return found
}

// clockAt is a clock, running or not; of several with other key pictures any one.
func (p *Paths) clockAt(path string) candidate {
	c := candidate{path: path, kind: KindClock, active: true}
	for key, d := range p.demanded {
		if strings.HasPrefix(key, path+"?") {
			c.live = d.live
		}
	}
	return c
}

func hasAll(path string, words []string) bool {
	path = strings.ToLower(path)
	for _, word := range words {
		if !strings.Contains(path, word) {
			return false
		}
	}
	return true
}
