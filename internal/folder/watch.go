package folder

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"
)

// A watch walks through a folder and waits for the next time. It belongs to Run.
type watch struct {
	*Folder
	changed chan struct{} // something has changed since the last walk began
	watcher watcher       // nil if there is none
	watched map[string]bool
	err     error // why not all changes are noticed, in the last walk
}

// walk lists the folder, and sees to it that what changes from now on is noticed.
func (w *watch) walk(ctx context.Context) []Entry {
	for {
		w.open()
		seen := make(map[string]bool)
		walk := walker{ctx: ctx, top: w.root, limits: w.limits, enter: func(dir string) {
			seen[dir] = true
			w.add(dir)
		}}
		walk.folder(w.root, ".", 0)
		w.report(&walk)
		if ctx.Err() != nil || !w.lost(seen) {
			return walk.sorted()
		}
		// What is watched is known by names. A folder that was renamed goes on being watched by its old ones, and
		// those below it too, so all that begins anew.
		w.close()
	}
}

// open makes a watcher if there is none. What changed before is seen by the walk that follows.
func (w *watch) open() {
	select {
	case <-w.changed:
	default:
	}
	w.err = nil
	if w.watcher != nil {
		return
	}
	w.watched = make(map[string]bool)
	w.watcher, w.err = w.newWatcher(func() {
		select {
		case w.changed <- struct{}{}:
		default:
		}
	})
	if w.err != nil {
		w.watcher = nil
	}
}

// add watches a folder that is about to be read. One that is watched already may be another than the last time.
func (w *watch) add(dir string) {
	if w.watcher == nil {
		return
	}
	err := w.watcher.Add(filepath.Join(w.dir, filepath.FromSlash(dir)))
	switch {
	case err == nil:
		w.watched[dir] = true
	case !errors.Is(err, fs.ErrNotExist): // one that is gone is a change of the folder that it was in
		w.err = err
	}
}

// lost tells whether a folder is watched that is not there any more.
func (w *watch) lost(seen map[string]bool) bool {
	for dir := range w.watched {
		if !seen[dir] {
			return true
		}
	}
	return false
}

// close ends the watcher.
func (w *watch) close() {
	if w.watcher != nil {
		w.watcher.Close()
		w.watcher = nil
	}
}

// report logs what people should know of a walk.
func (w *watch) report(walk *walker) {
	if walk.ctx.Err() != nil {
		return
	}
	w.tell("changes of the media folder are looked for every 10 s, since they cannot be watched", w.err != nil, "err", w.err)
	w.tell("names in the media folder that are not UTF-8 are left out", walk.invalid > 0, "count", walk.invalid, "name", walk.badName)
	w.tell("part of the media folder cannot be read", walk.err != nil, "err", walk.err)
	w.tell("the media folder has more than is listed", walk.full, "listed", len(walk.list))
}

// wait returns true when it is time for the next walk, and false when ctx has ended.
func (w *watch) wait(ctx context.Context, took time.Duration) bool {
	rest := max(pause, share*took)
	if !sleep(ctx, rest, nil) {
		return false
	}
	most := safety
	if w.err != nil {
		most = poll
	}
	return sleep(ctx, most-rest, w.changed)
}

// sleep waits for a time or until wake has something, and tells whether ctx has not ended.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return ctx.Err() == nil
}
