package payload

func (f *h265) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) < 3 {
		return emitWhole(payload, max, emit)
	}
	switch h265Type(payload) {
	case h265AP:
		return f.splitAggregate(payload, max, emit)
	case h265FU:
		return f.splitFragment(payload, max, emit)
	case h265PACI:
		return emitWhole(payload, max, emit)
	}
	if f.annexB(payload) {
		return f.splitStream(payload, max, emit)
	}
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	if !f.donl {
		return f.splitNAL(payload[:2], nil, payload[2:], max, true, emit)
	}
	if len(payload) < 5 {
		return false
	}
	return f.splitNAL(payload[:2], payload[2:4], payload[4:], max, true, emit)
}

// splitNAL emits the NAL unit of the two bytes of header and data, in FUs if it
// is too large (RFC 7798 §4.4.3). donl is empty or its decoding order number.
func (f *h265) splitNAL(header, donl, data []byte, max int, last bool, emit emitFunc) bool {
	if 2+len(donl)+len(data) <= max {
		var head [4]byte
		f.buf.join(append(append(head[:0], header...), donl...), data, 0, last, emit)
		return true
	}
	if max < h265Smallest {
		return false
	}
	f.fragment(header, fuStart|fuEnd|h265Type(header), donl, data, max, last, emit)
	return true
}

// h265Smallest holds the headers of an FU and a byte.
const h265Smallest = 2 + 1 + 2 + 1

// splitFragment cuts an FU into smaller ones. One that is start and end at once
// becomes a NAL unit again if it fits; one that should be a start becomes one.
func (f *h265) splitFragment(payload []byte, max int, emit emitFunc) bool {
	header := [2]byte{payload[0]&0x81 | payload[2]&0x3F<<1, payload[1]}
	fu, donl, data := payload[2], []byte(nil), payload[3:]
	if f.silent {
		fu |= fuStart
	}
	if f.donl && fu&fuStart != 0 {
		if len(data) < 2 {
			return emitWhole(payload, max, emit)
		}
		donl, data = data[:2], data[2:]
	}
	switch {
	case fu&fuStart != 0 && fu&fuEnd != 0 && len(data) > 0 && h265Unit(header[:]):
		return f.splitNAL(header[:], donl, data, max, true, emit)
	case len(payload) <= max && !f.silent:
		emit(payload, 0, true)
		return true
	case max < h265Smallest:
		return false
	}
	f.fragment(header[:], fu, donl, data, max, true, emit)
	return true
}

// fragment emits data as FUs of the NAL unit with this header. Start and end of
// fu go to the first and the last of them, donl to the first.
func (f *h265) fragment(header []byte, fu uint8, donl, data []byte, max int, last bool, emit emitFunc) {
	start, size := fu&fuStart, even(len(donl)+len(data), max-3)
	for {
		room := size - len(donl)
		chunk, end := data, fu&fuEnd
		if len(chunk) > room {
			chunk, end = data[:room], 0
		}
		data = data[len(chunk):]
		head := [5]byte{header[0]&0x81 | h265FU<<1, header[1], start | end | fu&0x3F}
		f.buf.join(append(head[:3], donl...), chunk, 0, last && len(data) == 0, emit)
		if start, donl = 0, nil; len(data) == 0 {
			return
		}
	}
}

// splitAggregate emits the units of an aggregation packet one by one.
func (f *h265) splitAggregate(payload []byte, max int, emit emitFunc) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	n := 0
	units := h265Units(payload, f.donl)
	for nal, ok := units.next(); ok; nal, ok = units.next() {
		if !h265Unit(nal) {
			return false
		}
		n++
	}
	if units.bad || n == 0 || max < h265Smallest {
		return false
	}
	units = h265Units(payload, f.donl)
	for ; n > 0; n-- {
		nal, _ := units.next()
		var don []byte
		if f.donl {
			don = []byte{byte(units.don >> 8), byte(units.don)}
		}
		f.splitNAL(nal[:2], don, nal[2:], max, n == 1, emit)
	}
	return true
}

// splitStream emits the NAL units of an Annex-B byte stream one by one.
func (f *h265) splitStream(payload []byte, max int, emit emitFunc) bool {
	nal, rest := nextH265(payload)
	if len(nal) == 0 || max < h265Smallest {
		return false
	}
	for len(nal) > 0 {
		following, after := nextH265(rest)
		f.splitNAL(nal[:2], nil, nal[2:], max, len(following) == 0, emit)
		nal, rest = following, after
	}
	return true
}

// h265Unit reports whether nal has the header of a NAL unit and not of a packet.
func h265Unit(nal []byte) bool { return len(nal) >= 2 && h265Type(nal) < h265AP }

// nextH265 is nextNAL without what cannot be sent as a NAL unit.
func nextH265(b []byte) (nal, rest []byte) {
	for nal, rest = nextNAL(b); len(nal) > 0 && !h265Unit(nal); nal, rest = nextNAL(rest) {
	}
	return nal, rest
}
