package container

import (
	"sort"
	"sync/atomic"
	"unsafe"
)

// An Index is the samples of one track. It grows at its end only, by one [Builder], while any number of goroutines read
// it without locks. It takes 1 to 4 bytes a sample.
//
// Samples are counted from 0 in the order of decoding. They lie in blocks of 128: what a block begins with is at hand, the
// rest is packed into bits (see block.go) and has to be decoded from the beginning of the block. The latest samples, less
// than a block, are not packed yet.
type Index struct {
	state atomic.Pointer[state]
}

// A state is all of an index at one time. It never changes; the arrays it refers to change only behind what it knows.
type state struct {
	blocks   []block
	tail     []Sample // behind the blocks
	low      int64    // the least PTS-DTS of the samples in blocks, at most 0
	end      int64    // when the last sample ends
	largest  int      // size of the largest sample
	packed   int      // bytes of the blocks' pages
	complete bool
	err      error
}

// A block is blockSize samples.
type block struct {
	offset int64  // of the first sample
	dts    int64  // of the first sample
	top    int64  // the greatest PTS of this block and all before it
	data   []byte // see block.go
}

const (
	blockBits = 7
	blockSize = 1 << blockBits
)

func (s *state) packedLen() int { return len(s.blocks) << blockBits }
func (s *state) len() int       { return s.packedLen() + len(s.tail) }

// Len is how many samples are known.
func (x *Index) Len() int { return x.state.Load().len() }

// Complete tells whether all that the file held when it was opened is known.
func (x *Index) Complete() bool { return x.state.Load().complete }

// Err is why the index ends before the track does, nil if it does not.
func (x *Index) Err() error { return x.state.Load().err }

// Duration is when the last sample ends, in ticks.
func (x *Index) Duration() int64 { return x.state.Load().end }

// Largest is the size of the largest sample: a buffer of that capacity holds each of them, unless the reader of the track
// makes more of a sample than there is in the file.
func (x *Index) Largest() int { return x.state.Load().largest }

// Bytes is the memory that the index takes.
func (x *Index) Bytes() int {
	s := x.state.Load()
	return int(unsafe.Sizeof(*x)+unsafe.Sizeof(*s)) + s.packed +
		cap(s.blocks)*int(unsafe.Sizeof(block{})) + cap(s.tail)*int(unsafe.Sizeof(Sample{}))
}

// At returns sample i, and whether it is known. It decodes up to 127 others: to go from sample to sample, use a [Cursor].
func (x *Index) At(i int) (Sample, bool) {
	if i < 0 {
		return Sample{}, false
	}
	c := x.Cursor(i)
	return c.Next()
}

// Find returns the sample that is shown at a time: of those with a PTS not after it the one with the greatest, as far as
// is known, and the first if several have that. It is -1 if the first sample is shown later.
func (x *Index) Find(pts int64) int {
	s := x.state.Load()
	// In all blocks before this one every sample is shown by then.
	first := sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].top > pts })
	best, at := -1, int64(0)
	consider := func(i int, t int64) {
		if t <= pts && (best < 0 || t > at) {
			best, at = i, t
		}
	}
	if first > 0 { // the greatest of them is in the block that reached it
		top := s.blocks[first-1].top
		reached := sort.Search(first, func(i int) bool { return s.blocks[i].top >= top })
		s.each(reached, consider)
	}
	for i := first; i < len(s.blocks) && s.blocks[i].dts+s.low <= pts; i++ {
		s.each(i, consider)
	}
	for i := range s.tail {
		consider(s.packedLen()+i, s.tail[i].PTS)
	}
	return best
}

// each calls f with the number and PTS of the samples of a block.
func (s *state) each(block int, f func(i int, pts int64)) {
	var c Cursor
	c.state = s
	c.enter(block)
	for range blockSize {
		i := c.next
		f(i, c.decode().PTS)
	}
}

// KeyBefore returns the last sample at or before i at which decoding can begin, -1 if there is none.
func (x *Index) KeyBefore(i int) int {
	s := x.state.Load()
	i = min(i, s.len()-1)
	for ; i >= s.packedLen(); i-- {
		if s.tail[i-s.packedLen()].Key {
			return i
		}
	}
	for i >= 0 {
		b := i >> blockBits
		if in := s.blocks[b].keyBefore(i & (blockSize - 1)); in >= 0 {
			return b<<blockBits + in
		}
		i = b<<blockBits - 1
	}
	return -1
}

// KeyAfter returns the first sample at or after i at which decoding can begin, -1 if none is known.
func (x *Index) KeyAfter(i int) int {
	s := x.state.Load()
	i = max(i, 0)
	for i < s.packedLen() {
		b := i >> blockBits
		if in := s.blocks[b].keyAfter(i & (blockSize - 1)); in < blockSize {
			return b<<blockBits + in
		}
		i = (b + 1) << blockBits
	}
	for ; i < s.len(); i++ {
		if s.tail[i-s.packedLen()].Key {
			return i
		}
	}
	return -1
}
