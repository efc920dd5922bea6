package matroska

// Bits of the header of an OBU, AV1 §5.3.2, and the type of OBU that a configuration begins with.
const (
	obuExtension   = 0x04
	obuHasSize     = 0x02
	obuSequence    = 1
	obuTypeShift   = 3
	obuTypeMask    = 0x0F
	maxLEB128Bytes = 8
)

// leb128 reads a number of 7 bits a byte, AV1 §4.10.5. n is 0 if b does not hold one.
func leb128(b []byte) (v uint64, n int) {
	for i, c := range b[:min(len(b), maxLEB128Bytes)] {
		v |= uint64(c&0x7F) << (7 * i)
		if c&0x80 == 0 {
			return v, i + 1
		}
	}
	return 0, 0
}

// obu returns the length of the OBU at the front of b and where what it holds begins. An OBU without size goes on to the
// end of b. ok is false if b does not begin with a whole OBU.
func obu(b []byte) (body, end int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	body = 1
	if b[0]&obuExtension != 0 {
		body++
	}
	if b[0]&obuHasSize == 0 {
		return body, len(b), body <= len(b)
	}
	size, n := leb128(b[min(body, len(b)):])
	body += n
	if n == 0 || size > uint64(len(b)-body) {
		return 0, 0, false
	}
	return body, body + int(size), true
}

// sequenceHeader returns the first sequence header OBU in b, nil if there is none.
func sequenceHeader(b []byte) []byte {
	for {
		_, end, ok := obu(b)
		switch {
		case !ok:
			return nil
		case b[0]>>obuTypeShift&obuTypeMask == obuSequence && b[0]&obuHasSize != 0:
			return b[:end:end]
		}
		b = b[end:]
	}
}

// withSize gives the last OBU of a temporal unit its size if it lacks it, which Matroska allows. The others have one.
func withSize(unit []byte) []byte {
	last := 0
	for at := 0; at < len(unit); {
		_, end, ok := obu(unit[at:])
		if !ok {
			return unit
		}
		last, at = at, at+end
	}
	if len(unit) == 0 || unit[last]&obuHasSize != 0 {
		return unit
	}
	body, end, _ := obu(unit[last:])
	unit[last] |= obuHasSize
	var size [maxLEB128Bytes]byte
	n := 0
	for v := end - body; ; n++ {
		size[n] = byte(v & 0x7F)
		if v >>= 7; v == 0 {
			break
		}
		size[n] |= 0x80
	}
	n++
	at := last + body
	unit = append(unit, size[:n]...)
	copy(unit[at+n:], unit[at:len(unit)-n])
	copy(unit[at:], size[:n])
	return unit
}
