package matroska

import (
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Reasons for damage.
var (
	errElement = errors.New("no EBML element")
	errBounds  = errors.New("an element reaches out of its parent")
	errBlock   = errors.New("malformed block")
	errTime    = errors.New("impossible time")
)

// maxTime bounds times in nanoseconds: eighteen years.
const maxTime = 1 << 59

// An element is where an element of the file lies.
type element struct {
	id   uint32
	at   int64 // of its header
	body int64 // of what it holds
	end  int64 // behind it, unknown if the file does not say
}

// A walk goes over the blocks of a segment. Clusters are entered, and everything that is neither cluster nor block is
// stepped over, so that it does not matter whether sizes of clusters are known.
type walk struct {
	src   *window.Window
	scale int64 // nanoseconds of a tick
	at    int64 // of the next element
	end   int64 // of the segment

	clusterEnd  int64 // of the current cluster, else end
	clusterTime int64 // ticks
	damage      error // the first that was stepped over
	block       block
}

// element reads the header of the element at an offset. The error is io.EOF when the file ends there.
func (w *walk) element(at, end int64) (element, error) {
	b, err := w.src.Peek(at, int(min(maxHeader, max(end-at, 0))))
	if err != nil {
		return element{}, err
	}
	if len(b) == 0 {
		return element{}, io.EOF
	}
	id, size, n := header(b)
	switch {
	case n == 0 && len(b) < maxHeader && at+int64(len(b)) >= w.src.Size():
		return element{}, damaged(at, io.ErrUnexpectedEOF)
	case n == 0:
		return element{}, damaged(at, errElement)
	}
	e := element{id, at, at + int64(n), unknown}
	if size == unknown {
		return e, nil
	}
	if e.end = e.body + size; e.end > end {
		if e.end > w.src.Size() {
			return e, damaged(at, io.ErrUnexpectedEOF)
		}
		return e, damaged(at, errBounds)
	}
	return e, nil
}

func damaged(at int64, err error) error { return &container.DamagedError{Offset: at, Err: err} }

// next reads the next block; it is nil if there was none among very many elements. The error is io.EOF at the end of the
// segment, a *container.DamagedError where the file cannot be followed further, or the reader's.
func (w *walk) next() (*block, error) {
	for range maxSteps {
		if w.at >= w.end {
			return nil, io.EOF
		}
		if w.at >= w.clusterEnd {
			w.clusterEnd = w.end
		}
		found, err := w.step()
		switch {
		case err == nil && found:
			return &w.block, nil
		case err != nil && !w.resume(err):
			return nil, err
		}
	}
	return nil, nil
}

// resume goes on behind a malformed block, or behind a damaged cluster of known size.
func (w *walk) resume(err error) bool {
	var damage *container.DamagedError
	if !errors.As(err, &damage) {
		return false
	}
	if !errors.Is(err, errBlock) {
		if w.clusterEnd >= w.end {
			return false
		}
		w.at = w.clusterEnd
	}
	if w.damage == nil {
		w.damage = err
	}
	return true
}

// step goes over one element, and tells whether it was a block.
func (w *walk) step() (bool, error) {
	e, err := w.element(w.at, w.clusterEnd)
	if e.id == idCluster && e.end == unknown || isTruncatedCluster(e, err) {
		w.enter(e, w.end)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if e.end == unknown {
		return false, w.open(e)
	}
	w.at = e.end
	switch e.id {
	case idCluster:
		w.enter(e, e.end)
	case idTimestamp:
		return false, w.timestamp(e)
	case idSimpleBlock:
		return w.simple(e)
	case idBlockGroup:
		return w.group(e)
	}
	return false, nil
}

// isTruncatedCluster tells whether a file ends in a cluster, whose first blocks may well be whole.
func isTruncatedCluster(e element, err error) bool {
	return e.id == idCluster && errors.Is(err, io.ErrUnexpectedEOF)
}

func (w *walk) enter(e element, end int64) { w.at, w.clusterEnd, w.clusterTime = e.body, end, 0 }

// open handles an element of unknown size that is no cluster: another segment ends this one, nothing else can be so.
func (w *walk) open(e element) error {
	if e.id == idSegment {
		return io.EOF
	}
	return damaged(e.at, fmt.Errorf("element %X: %w", e.id, errBounds))
}

// uint reads an unsigned integer element.
func (w *walk) uint(e element) (uint64, error) {
	b, err := w.src.Peek(e.body, int(min(e.end-e.body, 9)))
	return number(b), err
}

func (w *walk) timestamp(e element) error {
	v, err := w.uint(e)
	if err != nil {
		return err
	}
	if v > uint64(maxTime/w.scale) {
		return damaged(e.at, errTime)
	}
	w.clusterTime = int64(v)
	return nil
}

// simple reads the header of a SimpleBlock.
func (w *walk) simple(e element) (bool, error) {
	w.block.duration = 0
	return true, w.parse(e)
}

// group reads a BlockGroup: a block is a key if it refers to no other.
func (w *walk) group(e element) (bool, error) {
	found, key, duration := false, true, uint64(0)
	for at := e.body; at < e.end; {
		child, err := w.element(at, e.end)
		if err != nil {
			return false, err
		}
		if child.end == unknown {
			return false, damaged(at, errBounds)
		}
		at = child.end
		switch child.id {
		case idBlock:
			found, err = true, w.parse(child)
		case idReferenceBlock:
			key = false
		case idBlockDuration:
			duration, err = w.uint(child)
		}
		if err != nil {
			return false, err
		}
	}
	w.block.key = key
	w.block.duration = int64(min(duration, uint64(maxTime/w.scale))) * w.scale
	return found, nil
}

// parse reads the header of a block and the sizes of its frames.
func (w *walk) parse(e element) error {
	size := e.end - e.body
	b, err := w.src.Peek(e.body, int(min(size, maxBlockHead)))
	if err != nil {
		return err
	}
	h := parseBlockHead(b)
	if h.size == 0 {
		return damaged(e.at, errBlock)
	}
	k := &w.block
	k.track, k.key, k.at = h.track, h.key, e.body+int64(h.size)
	k.time = (w.clusterTime + h.time) * w.scale
	k.sizes = k.sizes[:0]
	left := e.end - k.at
	if h.lace == laceNone {
		if left > container.MaxSample {
			return damaged(e.at, errBlock)
		}
		k.sizes = append(k.sizes, int(left))
		return nil
	}
	b, err = w.src.Peek(k.at, int(min(left, maxLaceHead)))
	if err != nil {
		return err
	}
	n := 0
	if k.sizes, n = laces(k.sizes, b, left, h.lace); n == 0 {
		return damaged(e.at, errBlock)
	}
	k.at += int64(n)
	return nil
}
