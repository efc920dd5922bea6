package container

// A Cursor goes over the samples of an index in order without allocating. It belongs to one goroutine.
type Cursor struct {
	index *Index
	state *state
	next  int // sample

	// within a block
	open    bool
	bits    bitReader
	columns [columns]column
	offset  int64 // where the next sample is if it follows the last one
	dts     int64 // when the next sample is decoded if it follows the last one
}

// Cursor returns a cursor that stands before sample i, counted from 0.
func (x *Index) Cursor(i int) Cursor {
	return Cursor{index: x, state: x.state.Load(), next: max(i, 0)}
}

// Pos is the number of the sample that Next returns next.
func (c *Cursor) Pos() int { return c.next }

// Next returns the next sample and whether it is known. When it is not, it may be later.
func (c *Cursor) Next() (Sample, bool) {
	if c.next >= c.state.len() {
		c.state, c.open = c.index.state.Load(), false
		if c.next >= c.state.len() {
			return Sample{}, false
		}
	}
	if c.next >= c.state.packedLen() {
		s := c.state.tail[c.next-c.state.packedLen()]
		c.next++
		return s, true
	}
	in := c.next & (blockSize - 1)
	if in == 0 || !c.open {
		c.enter(c.next >> blockBits)
		for range in {
			c.decode()
		}
	}
	return c.decode(), true
}

// enter goes to the beginning of a block.
func (c *Cursor) enter(i int) {
	b := &c.state.blocks[i]
	c.open, c.next = true, i<<blockBits
	c.offset, c.dts = b.offset, b.dts
	c.bits = b.header(&c.columns)
}

// decode returns the next sample of the block.
func (c *Cursor) decode() Sample {
	s := Sample{
		Offset:   c.offset + c.columns[gapColumn].read(&c.bits),
		Size:     int(c.columns[sizeColumn].read(&c.bits)),
		DTS:      c.dts + c.columns[skipColumn].read(&c.bits),
		Duration: int(c.columns[durationColumn].read(&c.bits)),
		Key:      c.state.blocks[c.next>>blockBits].isKey(c.next & (blockSize - 1)),
	}
	s.PTS = s.DTS + c.columns[shiftColumn].read(&c.bits)
	c.offset = s.Offset + int64(s.Size)
	c.dts = s.DTS + int64(s.Duration)
	c.next++
	return s
}
