package payload

// auWalk walks the access units of one payload. It is a value: a copy walks on
// by itself.
type auWalk struct {
	format  auFormat
	headers bitReader
	data    []byte
	count   int    // access units not returned yet
	first   bool   // the next is the first
	time    uint32 // serial number of the next, from 0
}

// accessUnit is one access unit or, if part is set, a piece of one.
type accessUnit struct {
	data []byte // without an ADTS header
	size uint32 // of the whole access unit
	time uint32 // frames since the first of the payload
	skip bool   // units between this and the one before are in other packets
	adts bool   // there was an ADTS header
	part bool
}

// units reads the AU header section of a payload (RFC 3640 §3.2.1), whose length
// is in bits.
func (f *aac) units(payload []byte) (auWalk, bool) {
	if !f.plain || len(payload) < 2 {
		return auWalk{}, false
	}
	bits := int(payload[0])<<8 | int(payload[1])
	bytes := (bits + 7) / 8
	if bits < f.headerBits(1) || 2+bytes > len(payload) {
		return auWalk{}, false
	}
	return auWalk{
		format:  f.auFormat,
		headers: bitReader{data: payload[2 : 2+bytes]},
		data:    payload[2+bytes:],
		count:   1 + (bits-f.headerBits(1))/int(f.size+f.delta),
		first:   true,
	}, true
}

// next returns the next access unit; false at the end or where the sizes do not
// fit the data. Only a lone access unit may be a piece.
func (w *auWalk) next() (accessUnit, bool) {
	if w.count == 0 {
		return accessUnit{}, false
	}
	w.count--
	u := accessUnit{size: w.headers.bits(w.format.size)}
	if w.first {
		w.headers.skip(w.format.index)
		u.part = w.count == 0 && uint64(u.size) > uint64(len(w.data))
	} else {
		delta := w.headers.bits(w.format.delta)
		w.time += delta
		u.skip = delta > 0
	}
	u.time = w.time
	w.first, w.time = false, w.time+1
	if u.part {
		u.data, w.data = w.data, nil
		return u, true
	}
	if u.size == 0 || uint64(u.size) > uint64(len(w.data)) {
		return accessUnit{}, false
	}
	u.data, w.data = w.data[:u.size], w.data[u.size:]
	u.strip()
	return u, true
}

// strip removes an ADTS header. Raw AAC cannot look like one: its first three
// bits would be the end of the access unit. One that holds several blocks is
// left alone.
func (u *accessUnit) strip() {
	b := u.data
	if len(b) < 9 || b[0] != 0xFF || b[1]&0xF6 != 0xF0 || b[6]&3 != 0 {
		return
	}
	if length := uint32(b[3]&3)<<11 | uint32(b[4])<<3 | uint32(b[5])>>5; length != u.size {
		return
	}
	head := 7
	if b[1]&1 == 0 {
		head = 9 // with a checksum
	}
	if len(b) == head {
		return
	}
	u.data, u.adts = b[head:], true
	u.size -= uint32(head)
}
