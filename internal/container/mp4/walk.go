package mp4

import (
	"errors"
	"io"
)

// A walk goes over the fragments of a file.
type walk struct {
	at   int64 // where the next box begins
	idle int   // boxes since the last sample

	// When the first fragment begins, in ticks of a timescale: the beginning of the presentation, since what was cut out
	// of a live stream counts from whenever that began. The timescale is 0 until it is known.
	origin, originScale int64
}

// maxIdle is how many boxes may lie between samples.
const maxIdle = 1 << 14

// fragments reads some fragments and tells whether there may be more. What is not whole is left for later.
func (m *movie) fragments(most, samples int) (more bool, err error) {
	samples += m.samplesKnown()
	for range most {
		if m.samplesKnown() > samples {
			return true, nil
		}
		before := m.samplesKnown()
		b, ok, err := m.box(m.walk.at, m.size)
		if err != nil || !ok || b.unwritten() {
			return false, orEnd(err)
		}
		whole := !b.cut && !b.open
		switch {
		case b.is("moof") && whole:
			whole, err = m.fragment(b)
		case b.is("sidx") && whole:
			err = m.segmentIndex(b)
		}
		if err != nil {
			return false, err
		}
		if m.walk.idle++; m.samplesKnown() > before {
			m.walk.idle = 0
		}
		if m.walk.idle > maxIdle {
			return false, damaged(b.start, errors.New("nothing but boxes without samples"))
		}
		if !whole {
			return false, nil
		}
		m.walk.at = b.end
	}
	return true, nil
}

// unwritten tells whether a box is one of the zeros that a file can be filled up with before it is written.
func (b *box) unwritten() bool { return b.tag == [4]byte{} }

// orEnd is nil when a file just ends.
func orEnd(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// segmentIndex reads the box "sidx", which tells how long a file is before its fragments are read (ISO/IEC 14496-12
// §8.16.3).
func (m *movie) segmentIndex(b box) error {
	r, v := m.full(b)
	wide := v.version != 0
	r.u32()
	timescale := int64(r.u32())
	r.u32or64(wide) // earliest presentation time
	r.u32or64(wide) // first offset
	r.u16()
	total := int64(0)
	for range r.u16() {
		r.u32() // size
		total += int64(r.u32())
		r.u32() // access points
	}
	if r.err == nil {
		m.declare(total, timescale)
		return nil
	}
	if isDamage(r.err) {
		return nil
	}
	return r.err
}

// declareFragments reads the end of a file, where the box "mfra" may tell when the last fragment begins (ISO/IEC 14496-12
// §8.8.9).
func (m *movie) declareFragments() error {
	const tail = 16 // the size of the box "mfro", which is the last one and has the size of "mfra"
	if m.size < tail {
		return nil
	}
	b, ok, err := m.box(m.size-tail, m.size)
	if err != nil || !ok || !b.is("mfro") {
		return orDamage(err)
	}
	r, _ := m.full(b)
	b, ok, err = m.box(m.size-int64(r.u32()), m.size)
	if err != nil || !ok || !b.is("mfra") || r.err != nil {
		return orDamage(worst(err, r.err))
	}
	return orDamage(m.children(b.body, b.end, m.randomAccess))
}

// orDamage is nil for damage that does not matter.
func orDamage(err error) error {
	if isDamage(err) {
		return nil
	}
	return err
}

// randomAccess reads the box "tfra" as far as its last entry (ISO/IEC 14496-12 §8.8.10).
func (m *movie) randomAccess(b box) error {
	if !b.is("tfra") {
		return nil
	}
	r, v := m.full(b)
	wide := v.version == 1
	id := r.u32()
	lengths, count := r.u32(), int64(r.u32())
	size := int64(4 + 4)
	if wide {
		size = 8 + 8
	}
	for i := range 3 {
		size += int64(lengths>>(2*i)&3) + 1
	}
	if count == 0 || count > r.left()/size {
		return r.err
	}
	r.skip((count - 1) * size)
	at := r.u32or64(wide)
	for _, t := range m.tracks {
		if t.id == id && r.err == nil {
			m.declare(at-rescale(m.walk.origin, m.walk.originScale, t.timescale), t.timescale)
		}
	}
	return r.err
}
