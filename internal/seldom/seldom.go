// Package seldom keeps a flood of something from becoming one of the log too.
package seldom

import (
	"sync"
	"time"
)

// Every is how often a line of one kind is logged at most.
const Every = time.Second

// Lines are of one kind. The zero value lets the first through. Safe for concurrent use.
type Lines struct {
	mu     sync.Mutex
	told   time.Time
	untold int
}

// Due tells whether a line may be logged now, and how many were not since the last one.
func (l *Lines) Due(now time.Time) (untold int, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.told.IsZero() && now.Sub(l.told) < Every {
		l.untold++
		return 0, false
	}
	untold = l.untold
	l.told, l.untold = now, 0
	return untold, true
}
