package timeline

import "time"

// A Cursor is one reader's place on a timeline. It costs a few words, whatever the reader does.
//
// A cursor is not safe for concurrent use: it belongs to the shard on which its reader sits. Any number
// of cursors may be used at the same time, and while packets are appended.
type Cursor struct {
	t     *Timeline
	pos   uint64
	want  uint64 // tracks wanted, by bit
	gate  uint64 // tracks of which nothing goes out before a random access point
	jumps uint64
}

// Cursor makes a cursor for some tracks (bit n: track n). It stands nowhere before [Cursor.Join].
func (t *Timeline) Cursor(tracks uint64) *Cursor {
	c := &Cursor{t: t}
	c.Select(tracks)
	return c
}

// Select changes which tracks are wanted. A video track that was not wanted before begins at its next
// random access point.
func (c *Cursor) Select(tracks uint64) {
	c.gate = c.gate&tracks | c.t.gated&tracks&^c.want
	c.want = tracks
}

// Join goes to where a new reader begins: the newest random access point, so that there is a picture at
// once. When the window has none, or the reader wants no track that has such points, it is the live edge.
func (c *Cursor) Join() {
	c.pos = c.t.log.head()
	c.gate = c.t.gated & c.want
	if access := c.t.log.access.Load(); access > 0 && c.want&c.t.lead != 0 && access-1 >= c.t.log.tail() {
		c.pos = access - 1
	}
}

// Next returns what can be sent now, nothing when the cursor is at the live edge. A reader that has
// fallen out of the window goes on at the newest random access point: whole pictures are skipped. The
// error is what the timeline was closed with; it comes when everything has been read.
//
// The batch can hold packets of tracks that the cursor does not want; the reader steps over them.
// hot: 0 allocs, no lock; runs on the reader's shard.
func (c *Cursor) Next() (Batch, error) {
	for {
		cause := c.t.log.cause() // before looking: what was appended before the end is still read
		ck := c.t.log.at(c.pos)
		if ck == nil {
			if c.pos < c.t.log.tail() {
				c.jump()
			} else if c.t.log.last() == nil {
				return Batch{}, cause
			}
			continue // what has fallen out, or has just come first
		}
		i, n := c.pos-ck.base, uint64(ck.n.Load())
		if i >= n {
			if c.t.log.last() == ck {
				return Batch{}, cause
			}
			continue // sealed between the two looks: its successor has the packet
		}
		b := Batch{Bytes: ck.buf, Packets: ck.packets[i:n]}
		if c.gate != 0 {
			b = c.admit(b)
		}
		if len(b.Packets) > 0 {
			return b, nil
		}
	}
}

// Advance moves past the first n packets of the batch that Next returned.
func (c *Cursor) Advance(n int) { c.pos += uint64(n) }

// Behind is how far behind the live edge the cursor is, at least: what it has not read came that long ago or longer. It is
// told by the pieces of the log (see [Config.Spell]), and 0 within the last one.
func (c *Cursor) Behind(now time.Time) time.Duration {
	v := *c.t.log.view.Load()
	for i := len(v) - 1; i > 0; i-- {
		if c.pos >= v[i].base {
			return 0
		}
		if c.pos >= v[i-1].base {
			return now.Sub(v[i].began)
		}
	}
	return 0
}

// Skip goes to the newest random access point, if that is ahead, and tells whether it is.
func (c *Cursor) Skip() bool {
	ahead := *c
	ahead.jump()
	if ahead.pos <= c.pos {
		return false
	}
	*c = ahead
	return true
}

// Jumps counts how often the reader was too slow for the window.
func (c *Cursor) Jumps() uint64 { return c.jumps }

// jump is the cold path of a reader that fell out of the window.
func (c *Cursor) jump() {
	c.jumps++
	c.Join()
}

// admit cuts a batch to its first run of packets that may go out while some tracks still wait for
// their random access point, and moves the cursor to that run.
func (c *Cursor) admit(b Batch) Batch {
	skip := 0
	for skip < len(b.Packets) && !c.open(&b.Packets[skip]) {
		skip++
	}
	c.pos += uint64(skip)
	b.Packets = b.Packets[skip:]
	for i := range b.Packets {
		if !c.open(&b.Packets[i]) {
			b.Packets = b.Packets[:i]
			break
		}
	}
	return b
}

// open tells whether a packet may go out, and opens its track's gate at a random access point.
func (c *Cursor) open(p *Packet) bool {
	bit := uint64(1) << p.Track
	if c.gate&bit == 0 {
		return true
	}
	if p.Flags&RandomAccess == 0 {
		return false
	}
	c.gate &^= bit
	return true
}

// First finds the first packet of each wanted track from the cursor on, at most limit packets ahead,
// and calls found for it. It is what a PLAY response is made of (RTP-Info, RFC 2326 §12.33).
func (c *Cursor) First(limit int, found func(track int, rtp []byte)) {
	ahead := *c
	for missing := c.want; missing != 0 && limit > 0; {
		b, err := ahead.Next()
		if err != nil || len(b.Packets) == 0 {
			return
		}
		for i := range b.Packets {
			if bit := uint64(1) << b.Packets[i].Track; missing&bit != 0 {
				missing &^= bit
				found(int(b.Packets[i].Track), b.RTP(i))
			}
		}
		limit -= len(b.Packets)
		ahead.Advance(len(b.Packets))
	}
}

// Waiting tells whether a track still waits for its first random access point.
func (c *Cursor) Waiting(track int) bool { return c.gate>>track&1 == 1 }
