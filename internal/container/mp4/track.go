package mp4

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/baton-rtsp/baton/internal/container"
)

// A track is one of a movie.
type track struct {
	out     container.Track
	id      uint32
	reason  error // why it cannot be played
	builder *container.Builder

	timescale int64 // of the container's times; out.Timescale may differ
	entries   []entry
	used      int // of entries: the one that describes out
	external  []bool
	edits     editList
	tables    tables
	pcm       *cutter // nil if it is not PCM
	extends   defaults
	decode    int64 // when the next sample of a fragment is decoded
	done      bool  // all samples that an edit list wants are there
	damage    error
	fragment  progress
}

// Where the tables of samples are.
type tables struct {
	times, shifts, sizes, smallSizes, chunks, offsets, wideOffsets, keys box
}

// track reads a box "trak". What is wrong with a track is that track's affair.
func (m *movie) track(trak box) error {
	t := new(track)
	if err := m.children(trak.body, trak.end, func(b box) error { return m.trackBox(t, b) }); err != nil {
		if !isDamage(err) {
			return err
		}
		t.reason = err
	}
	if t.reason == nil {
		t.reason = t.complete(m)
	}
	m.tracks = append(m.tracks, t)
	return nil
}

// trackBox reads what is in a "trak", and goes into the boxes that hold more.
func (m *movie) trackBox(t *track, b box) error {
	if m.boxes++; m.boxes > maxBoxes {
		return damaged(b.start, errBoxes)
	}
	switch string(b.tag[:]) {
	case "mdia", "minf", "dinf", "stbl", "edts":
		return m.children(b.body, b.end, func(b box) error { return m.trackBox(t, b) })
	case "tkhd":
		return m.trackHeader(t, b)
	case "mdhd":
		return m.mediaHeader(t, b)
	case "elst":
		return m.editList(t, b)
	case "tref":
		return m.children(b.body, b.end, m.reference)
	case "dref":
		return m.dataReferences(t, b)
	case "stsd":
		return m.descriptions(t, b)
	}
	t.tables.note(b)
	return nil
}

// note remembers where a table is. Of several the first counts.
func (t *tables) note(b box) {
	var at *box
	switch string(b.tag[:]) {
	case "stts":
		at = &t.times
	case "ctts":
		at = &t.shifts
	case "stsz":
		at = &t.sizes
	case "stz2":
		at = &t.smallSizes
	case "stsc":
		at = &t.chunks
	case "stco":
		at = &t.offsets
	case "co64":
		at = &t.wideOffsets
	case "stss":
		at = &t.keys
	default:
		return
	}
	if at.start == 0 {
		*at = b
	}
}

// trackHeader reads the box "tkhd" (ISO/IEC 14496-12 §8.3.2).
func (m *movie) trackHeader(t *track, b box) error {
	r, v := m.full(b)
	wide := v.version == 1
	r.u32or64(wide)
	r.u32or64(wide)
	t.id = r.u32()
	return r.err
}

// mediaHeader reads the box "mdhd" (ISO/IEC 14496-12 §8.4.2).
func (m *movie) mediaHeader(t *track, b box) error {
	r, v := m.full(b)
	wide := v.version == 1
	r.u32or64(wide)
	r.u32or64(wide)
	t.timescale = int64(r.u32())
	return r.err
}

// reference reads what is in a box "tref": chapters are tracks that nobody wants to see as such.
func (m *movie) reference(b box) error {
	if !b.is("chap") {
		return nil
	}
	r := newTable(m.source, b.body, b.end)
	for r.left() >= 4 && len(m.chapters) < maxTracks {
		m.chapters = append(m.chapters, r.u32())
	}
	return r.err
}

// maxEntries bounds tables that have few entries in real files: sample descriptions, data references.
const maxEntries = 64

// dataReferences reads the box "dref" (ISO/IEC 14496-12 §8.7.2).
func (m *movie) dataReferences(t *track, b box) error {
	const head, selfContained = 8, 1
	return m.children(b.body+head, b.end, func(b box) error {
		r, v := m.full(b)
		if len(t.external) < maxEntries {
			t.external = append(t.external, v.flags&selfContained == 0)
		}
		return r.err
	})
}

// complete makes out of what was read, or says why it cannot.
func (t *track) complete(m *movie) error {
	if len(t.entries) == 0 {
		return errors.New("no sample description")
	}
	if err := t.choose(m); err != nil {
		return err
	}
	e := &t.entries[t.used]
	switch {
	case e.reason != nil:
		return e.reason
	case e.reference > 0 && int(e.reference) <= len(t.external) && t.external[e.reference-1]:
		return errors.New("its data is in another file")
	case t.timescale <= 0 || t.timescale > math.MaxInt32:
		return errors.New("no timescale")
	}
	t.out = e.out
	t.out.ID = int(t.id)
	t.out.Video = t.out.Codec.Video()
	t.out.Timescale = int(t.timescale)
	if t.out.SampleRate == 0 && !t.out.Video {
		t.out.SampleRate = int(t.timescale) // rates above 65535 do not fit into a description
	}
	if t.out.ClockRate == 0 {
		t.out.ClockRate = t.out.SampleRate
	}
	t.builder = container.NewBuilder()
	t.out.Index = t.builder.Index()
	t.out.Reader = e.reader(m.r)
	if e.pcm.Codec != "" {
		t.out.Timescale = t.out.SampleRate
		t.pcm = newCutter(t, e.pcm.Frame())
	}
	t.edits.resolve(m.timescale, int64(t.out.Timescale), t.timescale)
	if t.edits.pieces > 1 {
		m.file.Remarks = append(m.file.Remarks, fmt.Sprintf(
			"track %d: its edit list joins several pieces; all that follows the beginning of the first is played", t.id))
	}
	if m.fragmented {
		t.edits.end = math.MaxInt64 // what is said of the end was said before it was known
	}
	t.extends = m.extendsOf(t.id)
	return nil
}

// choose finds the sample description that is used first.
func (t *track) choose(m *movie) error {
	if t.tables.chunks.start == 0 {
		return nil
	}
	r, _ := m.full(t.tables.chunks)
	if r.u32() == 0 {
		return nil
	}
	r.u64()
	if n := int64(r.u32()) - 1; r.err == nil && n >= 0 && n < int64(len(t.entries)) {
		t.used = int(n)
	}
	return nil
}

// fits tells whether samples of description n, counted from 1, can be played with the one that is used.
func (t *track) fits(n uint32) bool {
	i := int(n) - 1
	if i == t.used || i < 0 || i >= len(t.entries) {
		return true
	}
	return t.entries[i].like(&t.entries[t.used])
}

// rescale is a number of ticks of one timescale in those of another, rounded to the nearest.
func rescale(v, from, to int64) int64 {
	if from == to || v == 0 || from <= 0 {
		return v
	}
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	hi, lo := bits.Mul64(magnitude, uint64(to))
	lo, carry := bits.Add64(lo, uint64(from)/2, 0)
	hi += carry
	q := uint64(maxNumber)
	if hi < uint64(from) {
		q, _ = bits.Div64(hi, lo, uint64(from))
		q = min(q, maxNumber)
	}
	if v < 0 {
		return -int64(q)
	}
	return int64(q)
}
