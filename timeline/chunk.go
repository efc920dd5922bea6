package timeline

import (
	"sync/atomic"
	"time"
)

// Chunk sizes: a quiet path holds little memory, a busy one seals rarely.
const (
	firstChunk = 32 << 10
	chunkMax   = 256 << 10
	// packetSpace is the smallest average size of a packet for which a chunk has an index: smaller
	// packets seal the chunk before its bytes are used up.
	packetSpace = 160
)

// A chunk is a piece of the log. One writer fills it; readers see the packets below n.
type chunk struct {
	base    uint64    // position of packets[0] in the log
	began   time.Time // when the first of its packets came
	buf     []byte
	packets []Packet
	n       atomic.Uint32 // packets that readers may see

	used int // bytes, owned by the writer
}

func newChunk(base uint64, size int, now time.Time) *chunk {
	return &chunk{base: base, began: now, buf: make([]byte, size), packets: make([]Packet, size/packetSpace+1)}
}

// fits tells whether a packet of size bytes still goes into the chunk.
func (c *chunk) fits(size int) bool {
	return c.used+FrameOverhead+size <= len(c.buf) && int(c.n.Load()) < len(c.packets)
}

// next is the position behind the last packet that readers may see.
func (c *chunk) next() uint64 { return c.base + uint64(c.n.Load()) }
