package payload

// nalSample walks the NAL units of a stored sample, each behind its length.
type nalSample struct {
	rest   []byte
	length int  // bytes of each length, 1 to 4
	bad    bool // a unit is longer than what is left
}

// next returns the next unit, never an empty one; false at the end. What is too
// short for a length is padding.
func (s *nalSample) next() ([]byte, bool) {
	for len(s.rest) >= s.length {
		size := 0
		for _, c := range s.rest[:s.length] {
			size = size<<8 | int(c)
		}
		s.rest = s.rest[s.length:]
		if size > len(s.rest) || size < 0 {
			s.bad, s.rest = true, nil
			return nil, false
		}
		nal := s.rest[:size]
		s.rest = s.rest[size:]
		if size > 0 {
			return nal, true
		}
	}
	return nil, false
}

// aggregable is how many of the first NAL units go into one payload whose own
// header has head bytes, at least one.
func aggregable(nals [][]byte, head, max int) int {
	size := head
	for n, nal := range nals {
		size += 2 + len(nal)
		if size > max || len(nal) == 0 || len(nal) > 0xFFFF {
			if n == 0 {
				return 1
			}
			return n
		}
	}
	return len(nals)
}
