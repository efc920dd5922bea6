package folder

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

// A Folder is the media folder. It is safe for concurrent use.
type Folder struct {
	root    *os.Root
	dir     string
	log     *slog.Logger
	changes chan struct{}
	list    atomic.Pointer[[]Entry]

	// Tests have others.
	newWatcher func(changed func()) (watcher, error)
	limits     limits

	// owned by Run
	told map[string]bool // what was logged since it last was not so
}

// New returns what is in the folder dir, which root must have been opened from; it stays open as long as the Folder is in
// use. The list is empty until Run has walked through the folder. A nil logger logs nothing.
func New(root *os.Root, dir string, logger *slog.Logger) *Folder {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	f := &Folder{
		root: root, dir: dir, log: logger, changes: make(chan struct{}, 1), told: make(map[string]bool),
		newWatcher: notify, limits: limits{entries: maxEntries, names: maxNames, folders: maxFolders, depth: maxDepth},
	}
	f.list.Store(new([]Entry))
	return f
}

// List returns what is known of the folder, sorted by path. It is shared, and must not be changed.
func (f *Folder) List() []Entry { return *f.list.Load() }

// Changes returns a channel on which something comes when Run has walked through the folder for the first time, and when
// List returns something else than before. Changes that nobody has received yet count as one.
func (f *Folder) Changes() <-chan struct{} { return f.changes }

// How often the folder is walked through.
const (
	pause  = 500 * time.Millisecond // at least between two walks
	share  = 20                     // as many times as long as the last walk took, so that walking is a small part of the time
	poll   = 10 * time.Second       // where changes are not noticed
	safety = time.Minute            // where they are: not those that others make to a file system of the network
)

// Run follows the folder until ctx ends, and returns when all that it started has ended. It is called once.
func (f *Folder) Run(ctx context.Context) {
	w := &watch{Folder: f, changed: make(chan struct{}, 1)}
	defer w.close()
	for first := true; ; first = false {
		began := time.Now()
		list := w.walk(ctx)
		if ctx.Err() != nil {
			return
		}
		f.update(list, first)
		if !w.wait(ctx, time.Since(began)) {
			return
		}
	}
}

// update makes a list the one that is known.
func (f *Folder) update(list []Entry, first bool) {
	same := slices.EqualFunc(f.List(), list, func(a, b Entry) bool {
		return a.Path == b.Path && a.Size == b.Size && a.Modified.Equal(b.Modified)
	})
	if same && !first {
		return
	}
	f.list.Store(&list)
	select {
	case f.changes <- struct{}{}:
	default:
	}
}

// tell logs what is so, but not again before it was not so.
func (f *Folder) tell(what string, so bool, args ...any) {
	if so && !f.told[what] {
		f.log.Warn(what, append([]any{"folder", f.dir}, args...)...)
	}
	f.told[what] = so
}
