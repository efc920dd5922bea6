package folder

import (
	"sync"

	"github.com/fsnotify/fsnotify"
)

// A watcher tells when something changes in folders that were added to it.
type watcher interface {
	Add(dir string) error
	Close() error // returns when all that the watcher started has ended
}

// notify returns a watcher that the system helps. It calls changed from a goroutine of its own.
func notify(changed func()) (watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	n := &notifier{Watcher: w}
	n.wg.Go(func() { n.pump(changed) }) // ends when the watcher is closed
	return n, nil
}

type notifier struct {
	*fsnotify.Watcher
	wg sync.WaitGroup
}

// pump receives at once whatever comes: as long as an event waits to be received, Add may not return. What an event is
// about does not matter, and an error means that events were lost.
func (n *notifier) pump(changed func()) {
	for {
		var ok bool
		select {
		case _, ok = <-n.Events:
		case _, ok = <-n.Errors:
		}
		if !ok {
			return
		}
		changed()
	}
}

// Close ends the watcher and its goroutines.
func (n *notifier) Close() error {
	err := n.Watcher.Close()
	n.wg.Wait()
	return err
}
