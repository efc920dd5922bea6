package annexb

// rbsp reads the bits of a NAL unit, the highest of a byte first, without the emulation prevention bytes (H.264 §7.4.1,
// H.265 §7.4.2). Past the end it reads zeros and sets short.
type rbsp struct {
	data  []byte
	zeros int   // zero bytes before the next one
	cur   uint8 // bits not given yet, at the top
	left  int   // how many
	short bool
}

func (r *rbsp) nextByte() uint8 {
	if r.zeros >= 2 && len(r.data) > 0 && r.data[0] == 3 {
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

// bits reads n bits, at most 32.
func (r *rbsp) bits(n int) uint32 {
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

func (r *rbsp) flag() bool { return r.bits(1) == 1 }

func (r *rbsp) skip(n int) {
	for ; n > 32; n -= 32 {
		r.bits(32)
	}
	r.bits(n)
}

// ue reads an unsigned Exp-Golomb number (H.264 §9.1). More than 31 leading zeros are no number and set short.
func (r *rbsp) ue() uint32 {
	zeros := 0
	for r.bits(1) == 0 {
		if zeros++; zeros > 31 || r.short {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// se reads a signed Exp-Golomb number (H.264 §9.1.1).
func (r *rbsp) se() int32 {
	v := r.ue()
	if v&1 == 1 {
		return int32(v/2 + 1)
	}
	return -int32(v / 2)
}
