package mjpeg

// A span is where an image is: its offset in the upper 40 bits, its length in the lower 24.
type span uint64

func newSpan(offset, length int64) span { return span(offset<<24 | length) }

func (s span) offset() int64 { return int64(s >> 24) }
func (s span) length() int   { return int(s & MaxImage) }

// chunkSize is how many spans lie in one piece.
const chunkSize = 4096

// An index is a list of spans in chunks, so that it grows without being copied: 8 bytes an image, and no more on the
// way there.
type index struct {
	chunks [][]span // all but the last are full
	n      int
}

func (x *index) add(s span) {
	last := x.n / chunkSize
	if last == len(x.chunks) {
		var chunk []span // the first one grows, since most files are short
		if last > 0 {
			chunk = make([]span, 0, chunkSize)
		}
		x.chunks = append(x.chunks, chunk)
	}
	x.chunks[last] = append(x.chunks[last], s)
	x.n++
}

// at returns span i and whether there is one.
func (x *index) at(i int) (span, bool) {
	if i < 0 || i >= x.n {
		return 0, false
	}
	return x.chunks[i/chunkSize][i%chunkSize], true
}
