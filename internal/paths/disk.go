package paths

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/baton-rtsp/baton/rtsp"
)

const (
	// maxLooks bounds how many looks at files may be under way: each that hangs keeps a thread of the system.
	maxLooks = 32
	// patience is how long is waited for a file system by those who can do without its answer, and for a turn to look.
	patience = 2 * time.Second
)

// A disk is what has to be asked of file systems. One of the network that is gone does not even fail: it is asked on goroutines of
// their own, which end when it answers, one for each question.
type disk struct {
	log    *slog.Logger
	flight singleflight.Group
	turns  chan struct{} // held by who looks
}

func newDisk(log *slog.Logger) *disk { return &disk{log: log, turns: make(chan struct{}, maxLooks)} }

// ask returns what look does, which is done once for all who ask the same at the same time. The error can be that of ctx: then the
// look goes on, and whoever asks next gets what comes of it. A question begins with a word of its own for what is asked, "open", "stat",
// and then names the file: names are anybody's, and no two kinds of answer may be taken for each other.
func ask[T any](ctx context.Context, d *disk, question string, look func() (T, error)) (answer T, err error) {
	answers := d.flight.DoChan(question, func() (any, error) {
		turn := time.NewTimer(patience)
		defer turn.Stop()
		select {
		case d.turns <- struct{}{}:
		case <-turn.C:
			return nil, context.DeadlineExceeded
		}
		defer func() { <-d.turns }()
		return contained(d, question, look)
	})
	select {
	case a := <-answers:
		answer, _ = a.Val.(T)
		return answer, a.Err
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// contained keeps a panic, of a demuxer of what is in the file, from all others.
func contained[T any](d *disk, question string, look func() (T, error)) (answer T, err error) {
	defer func() {
		if value := recover(); value != nil {
			d.log.Error("panic in a file", "look", question, "panic", fmt.Sprint(value), "stack", string(debug.Stack()))
			err = &rtsp.StatusError{Code: rtsp.StatusInternalServerError, Err: fmt.Errorf("panic: %v", value)}
		}
	}()
	return look()
}
