package mp4

import "math"

// An editList says which part of the media is presented when (ISO/IEC 14496-12 §8.6.6). Of a list that cuts and joins
// pieces only the beginning of the first piece is observed.
type editList struct {
	empty    int64 // before the media, in the movie's timescale
	from     int64 // of the media, where it begins, in the track's timescale
	duration int64 // of the first piece, in the movie's timescale; 0 if it lasts
	pieces   int

	shift int64 // from media time to presentation time, in ticks of the samples
	end   int64 // of the presentation, in ticks of the samples
}

// maxEdits is how many entries of a list are looked at: which is the only piece is clear after two.
const maxEdits = 1 << 10

// editList reads the box "elst".
func (m *movie) editList(t *track, b box) error {
	r, v := m.full(b)
	wide := v.version == 1
	t.edits = editList{}
	for range min(r.u32(), maxEdits) {
		duration := r.u32or64(wide)
		from := int64(int32(r.u32()))
		if wide {
			from = from<<32 | int64(r.u32())
		}
		r.u32() // rate
		if r.err != nil {
			return r.err
		}
		switch {
		case from < 0 && t.edits.pieces == 0:
			t.edits.empty += min(duration, maxNumber-t.edits.empty)
		case from >= 0:
			t.edits.pieces++
			if t.edits.pieces == 1 {
				t.edits.from, t.edits.duration = min(from, maxNumber), duration
			}
		}
	}
	return nil
}

// resolve computes shift and end.
func (e *editList) resolve(movie, ticks, media int64) {
	e.shift = rescale(e.empty, movie, ticks) - rescale(e.from, media, ticks)
	e.end = math.MaxInt64
	if e.pieces == 1 && e.duration > 0 && movie > 0 {
		// Durations are rounded to the movie's ticks, which are coarse: one more must not cut a sample off.
		e.end = rescale(min(e.empty+e.duration, maxNumber)+1, movie, ticks)
	}
}
