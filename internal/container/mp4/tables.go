package mp4

import "errors"

// A runs is a table of values, each with how many samples have it: the boxes "stts" and "ctts" (ISO/IEC 14496-12 §8.6.1).
// When it ends before the samples do, the last value holds for them.
type runs struct {
	table *table
	left  uint32 // entries
	count uint32 // samples that still have the value
	value uint32
}

func (r *runs) next() uint32 {
	for r.count == 0 && r.left > 0 {
		r.left--
		r.count, r.value = r.table.u32(), r.table.u32()
		if r.table.err != nil {
			r.count, r.left = 0, 0
		}
	}
	if r.count > 0 {
		r.count--
	}
	return r.value
}

// A sizes is the sizes of the samples: the boxes "stsz" and "stz2" (ISO/IEC 14496-12 §8.7.3).
type sizes struct {
	*table
	count   int64  // of samples that are left
	uniform uint32 // size of all samples, 0 if there is a table
	bits    uint8  // of a size in the table
	half    uint8  // second size of a byte of which the first was returned
	odd     bool   // half is valid
}

func (m *movie) sizes(t *tables) *sizes {
	s := &sizes{bits: 32}
	switch {
	case t.sizes.start != 0:
		s.table = m.open(t.sizes)
		s.uniform = s.u32()
	case t.smallSizes.start != 0:
		s.table = m.open(t.smallSizes)
		s.bits = uint8(s.u32())
	default:
		return s.none()
	}
	s.count = int64(s.u32())
	switch s.bits {
	case 4, 8, 16, 32:
	default:
		s.none()
		s.err = damaged(s.pos(), errors.New("sizes of an odd size"))
		return s
	}
	if s.err != nil {
		s.count = 0
	}
	if there := s.left() * 8 / int64(s.bits); s.uniform == 0 && s.count > there {
		// The samples that the table has are read; after them it fails.
		s.count = there + 1
	}
	return s
}

// none makes a table without samples.
func (s *sizes) none() *sizes {
	*s = sizes{table: &table{}}
	return s
}

func (s *sizes) next() uint32 {
	s.count--
	if s.uniform != 0 {
		return s.uniform
	}
	switch s.bits {
	case 32:
		return s.u32()
	case 16:
		return uint32(s.u16())
	case 8:
		return uint32(s.u8())
	}
	if s.odd {
		s.odd = false
		return uint32(s.half)
	}
	b := s.u8()
	s.half, s.odd = b&15, true
	return uint32(b >> 4)
}

// limit leaves out samples of a uniform size of which the file cannot have so many: that they are as many costs nothing to
// claim.
func (s *sizes) limit(size int64) {
	if s.uniform == 0 {
		return
	}
	if most := size / int64(s.uniform); s.count > most {
		s.count = most
		s.err = damaged(s.pos(), errTooMuch)
	}
}

// frames goes over n samples and returns how many PCM frames they are.
func (s *sizes) frames(n, frame int64) int64 {
	if s.uniform == 0 {
		bytes := int64(0)
		for range n {
			bytes += int64(s.next())
		}
		return bytes / frame
	}
	s.count -= n
	if of := int64(s.uniform); of > frame && of%frame == 0 {
		return n * (of / frame)
	}
	return n // QuickTime has 1, or the bytes of one channel, or what not
}

// A chunks is where the samples lie: the boxes "stsc" and "stco" or "co64" (ISO/IEC 14496-12 §8.7.4 and §8.7.5).
type chunks struct {
	offsets *table
	wide    bool  // offsets have 64 bits
	count   int64 // of chunks that are left

	run     *table // of chunks with as many samples
	runs    int64  // that are left
	at      int64  // number of the current chunk, from 1
	current chunkRun
	after   chunkRun // valid if more
	more    bool
}

type chunkRun struct {
	first       int64 // chunk
	samples     int64 // in each
	description uint32
}

// advance makes the next run the current one.
func (c *chunks) advance() {
	c.current = c.after
	if !c.more {
		c.current = c.read()
	}
	c.after, c.more = chunkRun{}, false
	if c.runs > 0 {
		c.after = c.read()
		c.more = c.run.err == nil
	}
}

func (c *chunks) read() chunkRun {
	if c.runs == 0 {
		return chunkRun{}
	}
	c.runs--
	return chunkRun{int64(c.run.u32()), int64(c.run.u32()), c.run.u32()}
}

// next returns the place of the next chunk, and how many samples of which description it has.
func (c *chunks) next() (offset, samples int64, description uint32, ok bool) {
	if c.count == 0 {
		return 0, 0, 0, false
	}
	c.count--
	c.at++
	for c.more && c.at >= c.after.first {
		c.advance()
	}
	offset = c.offsets.u32or64(c.wide)
	if c.offsets.err != nil {
		c.count = 0
		return 0, 0, 0, false
	}
	return offset, c.current.samples, c.current.description, true
}

// A keys is which samples are keys: the box "stss" (ISO/IEC 14496-12 §8.6.2). Without it all are, and so are those of
// audio.
type keys struct {
	table  *table // nil if all are
	left   uint32
	key    uint32 // number of the next one, from 1
	sample uint32
}

func newKeys(m *movie, t *track) *keys {
	k := &keys{}
	if t.out.Video && t.tables.keys.start != 0 {
		k.table = m.open(t.tables.keys)
		k.left = k.table.u32()
	}
	return k
}

func (k *keys) next() bool {
	if k.table == nil {
		return true
	}
	k.sample++
	for k.key < k.sample && k.left > 0 {
		k.left--
		if k.key = k.table.u32(); k.table.err != nil {
			k.left = 0 // or it would be gone over entry by entry, however many it claims to have
		}
	}
	return k.key == k.sample
}

func (k *keys) err() error {
	if k.table == nil {
		return nil
	}
	return k.table.err
}
