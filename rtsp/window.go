package rtsp

import "io"

const (
	firstWindow = 2 << 10  // bytes; what an idle connection costs
	mediaWindow = 64 << 10 // bytes; what a peer that sends media may grow it to, to save reads
	emptyReads  = 100      // reads without progress before giving up
)

// A window is the part of the source that has been read and not yet consumed: buf[r:w].
type window struct {
	src   io.Reader
	buf   []byte
	r, w  int
	err   error // came with the last bytes read; reported when more is asked for
	full  bool  // the last read left no room: a larger buffer would have saved reads
	media bool  // the peer has sent frames
}

func (w *window) bytes() []byte { return w.buf[w.r:w.w] }

func (w *window) len() int { return w.w - w.r }

func (w *window) skip(n int) { w.r += n }

// fill reads until at least n bytes are in the window. The bytes before may move.
func (w *window) fill(n int) error {
	for w.len() < n {
		if err := w.read(n); err != nil {
			return err
		}
	}
	return nil
}

// read reads once, into a buffer with room for n bytes in all.
func (w *window) read(n int) error {
	if err := w.err; err != nil {
		w.err = nil
		return err
	}
	w.makeRoom(min(n, max(2*w.len(), firstWindow))) // memory grows with what comes, not with what was promised
	for range emptyReads {
		k, err := w.src.Read(w.buf[w.w:])
		w.w += k
		w.full = w.w == len(w.buf)
		if k > 0 {
			w.err = err
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// makeRoom moves or grows the buffer so that n bytes fit behind w.r. Growth doubles, so that a long header block that comes
// byte by byte is not copied each time.
func (w *window) makeRoom(n int) {
	size := len(w.buf)
	switch {
	case n > size:
		size = max(2*size, n)
	case w.media && w.full && size < mediaWindow:
		size *= 2
	case w.r == w.w:
		w.r, w.w = 0, 0
		return
	case size-w.r >= n && size-w.w >= size/2:
		return // room enough not to read in dribs
	}
	buf := w.buf
	if size > len(buf) {
		buf = make([]byte, size)
	}
	w.w = copy(buf, w.bytes())
	w.r = 0
	w.buf, w.full = buf, false
}
