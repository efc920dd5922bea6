package payload

// vp9 is RFC 9628.
type vp9 struct {
	stateless
	buf scratch
}

// The payload descriptor of RFC 9628 §4.2: I P L F B E V Z.
const (
	vp9PictureID = 0x80
	vp9Inter     = 0x40
	vp9Layers    = 0x20
	vp9Flexible  = 0x10
	vp9Begin     = 0x08
	vp9End       = 0x04
	vp9Scalable  = 0x02
)

// Inspect sees a key frame in the first packet of its lowest spatial layer. The
// descriptor alone does not tell: FFmpeg never sets P, so that the frame header
// has to agree.
func (f *vp9) Inspect(payload []byte, marker bool) Info {
	d, ok := vp9Descriptor(payload)
	if !ok {
		return Info{}
	}
	first := payload[0]&(vp9Inter|vp9Begin) == vp9Begin && d.spatial == 0
	return Info{Key: first && vp9KeyFrame(payload[d.size:]), Slice: true}
}

// vp9KeyFrame reads the beginning of an uncompressed header (VP9 §6.2): frame
// marker, profile, show_existing_frame, frame_type.
func vp9KeyFrame(data []byte) bool {
	b := data[0]
	if b>>6 != 2 {
		return false
	}
	if b&0x30 == 0x30 { // profile 3 has a reserved bit more
		return b&0x0E == 0
	}
	return b&0x0C == 0
}

// Split repeats the payload descriptor. B and the scalability structure are for
// the first, E for the last.
func (f *vp9) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	d, ok := vp9Descriptor(payload)
	if !ok || max <= d.size {
		return false
	}
	f.buf = append(f.buf[:0], payload[:max]...)
	f.buf[0] &^= vp9End
	emit(f.buf, 0, false)
	for data := payload[max:]; len(data) > 0; {
		chunk := data[:min(len(data), max-d.structure)]
		data = data[len(chunk):]
		f.buf = append(append(f.buf[:0], payload[:d.structure]...), chunk...)
		f.buf[0] &^= vp9Begin | vp9Scalable
		if len(data) > 0 {
			f.buf[0] &^= vp9End
		}
		emit(f.buf, 0, len(data) == 0)
	}
	return true
}

// vp9Head is what was read of a payload descriptor.
type vp9Head struct {
	size      int   // of all
	structure int   // where the scalability structure begins; size if there is none
	spatial   uint8 // layer
}

// vp9Descriptor reads the payload descriptor, false if no data follows it.
func vp9Descriptor(payload []byte) (vp9Head, bool) {
	var d vp9Head
	if len(payload) == 0 {
		return d, false
	}
	flags, n := payload[0], 1
	at := func(i int) uint8 {
		if i < len(payload) {
			return payload[i]
		}
		return 0
	}
	if flags&vp9PictureID != 0 {
		if n++; at(1)&0x80 != 0 {
			n++
		}
	}
	if flags&vp9Layers != 0 {
		d.spatial = at(n) >> 1 & 7
		if n++; flags&vp9Flexible == 0 {
			n++ // TL0PICIDX
		}
	}
	if flags&(vp9Flexible|vp9Inter) == vp9Flexible|vp9Inter {
		for i := 0; i < 3; i++ { // P_DIFF, N
			if n++; at(n-1)&1 == 0 {
				break
			}
		}
	}
	d.structure = n
	if flags&vp9Scalable != 0 {
		n += vp9StructureSize(payload[min(n, len(payload)):])
	}
	d.size = n
	return d, n < len(payload)
}

// vp9StructureSize is the size of the scalability structure that b begins with
// (RFC 9628 §4.2.1); it may be beyond b.
func vp9StructureSize(b []byte) int {
	if len(b) == 0 {
		return 1
	}
	n := 1
	if b[0]&0x10 != 0 { // Y: width and height of each of N_S+1 layers
		n += 4 * (int(b[0]>>5) + 1)
	}
	if b[0]&0x08 == 0 { // G
		return n
	}
	if n >= len(b) {
		return n + 1
	}
	groups := int(b[n])
	n++
	for ; groups > 0 && n < len(b); groups-- {
		n += 1 + int(b[n]>>2&3) // R reference differences
	}
	return n + groups
}
