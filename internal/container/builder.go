package container

import "slices"

// MaxSamples is how many samples an index can have: eight days of AAC, two weeks of video.
const MaxSamples = 1 << 25

// A Builder fills an [Index]. It belongs to one goroutine.
type Builder struct {
	index   *Index
	next    state // what is to be published, without its tail
	pending [blockSize]Sample
	n       int    // of pending
	page    []byte // that the next blocks go to
	buf     []byte
	last    int64 // DTS
}

// Pages are where packed blocks lie, so that not each of them is allocated.
const (
	firstPage = 512
	maxPage   = 32 << 10
)

// NewBuilder returns a builder of an empty index.
func NewBuilder() *Builder {
	b := &Builder{index: new(Index)}
	b.index.state.Store(new(state))
	return b
}

// Index returns the index that is built.
func (b *Builder) Index() *Index { return b.index }

// Len is how many samples were added, including those that readers do not see yet.
func (b *Builder) Len() int { return b.next.packedLen() + b.n }

// Add adds a sample. Readers see it with the next Flush or Finish at the latest. A DTS before the last one is raised to it.
// What no reader could use, because it has no size, an impossible one or no place, is left out, and Add returns false; so
// it does when the index is full.
func (b *Builder) Add(s Sample) bool {
	if !usable(s) || b.Len() >= MaxSamples {
		return false
	}
	s.Duration = min(max(s.Duration, 0), maxDuration)
	if b.Len() > 0 {
		s.DTS = max(s.DTS, b.last)
	}
	b.last = s.DTS
	b.next.low = min(b.next.low, s.PTS-s.DTS)
	b.next.end = max(b.next.end, s.PTS+int64(s.Duration))
	b.next.largest = max(b.next.largest, s.Size)
	b.pending[b.n] = s
	if b.n++; b.n == blockSize {
		b.seal()
		b.publish(nil)
	}
	return true
}

// Bounds of what is usable. Times of 2^60 ticks are 36 years in nanoseconds.
const (
	maxTime     = 1 << 60
	maxDuration = 1<<31 - 1
)

func usable(s Sample) bool {
	return s.Size > 0 && s.Size <= MaxSample && s.Offset >= 0 && s.Offset <= maxTime &&
		s.DTS >= -maxTime && s.DTS <= maxTime && s.PTS >= -maxTime && s.PTS <= maxTime
}

// Flush lets readers see all that was added.
func (b *Builder) Flush() { b.publish(slices.Clone(b.pending[:b.n])) }

// Finish says that all the file holds was added, or why not. More can be added if the file grows.
func (b *Builder) Finish(err error) {
	b.next.complete, b.next.err = true, err
	if cap(b.next.blocks) > len(b.next.blocks) { // what append keeps in hand is up to a fifth
		b.next.blocks = append(make([]block, 0, len(b.next.blocks)), b.next.blocks...)
	}
	b.Flush()
}

func (b *Builder) publish(tail []Sample) {
	s := b.next
	s.tail = tail
	b.index.state.Store(&s)
}

// seal packs the pending samples into a block.
func (b *Builder) seal() {
	top := b.pending[0].PTS
	for i := range b.pending {
		top = max(top, b.pending[i].PTS)
	}
	if n := len(b.next.blocks); n > 0 {
		top = max(top, b.next.blocks[n-1].top)
	}
	b.buf = appendBlock(b.buf[:0], &b.pending)
	b.next.blocks = append(b.next.blocks, block{
		offset: b.pending[0].Offset,
		dts:    b.pending[0].DTS,
		top:    top,
		data:   b.store(b.buf),
	})
	b.n = 0
}

// store copies data to a page.
func (b *Builder) store(data []byte) []byte {
	if cap(b.page)-len(b.page) < len(data) {
		size := max(len(data), min(max(2*cap(b.page), firstPage), maxPage))
		b.page = make([]byte, 0, size)
		b.next.packed += size
	}
	start := len(b.page)
	b.page = append(b.page, data...)
	return b.page[start:len(b.page):len(b.page)]
}
