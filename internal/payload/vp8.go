package payload

// vp8 is RFC 7741.
type vp8 struct {
	stateless
	buf scratch
}

// stateless is the part of a Format that needs no parameter sets.
type stateless struct{}

func (stateless) Parameters() [][]byte { return nil }

// Inspect sees a key frame in the first packet of its first partition (RFC 7741
// §4.2, §4.3).
func (f *vp8) Inspect(payload []byte, marker bool) Info {
	head, ok := vp8Descriptor(payload)
	if !ok {
		return Info{}
	}
	const start, partition = 0x10, 0x07 // S, PID
	first := payload[0]&start != 0 && payload[0]&partition == 0
	return Info{Key: first && payload[head]&1 == 0, Slice: true}
}

// Split repeats the payload descriptor; S is for the first only.
func (f *vp8) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	head, ok := vp8Descriptor(payload)
	if !ok || max <= head {
		return false
	}
	size := even(len(payload)-head, max-head)
	emit(payload[:head+size], 0, false)
	for data := payload[head+size:]; len(data) > 0; {
		chunk := data[:min(len(data), size)]
		data = data[len(chunk):]
		f.buf = append(append(f.buf[:0], payload[:head]...), chunk...)
		f.buf[0] &^= 0x10
		emit(f.buf, 0, len(data) == 0)
	}
	return true
}

// vp8Descriptor is the length of the payload descriptor (RFC 7741 §4.2), false
// if no data follows it.
func vp8Descriptor(payload []byte) (int, bool) {
	if len(payload) < 2 {
		return 0, false
	}
	n := 1
	if payload[0]&0x80 != 0 { // X
		ext := payload[1]
		n = 2
		if ext&0x80 != 0 { // I: picture id of one or two bytes
			if n++; len(payload) > 2 && payload[2]&0x80 != 0 {
				n++
			}
		}
		if ext&0x40 != 0 { // L: TL0PICIDX
			n++
		}
		if ext&0x30 != 0 { // T, K
			n++
		}
	}
	return n, n < len(payload)
}
