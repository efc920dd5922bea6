package annexb

// hasRecoveryPoint walks the messages of SEI (H.264 §7.3.2.3, §D.1.8, H.265 §D.2.8) for one that marks a random access
// point without IDR picture: x264 with open GOPs or intra refresh, and most of broadcast, have no other.
func hasRecoveryPoint(data []byte) bool {
	const recoveryPoint = 6
	r := rbsp{data: data}
	for len(r.data) > 1 { // the last byte is the trailing bits
		kind, size := seiNumber(&r), seiNumber(&r)
		if kind == recoveryPoint && !r.short {
			return true
		}
		if size > len(r.data) {
			return false
		}
		for range size {
			r.nextByte()
		}
	}
	return false
}

// seiNumber reads a type or size: bytes of 255 and a last one, added.
func seiNumber(r *rbsp) int {
	sum := 0
	for {
		c := r.nextByte()
		sum += int(c)
		if c != 0xFF {
			return sum
		}
	}
}
