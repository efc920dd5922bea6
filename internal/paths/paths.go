package paths

import (
	"context"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"sync"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/folder"
	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// maxPath is the longest path that can be published, in bytes.
const maxPath = 512

// Config says what there is to name.
type Config struct {
	// Settings are those of a path.
	Settings func(path string) config.PathSettings
	// Sources are the paths that have a source of their own, to be listed whether it is pulled or not.
	Sources []string
	// Media is the folder of stored media; nil: none.
	Media *os.Root
	// Cache keeps the indexes of stored media that take a pass over the file; nil: they are made anew.
	Cache *cache.Cache
	// Budget caps the memory of all live presentations; nil: no cap.
	Budget *timeline.Budget
	// Client is how sources are pulled; what their settings say is filled in.
	Client rtspclient.Config
	// Logger gets a line for what people should know; nil: none.
	Logger *slog.Logger
}

// Paths is all that URLs can name. It is safe for concurrent use; it must be closed.
type Paths struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // sources that are running

	viewers *relay.Viewers // of sources that each has for itself
	disk    *disk
	stat    func(name string) (fs.FileInfo, error) // of the media folder; tests have another

	// guarded by mu, which is never held while files are looked at
	// guarded by mu
	mu        sync.Mutex
	closed    bool
	published map[string]*published
	demanded  map[string]*demanded
	films     map[string]*opened
	pulls     map[string]*pulled
	folder    *folder.Folder     // nil before Follow
	glances   map[string]*glance // by path
	looking   bool               // a goroutine looks into files
}

// New makes a Paths. It starts nothing.
func New(cfg Config) *Paths {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Paths{
		cfg: cfg, published: map[string]*published{}, demanded: map[string]*demanded{}, films: map[string]*opened{}, pulls: map[string]*pulled{},
		glances: map[string]*glance{}, viewers: relay.NewViewers(maxPulled), disk: newDisk(cfg.Logger),
	}
	if cfg.Media != nil {
		p.stat = cfg.Media.Stat
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Follow begins to follow what is in the media folder, which was opened from dir, until Close.
func (p *Paths) Follow(dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cfg.Media == nil || p.folder != nil || p.closed {
		return
	}
	f := folder.New(p.cfg.Media, dir, p.cfg.Logger)
	p.folder = f
	p.wg.Go(func() { f.Run(p.ctx) }) // ends with Close
}

// List is what is in the media folder, as far as it is known.
func (p *Paths) List() []folder.Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.folder == nil {
		return nil
	}
	return p.folder.List()
}

// background runs what ends when Close does, unless that was called.
func (p *Paths) background(run func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Go(run)
	return true
}

// Close ends every presentation and returns when their sources have ended.
func (p *Paths) Close() {
	p.mu.Lock()
	p.closed = true
	for _, e := range p.published {
		e.stop()
		e.live.End(nil)
	}
	for _, d := range p.demanded {
		d.live.End(nil)
	}
	for _, f := range p.films {
		f.stop()
	}
	for _, e := range p.pulls {
		p.end(e)
	}
	clear(p.published)
	clear(p.demanded)
	clear(p.films)
	p.mu.Unlock()
	p.cancel()
	p.viewers.Close()
	p.wg.Wait()
}

// Open finds what can be played at a URL: what is pulled, what is published there, then what is made on demand, then what
// is stored.
func (p *Paths) Open(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
	settings := p.cfg.Settings(r.Path)
	if err := redirected(settings); err != nil {
		return nil, err
	}
	if settings.Source != "" && settings.PerViewer {
		return p.relayed(ctx, r, settings)
	}
	if settings.Source != "" {
		live, err := p.await(ctx, r.Path, settings)
		if err != nil {
			return nil, err
		}
		return starting(live, r)
	}
	live, err := p.live(r, settings)
	switch {
	case err != nil:
		return nil, err
	case live != nil:
		return starting(live, r)
	}
	return p.stored(ctx, r.Path, settings)
}

// live is what is published at a path, or made on demand; nil: nothing is.
func (p *Paths) live(r *rtspserver.Request, settings config.PathSettings) (*rtspserver.Live, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, notFound()
	}
	if e := p.published[r.Path]; e != nil {
		return e.live, nil
	}
	if isDemand(r.Path) {
		return p.demand(r, settings)
	}
	return nil, nil
}

// starting is a live presentation for a reader whose URL may say where it begins: ?start=.
func starting(live *rtspserver.Live, r *rtspserver.Request) (rtspserver.Presentation, error) {
	values, err := url.ParseQuery(r.Query)
	if err != nil || !values.Has("start") {
		return live, nil // what else is asked for is not ours to judge
	}
	start, err := timeline.ParseStart(values.Get("start"))
	if err != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusBadRequest, Text: "start Is instant, keyframe Or live"}
	}
	return live.Starting(start), nil
}

func notFound() error { return &rtsp.StatusError{Code: rtsp.StatusNotFound} }

// redirected is the refusal that sends a client elsewhere.
func redirected(settings config.PathSettings) error {
	if settings.Redirect.IsZero() {
		return nil
	}
	err := &rtsp.StatusError{Code: rtsp.StatusFound}
	err.Header.Set("Location", settings.Redirect.Location())
	return err
}
