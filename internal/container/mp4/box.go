package mp4

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A box is a piece of a file with a type (ISO/IEC 14496-12 §4.2).
type box struct {
	tag   [4]byte
	start int64
	body  int64 // where what it holds begins
	end   int64 // not after the end of what it lies in
	cut   bool  // it claims to go on behind that
	open  bool  // it says that it goes on to the end, wherever that is
}

func (b *box) is(tag string) bool { return string(b.tag[:]) == tag }
func (b *box) size() int64        { return b.end - b.body }

// headerSize is that of a box without 64-bit size.
const headerSize = 8

// box reads the header of the box at an offset, in a box or file that ends at limit. There is none when less than a header
// is left.
func (w *window) box(at, limit int64) (b box, ok bool, err error) {
	if limit-at < headerSize {
		return box{}, false, nil
	}
	h, err := w.bytes(at, headerSize)
	if err != nil {
		return box{}, false, err
	}
	b = box{start: at, body: at + headerSize}
	copy(b.tag[:], h[4:])
	size := int64(binary.BigEndian.Uint32(h))
	switch size {
	case 0: // up to the end
		b.end, b.open = limit, true
		return b, true, nil
	case 1:
		h, err = w.bytes(b.body, 8)
		if err != nil {
			return box{}, false, err
		}
		if b.body += 8; b.body > limit {
			return box{}, false, damaged(at, io.ErrUnexpectedEOF)
		}
		size = int64(min(binary.BigEndian.Uint64(h), maxNumber))
	}
	if size < b.body-b.start {
		return box{}, false, damaged(at, fmt.Errorf("box %q of %d bytes", b.tag, size))
	}
	b.end = at + size
	if b.end > limit {
		b.end, b.cut = limit, true
	}
	return b, true, nil
}

// children calls f for each box between two offsets until it returns an error.
func (w *window) children(at, end int64, f func(b box) error) error {
	for at < end {
		b, ok, err := w.box(at, end)
		if err != nil || !ok {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
		at = b.end
	}
	return nil
}

// A fullBox is the beginning of most boxes (ISO/IEC 14496-12 §4.2).
type fullBox struct {
	version uint8
	flags   uint32
}

// full reads the beginning.
func (t *table) full() fullBox {
	v := t.u32()
	return fullBox{uint8(v >> 24), v & 0xFFFFFF}
}

// full opens a box that has a version.
func (s *source) full(b box) (*table, fullBox) {
	t := newTable(s, b.body, b.end)
	return t, t.full()
}
