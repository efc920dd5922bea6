package mp4

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// A source is the file that is read.
type source struct {
	r    io.ReaderAt
	size int64
}

// read fills b from an offset. What the file ought to hold and does not is damage.
func (s *source) read(b []byte, at int64) error {
	n, err := s.r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return damaged(at+int64(n), io.ErrUnexpectedEOF)
	}
	return err
}

func damaged(at int64, err error) error { return &container.DamagedError{Offset: at, Err: err} }

// isDamage tells whether err is about what the file holds, and not about reading it.
func isDamage(err error) bool {
	var damage *container.DamagedError
	return errors.As(err, &damage)
}

// worst is the most serious of several errors: one that is no damage, or the first.
func worst(errs ...error) error {
	var first error
	for _, err := range errs {
		if err != nil && !isDamage(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// windowSize is how much is read at once where boxes lie: a fragment's header, mostly.
const windowSize = 4 << 10

// A window is what was read last.
type window struct {
	*source
	buf []byte
	at  int64 // where buf is in the file
}

// bytes returns n bytes, at most windowSize, that are valid until the next call.
func (w *window) bytes(at int64, n int) ([]byte, error) {
	if at < 0 || at > w.size-int64(n) {
		return nil, damaged(w.size, io.ErrUnexpectedEOF)
	}
	if at < w.at || at+int64(n) > w.at+int64(len(w.buf)) {
		if cap(w.buf) < windowSize {
			w.buf = make([]byte, windowSize)
		}
		w.buf = w.buf[:min(windowSize, w.size-at)]
		w.at = at
		if err := w.read(w.buf, at); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	return w.buf[at-w.at:][:n], nil
}

// tableWindow is how much of a table is read at once.
const tableWindow = 16 << 10

// full opens a box that has a version, for reading before the window is used again.
func (w *window) full(b box) (*table, fullBox) {
	if b.size() > windowSize {
		return w.source.full(b)
	}
	d, err := w.bytes(b.body, int(b.size()))
	t := &table{buf: d, next: b.end, end: b.end, err: err}
	return t, t.full()
}

// A table reads big-endian numbers one after another. After the first error all are 0.
type table struct {
	src  *source
	buf  []byte // read and not consumed
	mem  []byte
	next int64 // where the file goes on behind buf
	end  int64
	err  error

	zeros [8]byte // stand for what is not there
}

func newTable(src *source, from, to int64) *table {
	return &table{src: src, next: from, end: max(from, to)}
}

// left is how many bytes the table still has.
func (t *table) left() int64 { return int64(len(t.buf)) + t.end - t.next }

// pos is where the next number is.
func (t *table) pos() int64 { return t.next - int64(len(t.buf)) }

// take returns the next n bytes, at most 8, or as many zeros.
func (t *table) take(n int) []byte {
	if len(t.buf) < n && !t.fill(n) {
		return t.zeros[:n]
	}
	b := t.buf[:n]
	t.buf = t.buf[n:]
	return b
}

// fill makes at least n bytes available.
func (t *table) fill(n int) bool {
	if t.err != nil {
		return false
	}
	if t.left() < int64(n) {
		t.err = damaged(t.pos(), io.ErrUnexpectedEOF)
		t.buf, t.next = nil, t.end
		return false
	}
	if t.mem == nil {
		t.mem = make([]byte, min(tableWindow, t.left()))
	}
	kept := copy(t.mem, t.buf)
	more := min(int64(len(t.mem)-kept), t.end-t.next)
	t.buf = t.mem[:kept+int(more)]
	if t.err = t.src.read(t.buf[kept:], t.next); t.err != nil {
		t.buf, t.next = nil, t.end
		return false
	}
	t.next += more
	return true
}

// skip goes over n bytes, or to the end of the table.
func (t *table) skip(n int64) {
	if n <= int64(len(t.buf)) {
		t.buf = t.buf[n:]
		return
	}
	n -= int64(len(t.buf))
	t.buf = nil
	t.next += min(n, t.end-t.next)
}

func (t *table) u8() uint8   { return t.take(1)[0] }
func (t *table) u16() uint16 { return binary.BigEndian.Uint16(t.take(2)) }
func (t *table) u32() uint32 { return binary.BigEndian.Uint32(t.take(4)) }
func (t *table) u64() uint64 { return binary.BigEndian.Uint64(t.take(8)) }

// u32or64 is a number that later versions of a box have in 64 bits. What no file can mean is cut.
func (t *table) u32or64(wide bool) int64 {
	if !wide {
		return int64(t.u32())
	}
	return int64(min(t.u64(), maxNumber))
}

// maxNumber is the greatest time or offset, so that two of them can be added.
const maxNumber = 1 << 61
