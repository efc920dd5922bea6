package mpegts

// A moment is where in an elementary stream a PES packet begins, and its times.
type moment struct{ pos, pts, dts int64 }

// moments are the latest PES packets of a stream that no sample has had the time of.
type moments struct {
	list [8]moment
	n    int
}

func (m *moments) put(t moment) {
	if m.n == len(m.list) {
		copy(m.list[:], m.list[1:])
		m.n--
	}
	m.list[m.n] = t
	m.n++
}

// take returns the times of a sample that begins at a place: those of the PES packet that it is the first to begin in.
func (m *moments) take(pos int64) (t moment, ok bool) {
	n := 0
	for n < m.n && m.list[n].pos <= pos {
		t, ok = m.list[n], true
		n++
	}
	m.n = copy(m.list[:], m.list[n:m.n])
	return t, ok
}
