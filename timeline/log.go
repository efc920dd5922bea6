package timeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// A log is the packets of one presentation in the order in which they arrived. One writer at a time
// appends; readers need no lock.
type log struct {
	window int
	budget *Budget
	spell  time.Duration // a chunk is sealed when it is older; 0: when it is full

	// atomic
	view   atomic.Pointer[[]*chunk] // oldest first; the slice is never changed, only replaced
	access atomic.Uint64            // position of the newest random access point plus one; 0: none yet
	closed atomic.Pointer[error]    // why no more will come
	groups atomic.Pointer[[]*group] // who wants to know of appends
	fresh  atomic.Uint64            // tracks, by bit, that have grown since the last flush
	joinMu sync.Mutex               // guards replacing groups

	// owned by the writer
	size    int       // bytes of all chunks in view
	now     time.Time // when the packet came that is being appended
	pending Packet
}

func (l *log) init(window int, budget *Budget) {
	l.window, l.budget = window, budget
	l.view.Store(&[]*chunk{})
	l.groups.Store(&[]*group{})
}

// begin reserves space for one packet of size bytes of a track; the caller fills it, then calls commit.
//
// hot: 0 allocs, no lock; a new chunk every few hundred packets.
func (l *log) begin(track uint8, size int) []byte {
	c := l.last()
	if c == nil || !c.fits(size) || l.spell > 0 && l.now.Sub(c.began) > l.spell {
		c = l.grow(size)
	}
	b := c.buf[c.used : c.used+FrameOverhead+size]
	b[0], b[1], b[2], b[3] = '$', track*2, byte(size>>8), byte(size)
	l.pending = Packet{Offset: uint32(c.used), Size: uint16(size), Track: track}
	return b[FrameOverhead:]
}

// commit shows readers the packet that begin reserved. A random access point of the leading track
// becomes the place where new readers begin.
func (l *log) commit(timestamp uint32, flags Flags, leading bool) {
	c := l.last()
	n := c.n.Load()
	p := &c.packets[n]
	*p = l.pending
	p.Timestamp, p.Flags = timestamp, flags
	c.used = p.End()
	c.n.Store(n + 1)
	l.fresh.Or(1 << p.Track)
	if leading && flags&RandomAccess != 0 {
		l.access.Store(c.base + uint64(n) + 1)
	}
}

func (l *log) last() *chunk {
	v := *l.view.Load()
	if len(v) == 0 {
		return nil
	}
	return v[len(v)-1]
}

// grow seals the last chunk, appends a new one and lets the oldest go that the window has no room for.
func (l *log) grow(size int) *chunk {
	old := *l.view.Load()
	base, want := uint64(0), firstChunk
	if n := len(old); n > 0 {
		base = old[n-1].next()
		want = min(2*len(old[n-1].buf), chunkMax, max(l.window/4, firstChunk))
	}
	if l.budget.exceeded() {
		want = firstChunk
	}
	c := newChunk(base, max(want, size+FrameOverhead), l.now)
	l.size += len(c.buf)
	l.budget.add(len(c.buf))
	drop := 0
	for len(old)-drop > 1 && (l.size > l.window || l.budget.exceeded()) {
		l.size -= len(old[drop].buf)
		l.budget.add(-len(old[drop].buf))
		drop++
	}
	view := make([]*chunk, 0, len(old)-drop+1)
	view = append(append(view, old[drop:]...), c)
	l.view.Store(&view)
	return c
}

// head is the position that the next packet gets.
func (l *log) head() uint64 {
	if c := l.last(); c != nil {
		return c.next()
	}
	return 0
}

// tail is the position of the oldest packet still held.
func (l *log) tail() uint64 {
	if v := *l.view.Load(); len(v) > 0 {
		return v[0].base
	}
	return 0
}

// at finds the chunk that holds a position, nil when it has fallen out of the window. The position of
// the head is held by the last chunk.
func (l *log) at(pos uint64) *chunk {
	v := *l.view.Load()
	for i := len(v) - 1; i >= 0; i-- { // cursors are nearly always in the last chunk
		if pos >= v[i].base {
			return v[i]
		}
	}
	return nil
}

// flush brings what is new to the readers who want it: to few at once, else it wakes their shards, each at most once
// until it has looked. When no track has grown it is news for all.
//
// hot: 0 allocs, ≤1 lock for each shard.
func (l *log) flush() {
	tracks := l.fresh.Swap(0)
	if tracks == 0 {
		tracks = allTracks
	}
	for _, g := range *l.groups.Load() {
		g.fresh.Or(tracks)
		if !g.queued.Load() && !g.shard.lend(g) {
			g.wake()
		}
	}
}

// close says that no more packets will come, and why.
func (l *log) close(cause error) {
	if l.closed.CompareAndSwap(nil, &cause) {
		for _, g := range *l.groups.Load() {
			g.fresh.Store(allTracks)
			g.wake() // whoever closes holds the timeline's lock
		}
	}
}

// cause is why the log was closed, nil while it is open.
func (l *log) cause() error {
	if p := l.closed.Load(); p != nil {
		return *p
	}
	return nil
}

// release gives the memory back to the budget. The writer is gone.
func (l *log) release() {
	l.budget.add(-l.size)
	l.size = 0
}

// group is the readers of this log on one shard; it is made when the first of them joins.
func (l *log) group(s *Shard) *group {
	l.joinMu.Lock()
	defer l.joinMu.Unlock()
	groups := *l.groups.Load()
	for _, g := range groups {
		if g.shard == s {
			return g
		}
	}
	g := &group{shard: s}
	grown := append(append([]*group(nil), groups...), g)
	l.groups.Store(&grown)
	return g
}
