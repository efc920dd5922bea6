package timeline

import (
	"math/bits"
	"slices"

	"github.com/baton-rtsp/baton/rtp"
)

// A Burst is what a reader that starts at once gets of the past: the pictures since the newest random access point. It
// sends them with other timestamps, for this reader alone, squeezed in front of the newest picture there was: a player that
// shows the first picture when it comes then has all the others behind it at once, and shows what is live when it is live.
// They are hardly a tick apart: mpv shows each of those that are further apart, and is behind for good by the time that takes it.
// Their order stays, that of pictures that are shown in another order than they are sent in too. Of the other tracks
// nothing is sent that is older than the reader.
//
// Behind the burst timestamps are those of the timeline. A Burst belongs to its cursor, and to the same shard.
type Burst struct {
	cursor  *Cursor
	track   uint8
	head    uint64 // the live edge when the reader came
	edge    uint32 // timestamp of the newest picture there was
	squeeze uint32 // so many ticks become one

	// How the end is noticed: pictures in a row that keep their timestamp. One that is shown earlier than the edge may
	// follow the edge as far as pictures can be reordered.
	last   uint32
	steady int

	room     int // bytes that are stamped at a time: of one that takes nothing only a packet
	*stamped     // from Next to Advance
}

// stamped is what a burst sends at a time. Bursts of a timeline take turns with it: a reader that waits holds none.
type stamped struct {
	bytes   []byte
	packets []Packet
	stands  []int // how far the cursor goes with each of packets
}

const (
	// maxPictures bounds how many pictures are looked at for their distance.
	maxPictures = 1 << 14
	// maxReorder is how many pictures may be sent between one and another that is shown before it (H.264 annex A: 16).
	maxReorder = 16
	// burstBatch is how many bytes of a burst are stamped at a time.
	burstBatch = 64 << 10
)

// newBurst is nil when nothing is there that could be stamped anew.
func newBurst(c *Cursor) *Burst {
	head := c.t.log.head()
	lead := c.t.lead & c.want
	if c.pos >= head || lead == 0 {
		return nil
	}
	b := &Burst{cursor: c, track: uint8(bits.TrailingZeros64(lead)), head: head, room: burstBatch}
	shown := b.pictures(c.pos, head)
	if len(shown) == 0 {
		return nil
	}
	first := shown[0]
	for i, ts := range shown { // as distances, which can be compared
		shown[i] = ts - first
	}
	slices.SortFunc(shown, func(a, b uint32) int { return int(int32(a)) - int(int32(b)) })
	b.edge, b.squeeze = first+shown[len(shown)-1], squeezeOf(shown)
	return b
}

// squeezeOf is how many ticks can become one so that pictures stay apart, also those that may still come in between.
func squeezeOf(sorted []uint32) uint32 {
	least := uint32(0)
	for i := range sorted[1:] {
		if d := sorted[i+1] - sorted[i]; d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	if len(sorted) <= maxReorder { // perhaps no two of them follow each other
		least /= maxReorder
	}
	return max(least, 1)
}

// pictures are the timestamps of the pictures in a part of the log, as they were sent.
func (b *Burst) pictures(from, to uint64) (list []uint32) {
	for from < to && len(list) < maxPictures {
		ck := b.cursor.t.log.at(from)
		if ck == nil {
			return nil // it has just fallen out of the window
		}
		packets := ck.packets[from-ck.base : min(uint64(ck.n.Load()), to-ck.base)]
		for i := range packets {
			if ts := packets[i].Timestamp; packets[i].Track == b.track && (len(list) == 0 || ts != list[len(list)-1]) {
				list = append(list, ts)
			}
		}
		from += uint64(len(packets))
	}
	return list
}

// stamp is the timestamp that this reader gets.
func (b *Burst) stamp(ts uint32) uint32 {
	before := b.edge - ts
	if int32(before) <= 0 {
		return ts
	}
	return b.edge - (before+b.squeeze-1)/b.squeeze
}

// Next is as [Cursor.Next]. The batch is valid until Advance, which has to follow.
func (b *Burst) Next() (Batch, error) {
	for {
		jumps := b.cursor.jumps
		all, err := b.cursor.Next()
		if b.cursor.jumps != jumps {
			b.steady = maxReorder + 1 // too slow: what is left of the burst has fallen out of the window
			return all, err
		}
		if len(all.Packets) == 0 {
			b.release() // what was left out borrowed too
			return all, err
		}
		if n := b.restamp(&all); len(b.packets) == 0 {
			b.cursor.Advance(n)
			continue
		}
		return Batch{Bytes: b.bytes, Packets: b.packets}, nil
	}
}

// restamp copies what is to be sent of a batch. It returns how many packets of the batch it has looked at.
func (b *Burst) restamp(all *Batch) int {
	if b.stamped == nil {
		if b.stamped, _ = b.cursor.t.stamped.Get().(*stamped); b.stamped == nil {
			b.stamped = &stamped{bytes: make([]byte, 0, burstBatch)}
		}
	}
	b.bytes, b.packets, b.stands = b.bytes[:0], b.packets[:0], b.stands[:0]
	for i := range all.Packets {
		p := all.Packets[i]
		if p.Track != b.track && b.cursor.pos+uint64(i) < b.head {
			b.cursor.gate |= b.cursor.t.gated & b.cursor.want & (1 << p.Track) // it still has to begin
			continue
		}
		if len(b.packets) > 0 && len(b.bytes)+FrameOverhead+int(p.Size) > b.room {
			return i
		}
		frame := all.Frames(i, i+1)
		at := len(b.bytes)
		b.bytes = append(b.bytes, frame...)
		p.Offset = uint32(at)
		if p.Track == b.track {
			p.Timestamp = b.stamp(p.Timestamp)
			rtp.Packet(b.bytes[at+FrameOverhead:]).SetTimestamp(p.Timestamp)
		}
		b.packets = append(b.packets, p)
		b.stands = append(b.stands, i+1)
	}
	return len(all.Packets)
}

// Advance moves past the first n packets of the batch that Next returned, whose bytes are not valid any more.
func (b *Burst) Advance(n int) {
	defer b.release()
	if b.room = burstBatch; n == 0 {
		b.room = 0
		return
	}
	if b.Done() { // they were the log's own
		b.cursor.Advance(n)
		return
	}
	for i := range b.packets[:n] {
		p := &b.packets[i]
		if p.Track != b.track || p.Timestamp == b.last {
			continue
		}
		if b.last = p.Timestamp; int32(b.last-b.edge) >= 0 {
			b.steady++
		} else {
			b.steady = 0
		}
	}
	b.cursor.Advance(b.stands[n-1])
}

// Done tells whether the burst is over, and the cursor can be used itself.
func (b *Burst) Done() bool { return b.steady > maxReorder }

// release gives back what the burst has borrowed.
func (b *Burst) release() {
	if b.stamped != nil {
		b.cursor.t.stamped.Put(b.stamped)
		b.stamped = nil
	}
}

// First is as [Cursor.First], with the timestamps that this reader gets, and of each packet only the header.
func (b *Burst) First(limit int, found func(track int, rtp []byte)) {
	lead := uint64(1) << b.track
	ahead := *b.cursor
	ahead.want = lead
	ahead.First(limit, func(track int, pkt []byte) {
		header := rtp.Packet(slices.Clone(pkt[:rtp.HeaderSize]))
		header.SetTimestamp(b.stamp(header.Timestamp()))
		found(track, header)
	})
	ahead = *b.cursor
	ahead.want &^= lead
	ahead.pos = max(ahead.pos, b.head)
	ahead.First(limit, found)
}
