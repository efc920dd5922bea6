package payload

// Split gives every OBU element payloads of its own.
func (f *av1) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max || len(payload) == 0 {
		return emitWhole(payload, max, emit)
	}
	elements := av1Elements(payload)
	for element, ok := elements.next(); ok; element, ok = elements.next() {
		if len(element) == 0 {
			return false
		}
	}
	n := elements.seen
	if elements.bad || n == 0 || max < 2 {
		return false
	}
	elements = av1Elements(payload)
	for i := range n {
		element, _ := elements.next()
		header := byte(av1One)
		if i == 0 {
			header |= payload[0] & (av1Continues | av1New)
		}
		if i == n-1 {
			header |= payload[0] & av1Continued
		}
		f.fragment(header, element, max, i == n-1, emit)
	}
	return true
}

// fragment emits one element. Of header, N and Z go to the first payload and Y
// to the last.
func (f *av1) fragment(header byte, element []byte, max int, last bool, emit emitFunc) {
	for {
		chunk, h := element, header
		if len(chunk) > max-1 {
			chunk, h = element[:max-1], header|av1Continued
		}
		element = element[len(chunk):]
		f.buf.join([]byte{h}, chunk, 0, last && len(element) == 0, emit)
		if header = header&^av1New | av1Continues; len(element) == 0 {
			return
		}
	}
}
