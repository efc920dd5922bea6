package matroska

import "slices"

// maxDepth bounds reordering: the standards allow 16 frames.
const maxDepth = 16

// An order gives times of decoding to frames that come in the order of decoding with times of showing only: the times of
// showing in their order, late by as many frames as reordering needs, so that none is shown before it is decoded.
type order struct {
	ahead []int64 // times not given out yet, ascending
	last  int64
}

// newOrder learns from the times of the first frames. frame is how long a frame lasts, 0 if not known.
func newOrder(first []int64, frame int64) *order {
	o := &order{last: -1 << 62}
	if len(first) == 0 {
		return o
	}
	sorted := slices.Sorted(slices.Values(first))
	if frame <= 0 && len(sorted) > 1 {
		frame = sorted[1] - sorted[0]
	}
	for i := depth(first); i > 0; i-- {
		o.ahead = append(o.ahead, sorted[0]-int64(i)*frame)
	}
	return o
}

// depth is how many frames at most come before one that is shown earlier.
func depth(times []int64) int {
	most := 0
	for i, t := range times {
		later := 0
		for _, u := range times[max(i-4*maxDepth, 0):i] {
			if u > t {
				later++
			}
		}
		most = max(most, later)
	}
	return min(most, maxDepth)
}

// dts is when the next frame is decoded, which is shown at pts. It never decreases, and is after pts only where frames
// are reordered more than those that were learnt from.
func (o *order) dts(pts int64) int64 {
	if pts < o.last && len(o.ahead) < maxDepth {
		o.insert(o.last) // wait a frame longer from now on
		return o.last
	}
	o.insert(pts)
	o.last = max(o.last, o.ahead[0])
	o.ahead = slices.Delete(o.ahead, 0, 1)
	return o.last
}

func (o *order) insert(t int64) {
	i, _ := slices.BinarySearch(o.ahead, t)
	o.ahead = slices.Insert(o.ahead, i, t)
}
