package annexb

// An order counts pictures on from the lowest bits of their picture order count (H.264 §8.2.1.1, H.265 §8.3.1).
type order struct{ high, low int }

// next is the picture order count of a picture; the one after it is counted from it if it is a reference.
func (o *order) next(lsb uint32, bits int, reset, reference bool) int {
	if reset {
		o.high, o.low = 0, 0
	}
	low, span, high := int(lsb), 1<<bits, o.high
	switch {
	case reset:
	case low < o.low && o.low-low >= span/2:
		high += span
	case low > o.low && low-o.low > span/2:
		high -= span
	}
	if reference {
		o.high, o.low = high, low
	}
	return high + low
}
