package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"
)

// Between two lines of progress: on a terminal, where one line changes, and elsewhere.
const (
	onTerminal = 500 * time.Millisecond
	elsewhere  = 10 * time.Second
)

// A progress is a line that says how far something is. On a terminal it changes in place; elsewhere lines come seldom.
type progress struct {
	to       io.Writer
	terminal bool
	next     time.Time
	shown    bool
}

func newProgress(to io.Writer) *progress { return &progress{to: to, terminal: isTerminal(to)} }

// show shows a line when it is time for one.
func (p *progress) show(line func() string) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	if !p.terminal {
		if !p.next.IsZero() {
			fmt.Fprintln(p.to, line())
		}
		p.next = now.Add(elsewhere)
		return
	}
	fmt.Fprintf(p.to, "\r\x1b[K%s", line())
	p.next, p.shown = now.Add(onTerminal), true
}

// end leaves the last line where it is.
func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.to)
	}
}

// A lossOf is a part in hundred that is told by one goroutine and shown by another.
type lossOf struct{ bits atomic.Uint64 }

func (l *lossOf) set(v float64) { l.bits.Store(math.Float64bits(v) + 1) }

func (l *lossOf) get() (float64, bool) {
	v := l.bits.Load()
	return math.Float64frombits(v - 1), v != 0
}

// isTerminal tells whether somebody looks at what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
