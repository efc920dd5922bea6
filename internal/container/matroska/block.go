package matroska

import (
	"encoding/binary"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds of a block.
const (
	maxFrame = container.MaxSample

	maxLaceHead = 16 << 10
)

// Kinds of lacing, RFC 9559 §10.3.
const (
	laceNone = iota
	laceXiph
	laceFixed
	laceEBML
)

// A block is some frames of one track, RFC 9559 §10.1 and §10.2. Its frames are valid until the next one is read.
type block struct {
	track    uint64
	time     int64 // nanoseconds
	duration int64 // nanoseconds of all frames together, 0 if not known
	key      bool
	at       int64 // of the first frame
	sizes    []int // of the frames, one after the other
}

// A blockHead is what stands before the frames, without the sizes of laces.
type blockHead struct {
	track uint64
	time  int64 // in ticks, from the time of the cluster
	key   bool  // if the block is a SimpleBlock
	lace  int
	size  int // bytes of it, 0 if there is none
}

// maxBlockHead is the length of the longest head: eight bytes of track, two of time, one of flags.
const maxBlockHead = 8 + 2 + 1

func parseBlockHead(b []byte) blockHead {
	track, n := vint(b)
	if n == 0 || len(b) < n+3 {
		return blockHead{}
	}
	flags := b[n+2]
	return blockHead{
		track: track,
		time:  int64(int16(binary.BigEndian.Uint16(b[n:]))),
		key:   flags&0x80 != 0,
		lace:  int(flags >> 1 & 3),
		size:  n + 3,
	}
}

// laces appends to sizes those of the frames in a laced block, of which total bytes follow the head and b is their
// beginning. n is what the list of sizes takes, 0 if the frames do not fill the block as they say.
func laces(sizes []int, b []byte, total int64, kind int) (all []int, n int) {
	if len(b) == 0 {
		return sizes, 0
	}
	count := int(b[0]) + 1
	n = 1
	left := total - 1
	switch kind {
	case laceFixed:
		if left%int64(count) != 0 || left/int64(count) > maxFrame {
			return sizes, 0
		}
		for range count {
			sizes = append(sizes, int(left/int64(count)))
		}
		return sizes, n
	case laceXiph:
		for range count - 1 {
			size, k := xiph(b[n:])
			if k == 0 {
				return sizes, 0
			}
			sizes, n, left = append(sizes, size), n+k, left-int64(size+k)
		}
	case laceEBML:
		size := int64(0)
		for i := range count - 1 {
			v, k := signed(b[n:])
			if i == 0 {
				u, m := vint(b[n:])
				v, k = int64(u), m
			}
			if size += v; k == 0 || size < 0 || size > maxFrame {
				return sizes, 0
			}
			sizes, n, left = append(sizes, int(size)), n+k, left-size-int64(k)
		}
	}
	if left < 0 || left > maxFrame {
		return sizes, 0
	}
	return append(sizes, int(left)), n
}

// xiph reads a size as a sum of bytes, of which the first below 255 is the last. n is how many, 0 if b ends before.
func xiph(b []byte) (size, n int) {
	for i, c := range b {
		size += int(c)
		if c != 255 {
			return size, i + 1
		}
	}
	return 0, 0
}
