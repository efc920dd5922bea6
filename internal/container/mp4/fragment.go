package mp4

import (
	"errors"

	"github.com/baton-rtsp/baton/internal/container"
)

// Of the samples of a fragment.
type defaults struct {
	description, duration, size, flags uint32
}

// An extends is what fragments of a track leave out: the box "trex" (ISO/IEC 14496-12 §8.8.3).
type extends struct {
	id uint32
	defaults
}

// extend reads what is in the box "mvex".
func (m *movie) extend(b box) error {
	r, v := m.full(b)
	switch {
	case b.is("mehd"):
		if d := r.u32or64(v.version == 1); r.err == nil {
			m.duration = max(m.duration, d)
		}
	case b.is("trex") && len(m.extends) < maxTracks:
		m.extends = append(m.extends, extends{r.u32(), defaults{r.u32(), r.u32(), r.u32(), r.u32()}})
	}
	return r.err
}

func (m *movie) extendsOf(id uint32) defaults {
	for _, e := range m.extends {
		if e.id == id {
			return e.defaults
		}
	}
	return defaults{}
}

// A fragment is a box "moof" that is being read.
type fragment struct {
	moof  box
	data  int64 // where the data of the track fragment before ended
	whole bool  // the file holds all samples so far
}

// fragment reads a box "moof" and tells whether all its samples are there. If not, it adds those that are, and is to be
// called again.
func (m *movie) fragment(moof box) (whole bool, err error) {
	if m.walk.originScale == 0 {
		if err := m.findOrigin(moof); err != nil {
			return false, err
		}
	}
	for _, t := range m.tracks {
		t.fragment.begin(t.decode)
	}
	f := &fragment{moof: moof, data: moof.start, whole: true}
	err = m.children(moof.body, moof.end, func(b box) error {
		if b.is("traf") {
			return m.trackFragment(f, b)
		}
		return nil
	})
	for _, t := range m.tracks {
		if t.pcm != nil {
			err = worst(err, t.pcm.flush(m))
		}
		t.decode = t.fragment.end(f.whole && err == nil, t.decode)
	}
	return f.whole, err
}

// A progress is how much of the current fragment was read for a track. A fragment that is still being written is read
// again and again.
type progress struct {
	decode int64 // of the first sample
	had    int64 // samples that were added when it was read before
	seen   int64 // samples so far
	cut    bool  // a sample was not whole
}

func (p *progress) begin(decode int64) { p.decode, p.seen, p.cut = decode, 0, false }

// end returns when the next sample is decoded, of this fragment or the next.
func (p *progress) end(whole bool, decode int64) int64 {
	if whole {
		p.had = 0
		return decode
	}
	return p.decode
}

// take says how many of the next n samples are new, and how many come before them.
func (p *progress) take(n int64) (before, fresh int64) {
	before = min(max(p.had-p.seen, 0), n)
	p.seen += n
	return before, n - before
}

// A trackFragment is a box "traf" that is being read.
type trackFragment struct {
	defaults
	t    *track // nil if it is not played
	base int64  // from which offsets count
	data int64  // where the next run begins if it does not say
}

// trackFragment reads a box "traf" (ISO/IEC 14496-12 §8.8.6).
func (m *movie) trackFragment(f *fragment, traf box) error {
	var tf trackFragment
	known := false
	err := m.children(traf.body, traf.end, func(b box) error {
		switch {
		case b.is("tfhd"):
			known = true
			return m.fragmentHeader(f, &tf, b)
		case b.is("tfdt") && tf.t != nil:
			r, v := m.full(b)
			if at := r.u32or64(v.version == 1); r.err == nil {
				tf.t.decode = at - rescale(m.walk.origin, m.walk.originScale, tf.t.timescale)
			}
			return r.err
		case b.is("trun") && known:
			return m.run(f, &tf, b)
		}
		return nil
	})
	if known {
		f.data = tf.data
	}
	return err
}

// Flags of the box "tfhd" (ISO/IEC 14496-12 §8.8.7).
const (
	headBase        = 0x1
	headDescription = 0x2
	headDuration    = 0x8
	headSize        = 0x10
	headFlags       = 0x20
	headFromMoof    = 0x20000
)

// fragmentHeader reads the box "tfhd".
func (m *movie) fragmentHeader(f *fragment, tf *trackFragment, b box) error {
	r, v := m.full(b)
	tf.base = f.data
	id := r.u32()
	for _, t := range m.tracks {
		if t.id == id {
			tf.t, tf.defaults = t, t.extends
		}
	}
	switch {
	case v.flags&headBase != 0:
		tf.base = r.u32or64(true)
	case v.flags&headFromMoof != 0:
		tf.base = f.moof.start
	}
	for _, field := range []struct {
		flag uint32
		to   *uint32
	}{{headDescription, &tf.description}, {headDuration, &tf.duration}, {headSize, &tf.size}, {headFlags, &tf.flags}} {
		if v.flags&field.flag != 0 {
			*field.to = r.u32()
		}
	}
	tf.data = tf.base
	if tf.t != nil && !tf.t.fits(tf.description) {
		tf.t = nil
	}
	return r.err
}

// findOrigin looks when the first fragment begins.
func (m *movie) findOrigin(moof box) error {
	m.walk.originScale = 1 // even if there is none
	if m.samplesKnown() > 0 {
		return nil
	}
	found := false
	return m.children(moof.body, moof.end, func(b box) error {
		if !b.is("traf") {
			return nil
		}
		at, scale, err := m.begins(b)
		if scale > 0 && (!found || rescale(at, scale, m.walk.originScale) < m.walk.origin) {
			m.walk.origin, m.walk.originScale = at, scale
			found = true
		}
		return err
	})
}

// begins returns when a track fragment begins. The timescale is 0 when it does not tell.
func (m *movie) begins(traf box) (at, scale int64, err error) {
	var t *track
	err = m.children(traf.body, traf.end, func(b box) error {
		r, v := m.full(b)
		switch {
		case b.is("tfhd"):
			id := r.u32()
			for _, known := range m.tracks {
				if known.id == id {
					t = known
				}
			}
		case b.is("tfdt") && t != nil:
			at, scale = r.u32or64(v.version == 1), t.timescale
		default:
			return nil
		}
		return r.err
	})
	return at, scale, err
}

var errRun = errors.New("more samples than a run has")

// Flags of the box "trun" (ISO/IEC 14496-12 §8.8.8), and of a sample (§8.8.3.1).
const (
	runOffset     = 0x1
	runFirstFlags = 0x4
	runDuration   = 0x100
	runSize       = 0x200
	runFlags      = 0x400
	runShift      = 0x800

	sampleNoSync  = 0x10000
	sampleDepends = 0x1000000
)

// run reads a box "trun".
func (m *movie) run(f *fragment, tf *trackFragment, b box) error {
	r, v := m.full(b)
	count := int64(r.u32())
	if v.flags&runOffset != 0 {
		tf.data = max(tf.base+int64(int32(r.u32())), 0)
	}
	first := tf.flags
	if v.flags&runFirstFlags != 0 {
		first = r.u32()
	}
	width := int64(0)
	for _, flag := range [...]uint32{runDuration, runSize, runFlags, runShift} {
		if v.flags&flag != 0 {
			width += 4
		}
	}
	if r.err != nil {
		return r.err
	}
	if width > 0 && count > r.left()/width {
		return damaged(r.pos(), errRun)
	}
	if width == 0 || v.flags&(runDuration|runSize) == 0 && tf.t != nil && tf.t.pcm != nil {
		return m.uniformRun(f, tf, first, count)
	}
	for i := range count {
		s := sampleOf(r, v.flags, tf.defaults)
		if i == 0 && v.flags&runFlags == 0 {
			s.flags = first
		}
		if err := m.runSample(f, tf, s); err != nil {
			return err
		}
	}
	return r.err
}

// A runEntry is a sample as a run has it.
type runEntry struct {
	duration, size, flags uint32
	shift                 int32
}

func sampleOf(r *table, present uint32, d defaults) runEntry {
	s := runEntry{d.duration, d.size, d.flags, 0}
	if present&runDuration != 0 {
		s.duration = r.u32()
	}
	if present&runSize != 0 {
		s.size = r.u32()
	}
	if present&runFlags != 0 {
		s.flags = r.u32()
	}
	if present&runShift != 0 {
		s.shift = int32(r.u32())
	}
	return s
}

// runSample adds the next sample of a run.
func (m *movie) runSample(f *fragment, tf *trackFragment, e runEntry) error {
	offset := tf.data
	tf.data = min(tf.data+int64(e.size), maxNumber)
	t := tf.t
	if t == nil {
		return nil
	}
	at := t.decode
	t.decode = min(at+int64(e.duration), maxNumber)
	t.fragment.cut = t.fragment.cut || tf.data > m.size
	if t.fragment.cut {
		f.whole = false
		return nil
	}
	if before, _ := t.fragment.take(1); before > 0 {
		return nil
	}
	t.fragment.had = max(t.fragment.had, t.fragment.seen)
	if t.pcm != nil {
		return t.pcm.add(m, offset, int64(e.size)/t.pcm.frame, rescale(at, t.timescale, int64(t.out.Timescale)))
	}
	return m.add(t, container.Sample{
		Offset: offset, Size: int(e.size), DTS: at, PTS: at + int64(e.shift), Duration: int(e.duration),
		Key: !t.out.Video || e.flags&(sampleNoSync|sampleDepends) == 0,
	})
}

// uniformRun adds a run of samples of which none differs from the others, but for the flags of the first. That there are
// many costs nothing to claim.
func (m *movie) uniformRun(f *fragment, tf *trackFragment, first uint32, count int64) error {
	e := runEntry{tf.duration, tf.size, tf.flags, 0}
	t := tf.t
	switch {
	case t == nil || e.size == 0:
		m.pass(tf, count)
		return nil
	case t.pcm != nil:
		return m.pcmRun(f, tf, count)
	}
	for i := range count {
		e.flags = tf.flags
		if i == 0 {
			e.flags = first
		}
		if err := m.runSample(f, tf, e); err != nil || t.fragment.cut {
			return err
		}
	}
	return nil
}

// pass goes over samples without adding them.
func (m *movie) pass(tf *trackFragment, count int64) {
	tf.data = min(tf.data+count*int64(tf.size), maxNumber)
	if tf.t != nil {
		lasts := int64(min(uint64(count)*uint64(tf.duration), maxNumber))
		tf.t.decode = min(tf.t.decode+lasts, maxNumber)
	}
}

// pcmRun adds a run of frames, or pieces of as many frames, at once.
func (m *movie) pcmRun(f *fragment, tf *trackFragment, count int64) error {
	t, size := tf.t, int64(tf.size)
	offset, at := tf.data, t.decode
	there := min(count, max(m.size-offset, 0)/size)
	if t.fragment.cut {
		there = 0
	}
	before, fresh := t.fragment.take(there)
	if there < count {
		t.fragment.cut, f.whole = true, false
	}
	m.pass(tf, count)
	t.fragment.had = max(t.fragment.had, t.fragment.seen)
	at += before * int64(tf.duration)
	return t.pcm.add(m, offset+before*size, fresh*size/t.pcm.frame, rescale(at, t.timescale, int64(t.out.Timescale)))
}
