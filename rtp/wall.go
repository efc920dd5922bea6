package rtp

import (
	"sync"
	"time"
)

// A source's wall clock that is so near to ours is right enough to be passed through unchanged; where it drifts further away it is led back slowly.
const (
	saneSkew = 250 * time.Millisecond
	slewStep = 2 * time.Millisecond
)

// Wall relates the wall clock of a source, which its sender reports carry, to ours. All tracks of a source share one, so that their relation to each other
// is exactly the source's own (lip sync) even when its clock is hours off: cameras that never saw an NTP server, or that see one for the first time now.
// The zero value is ready. Safe for concurrent use.
type Wall struct {
	mu     sync.Mutex
	known  bool          // guarded by mu
	offset time.Duration // guarded by mu: ours minus the source's
}

// Offset is how far our clock is ahead of the source's: zero while the source's is sane and passed through; false until a sender report came.
func (w *Wall) Offset() (time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.offset, w.known
}

// local is our time for a source's that came at the given time. The first decides whether the source's clock is sane.
func (w *Wall) local(ntp NTP, at time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := ntp.Time()
	if !w.known {
		w.known = true
		if skew := at.Sub(t); skew > saneSkew || skew < -saneSkew {
			w.offset = skew
		}
	}
	return t.Add(w.offset)
}

// shift moves our clock's relation to the source's.
func (w *Wall) shift(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset += d
}
