// Package window reads files that are walked through mostly forward, by the headers in them: what is near is read in
// large pieces, what is stepped over is not read. The demuxers use it for first passes over files of any size.
package window

import (
	"errors"
	"io"
)

// Max is how many bytes can be looked at in one go, and how many are read at most.
const Max = 64 << 10

// leap is how much is read where the walk leaps to: the header that it leaps for, and what else a page of the system
// has.
const leap = 4 << 10

// A Window is the part of a file around the place of a walk. It belongs to one goroutine.
type Window struct {
	r     io.ReaderAt
	size  int64
	start int64 // of data in the file
	data  []byte
	mem   []byte
}

// New returns a window on the first size bytes of r.
func New(r io.ReaderAt, size int64) *Window { return &Window{r: r, size: size} }

// Size is how long the file is taken to be.
func (w *Window) Size() int64 { return w.size }

// Peek returns the n bytes at offset at, fewer only where the file ends, even if that is before its size. They are valid
// until the next call. n is at most Max. The error is the reader's.
func (w *Window) Peek(at int64, n int) ([]byte, error) {
	n = min(n, Max)
	if at < 0 || at >= w.size || n <= 0 {
		return nil, nil
	}
	n = int(min(int64(n), w.size-at))
	if b := w.seen(at, n); len(b) == n {
		return b, nil
	}
	if err := w.fill(at, n); err != nil {
		return nil, err
	}
	return w.seen(at, n), nil
}

// seen is as much of the n bytes at offset at as was read.
func (w *Window) seen(at int64, n int) []byte {
	i := at - w.start
	if i < 0 || i >= int64(len(w.data)) {
		return nil
	}
	return w.data[i:min(i+int64(n), int64(len(w.data)))]
}

// fill reads what begins at offset at: a lot when it goes on where the last read ended or in it.
func (w *Window) fill(at int64, n int) error {
	want := int64(max(n, leap))
	if at >= w.start && at <= w.start+int64(len(w.data)) {
		want = Max
	}
	want = min(want, w.size-at)
	if int64(len(w.mem)) < want {
		w.mem = make([]byte, want)
	}
	k, err := w.r.ReadAt(w.mem[:want], at)
	w.start, w.data = at, w.mem[:k]
	if k >= n || err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
