package payload

func (f *h264) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) < 2 {
		return emitWhole(payload, max, emit)
	}
	switch payload[0] & 0x1F {
	case h264STAPA:
		return f.splitSTAP(payload, max, emit)
	case h264FUA:
		return f.splitFragment(payload, max, emit)
	case h264STAPB, h264MTAP16, h264MTAP24, h264FUB: // mode 2: decoding order numbers
		return emitWhole(payload, max, emit)
	}
	if h264AnnexB(payload) {
		return f.splitStream(payload, max, emit)
	}
	return f.splitNAL(payload, max, true, emit)
}

// emitWhole is Split where nothing can be split.
func emitWhole(payload []byte, max int, emit emitFunc) bool {
	if len(payload) > max {
		return false
	}
	emit(payload, 0, true)
	return true
}

// splitNAL emits a NAL unit, in FU-As if it is too large (RFC 6184 §5.8).
func (f *h264) splitNAL(nal []byte, max int, last bool, emit emitFunc) bool {
	if len(nal) <= max {
		emit(nal, 0, last)
		return true
	}
	if max < 3 {
		return false
	}
	f.fragment(nal[0], fuStart|fuEnd|nal[0]&0x1F, nal[1:], max, last, emit)
	return true
}

// splitFragment cuts an FU-A into smaller ones. One that is start and end at
// once (CostarHD cameras) becomes a NAL unit again if it fits; one that should
// be a start becomes one.
func (f *h264) splitFragment(payload []byte, max int, emit emitFunc) bool {
	const both = fuStart | fuEnd
	header := payload[1]
	if f.silent {
		header |= fuStart
	}
	whole := header&both == both && h264Unit(header)
	if len(payload) < 3 || max < 3 || len(payload) <= max && !whole && !f.silent {
		return emitWhole(payload, max, emit)
	}
	if whole && len(payload)-1 <= max {
		f.buf.join([]byte{payload[0]&0xE0 | payload[1]&0x1F}, payload[2:], 0, true, emit)
		return true
	}
	f.fragment(payload[0], header, payload[2:], max, true, emit)
	return true
}

// fragment emits data as FU-As. Start and end of header go to the first and the
// last of them; the upper bits of indicator are F and NRI.
func (f *h264) fragment(indicator, header byte, data []byte, max int, last bool, emit emitFunc) {
	start, size := header&fuStart, even(len(data), max-2)
	for {
		chunk, end := data, header&fuEnd
		if len(chunk) > size {
			chunk, end = data[:size], 0
		}
		data = data[len(chunk):]
		head := [2]byte{indicator&0xE0 | h264FUA, start | end | header&0x1F}
		f.buf.join(head[:], chunk, 0, last && len(data) == 0, emit)
		if start = 0; len(data) == 0 {
			return
		}
	}
}

// h264Unit reports whether a header byte is one of a NAL unit and not of a
// packet: those are never nested (RFC 6184 §5.7, PLD-06).
func h264Unit(header byte) bool {
	t := header & 0x1F
	return t > 0 && t < h264STAPA
}

// splitSTAP emits the units of a STAP-A one by one.
func (f *h264) splitSTAP(payload []byte, max int, emit emitFunc) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	n := 0
	units := h264Units(payload)
	for nal, ok := units.next(); ok; nal, ok = units.next() {
		if !h264Unit(nal[0]) {
			return false
		}
		n++
	}
	if units.bad || n == 0 || max < 3 {
		return false
	}
	units = h264Units(payload)
	for ; n > 0; n-- {
		nal, _ := units.next()
		f.splitNAL(nal, max, n == 1, emit)
	}
	return true
}

// splitStream emits the NAL units of an Annex-B byte stream one by one.
func (f *h264) splitStream(payload []byte, max int, emit emitFunc) bool {
	nal, rest := nextH264(payload)
	if len(nal) == 0 || max < 3 {
		return false
	}
	for len(nal) > 0 {
		following, after := nextH264(rest)
		f.splitNAL(nal, max, len(following) == 0, emit)
		nal, rest = following, after
	}
	return true
}

// nextH264 is nextNAL without what cannot be sent as a NAL unit.
func nextH264(b []byte) (nal, rest []byte) {
	for nal, rest = nextNAL(b); len(nal) > 0 && !h264Unit(nal[0]); nal, rest = nextNAL(rest) {
	}
	return nal, rest
}
