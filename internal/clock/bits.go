package clock

import "math/bits"

// A bitWriter appends bits, most significant first, to a byte slice.
type bitWriter struct {
	out   []byte
	cache uint64 // the low n bits wait for their byte to be full
	n     int    // below 8 between calls
}

// put writes the low n bits of v, at most 32.
func (w *bitWriter) put(n int, v uint32) {
	w.cache = w.cache<<n | uint64(v)
	w.n += n
	for w.n >= 8 {
		w.n -= 8
		w.out = append(w.out, byte(w.cache>>w.n))
	}
	w.cache &= 1<<w.n - 1
}

// ue writes an Exp-Golomb code, ITU-T H.264 §9.1; v is below 2^16.
func (w *bitWriter) ue(v uint32) {
	n := bits.Len32(v + 1)
	w.put(n-1, 0)
	w.put(n, v+1)
}

// se writes a signed Exp-Golomb code, ITU-T H.264 §9.1.1.
func (w *bitWriter) se(v int) {
	if v > 0 {
		w.ue(uint32(2*v - 1))
	} else {
		w.ue(uint32(-2 * v))
	}
}

// align fills the last byte with zeros.
func (w *bitWriter) align() {
	if w.n > 0 {
		w.put(8-w.n, 0)
	}
}

// end writes rbsp_trailing_bits.
func (w *bitWriter) end() {
	w.put(1, 1)
	w.align()
}
