package container

import (
	"encoding/binary"
	"math/bits"
)

// A bitWriter appends bits to b, the lowest of a byte first.
type bitWriter struct {
	b    []byte
	bits uint64 // not yet in b
	n    uint   // how many, less than 32 between calls
}

// write appends the lower n bits of v.
func (w *bitWriter) write(v uint64, n uint) {
	for ; n > 32; n -= 32 {
		w.write(v&(1<<32-1), 32)
		v >>= 32
	}
	w.bits |= v & (1<<n - 1) << w.n
	w.n += n
	if w.n >= 32 {
		w.b = binary.LittleEndian.AppendUint32(w.b, uint32(w.bits))
		w.bits >>= 32
		w.n -= 32
	}
}

// flush returns b with all bits in it, and zeros up to the next byte.
func (w *bitWriter) flush() []byte {
	for ; w.n > 0; w.n -= min(w.n, 8) {
		w.b = append(w.b, byte(w.bits))
		w.bits >>= 8
	}
	return w.b
}

// A bitReader reads what a bitWriter wrote. Behind the end of b there are zeros.
type bitReader struct {
	b    []byte
	bits uint64 // the next bits
	n    uint   // how many are valid
}

// fill makes at least 56 bits valid if there are so many.
func (r *bitReader) fill() {
	if len(r.b) >= 8 {
		r.bits |= binary.LittleEndian.Uint64(r.b) << r.n
		r.b = r.b[(63-r.n)>>3:]
		r.n |= 56
		return
	}
	for r.n <= 56 && len(r.b) > 0 {
		r.bits |= uint64(r.b[0]) << r.n
		r.b = r.b[1:]
		r.n += 8
	}
}

func (r *bitReader) drop(n uint) {
	r.bits >>= n
	r.n -= min(n, r.n)
}

// read returns the next n bits, at most 64.
func (r *bitReader) read(n uint) uint64 {
	if n > 32 {
		low := r.read(32)
		return low | r.read(n-32)<<32
	}
	if r.n < n {
		r.fill()
	}
	v := r.bits & (1<<n - 1)
	r.drop(n)
	return v
}

// unary counts ones up to the next zero, or up to maxUnary of them.
func (r *bitReader) unary() int {
	if r.n <= maxUnary {
		r.fill()
	}
	n := min(bits.TrailingZeros64(^r.bits), maxUnary)
	if n == maxUnary {
		r.drop(maxUnary)
	} else {
		r.drop(uint(n) + 1)
	}
	return n
}
