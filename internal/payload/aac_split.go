package payload

// Split puts whole access units together as far as they fit, with the time of
// the first, and cuts those that do not. Each piece has the size of the whole
// access unit in its header, the marker at the last (PLD-14).
func (f *aac) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	units, ok := f.units(payload)
	if !ok {
		return emitWhole(payload, max, emit)
	}
	n, adts := 0, false
	check := units
	for u, ok := check.next(); ok; u, ok = check.next() {
		n++
		adts = adts || u.adts
	}
	if len(payload) <= max && !adts {
		emit(payload, 0, true)
		return true
	}
	if n != units.count || max <= f.headSize(1) {
		return false
	}
	for units.count > 0 {
		group, size := f.group(units, max)
		if size > max {
			u, _ := units.next()
			f.fragment(u, max, emit)
			continue
		}
		f.emit(&units, group, emit)
	}
	return true
}

// headSize is the size of the AU header section of n access units.
func (f *aac) headSize(n int) int { return 2 + (f.headerBits(n)+7)/8 }

// group counts the access units that fit in one payload, at least one, and the
// size it will have. Interleaved ones go alone.
func (f *aac) group(units auWalk, max int) (n, size int) {
	data := 0
	for u, ok := units.next(); ok; u, ok = units.next() {
		with := f.headSize(n+1) + data + len(u.data)
		if n > 0 && (with > max || u.skip) {
			break
		}
		n, size, data = n+1, with, data+len(u.data)
	}
	return n, size
}

// emit writes the next n access units as one payload.
func (f *aac) emit(units *auWalk, n int, emit emitFunc) {
	w := f.head(n)
	walk := *units
	first := accessUnit{}
	for i := range n {
		u, _ := walk.next()
		if i == 0 {
			first = u
			w.put(u.size, f.size)
			w.put(0, f.index)
			continue
		}
		w.put(u.size, f.size)
		w.put(0, f.delta)
	}
	for range n {
		u, _ := units.next()
		w.b = append(w.b, u.data...)
	}
	f.buf = w.b
	emit(w.b, f.frame.ticks(first.time), true)
}

// head begins a payload with the length of n AU headers.
func (f *aac) head(n int) bitWriter {
	bits := f.headerBits(n)
	return bitWriter{b: append(f.buf[:0], byte(bits>>8), byte(bits))}
}

// fragment emits one access unit, or a piece of one, in pieces.
func (f *aac) fragment(u accessUnit, max int, emit emitFunc) {
	room := max - f.headSize(1)
	for len(u.data) > 0 {
		chunk := u.data[:min(len(u.data), room)]
		u.data = u.data[len(chunk):]
		w := f.head(1)
		w.put(u.size, f.size)
		w.put(0, f.index)
		f.buf = append(w.b, chunk...)
		emit(f.buf, f.frame.ticks(u.time), len(u.data) == 0)
	}
}
