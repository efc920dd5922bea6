package payload

// bitReader reads bits, the highest of a byte first. Past the end it reads
// zeros and sets short.
type bitReader struct {
	data   []byte
	escape bool  // step over emulation prevention bytes
	zeros  int   // zero bytes before the next one
	cur    uint8 // bits not given yet, at the top
	left   uint  // how many
	short  bool  // a read went past the end
}

// rbsp reads the inside of a NAL unit, without its emulation prevention bytes
// (ITU-T H.264 §7.4.1, H.265 §7.4.2).
func rbsp(data []byte) bitReader { return bitReader{data: data, escape: true} }

func (r *bitReader) nextByte() uint8 {
	if r.escape && r.zeros >= 2 && len(r.data) > 0 && r.data[0] == 3 {
		r.data, r.zeros = r.data[1:], 0
	}
	if len(r.data) == 0 {
		r.short = true
		return 0
	}
	c := r.data[0]
	r.data = r.data[1:]
	if c == 0 {
		r.zeros++
	} else {
		r.zeros = 0
	}
	return c
}

// bits reads n bits, n ≤ 32.
func (r *bitReader) bits(n uint) uint32 {
	var v uint32
	for ; n > 0; n-- {
		if r.left == 0 {
			r.cur, r.left = r.nextByte(), 8
		}
		v = v<<1 | uint32(r.cur>>7)
		r.cur <<= 1
		r.left--
	}
	return v
}

// skip passes over n bits.
func (r *bitReader) skip(n uint) {
	for ; n > 32; n -= 32 {
		r.bits(32)
	}
	r.bits(n)
}

// ue reads an unsigned Exp-Golomb number (H.264 §9.1). More than 31 leading
// zeros are no number and set short.
func (r *bitReader) ue() uint32 {
	zeros := uint(0)
	for r.bits(1) == 0 {
		if zeros++; zeros > 31 || r.short {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// bitWriter appends bits to b, the highest of a byte first.
type bitWriter struct {
	b    []byte
	free uint // bits of the last byte not written yet
}

// put appends the lowest n bits of v, n ≤ 32.
func (w *bitWriter) put(v uint32, n uint) {
	for n > 0 {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		take := min(n, w.free)
		n -= take
		w.free -= take
		w.b[len(w.b)-1] |= byte(v >> n & (1<<take - 1) << w.free)
	}
}
