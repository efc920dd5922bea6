package matroska

import (
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
	"strings"
)

// unknown is the size of an element that ends where its parent or the next element of its level does, RFC 8794 §6.2.
const unknown = -1

// maxHeader is the length of the longest header of an element: four bytes of ID, eight of size.
const maxHeader = 4 + 8

// vint reads a variable-size integer without its marker, RFC 8794 §4. n is its length, 0 if b does not hold it whole.
func vint(b []byte) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if len(b) < n {
		return 0, 0
	}
	v = uint64(b[0]) & (1<<(8-n) - 1)
	for _, c := range b[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, n
}

// signed reads a variable-size integer that has a sign by its range, as the differences of EBML lacing do, RFC 9559
// §10.3.3.
func signed(b []byte) (v int64, n int) {
	u, n := vint(b)
	if n == 0 {
		return 0, 0
	}
	return int64(u) - (1<<(7*n-1) - 1), n
}

// header reads the header of an element: its ID with the marker, the size of what it holds, or unknown, and its own
// length, 0 if b does not begin with a header. Sizes beyond 2^56 do not exist.
func header(b []byte) (id uint32, size int64, n int) {
	_, idLen := vint(b)
	if idLen == 0 || idLen > 4 {
		return 0, 0, 0
	}
	for _, c := range b[:idLen] {
		id = id<<8 | uint32(c)
	}
	v, sizeLen := vint(b[idLen:])
	if sizeLen == 0 {
		return 0, 0, 0
	}
	size = int64(v)
	if v == 1<<(7*sizeLen)-1 {
		size = unknown
	}
	return id, size, idLen + sizeLen
}

// children goes over the elements that a master element holds, up to the first that is not whole.
func children(b []byte) iter.Seq2[uint32, []byte] {
	return func(yield func(uint32, []byte) bool) {
		for len(b) > 0 {
			id, size, n := header(b)
			if n == 0 || size == unknown || size > int64(len(b)-n) {
				return
			}
			if !yield(id, b[n:n+int(size)]) {
				return
			}
			b = b[n+int(size):]
		}
	}
}

// number is an unsigned integer element, RFC 8794 §7.2; what is longer than eight bytes is 0.
func number(b []byte) uint64 {
	if len(b) > 8 {
		return 0
	}
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// float is a floating-point element, RFC 8794 §7.3; 0 where it is none.
func float(b []byte) float64 {
	v := 0.0
	switch len(b) {
	case 4:
		v = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		v = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// text is a string element, which zeros may end, RFC 8794 §7.4.
func text(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}
