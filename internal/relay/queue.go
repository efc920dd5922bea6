package relay

import (
	"sync"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

// maxQueued is how many bytes may wait for a viewer. One who takes nothing for longer loses what comes until half of it is gone.
const maxQueued = 4 << 20

// A queue is what has come from the source and has not gone to the viewer. Clients fill it, one shard empties it.
type queue struct {
	mu    sync.Mutex
	full  bool // what comes is left out
	held  bool // nothing is given out: a PLAY is under way
	epoch int  // counts what was thrown away
	back  *run // being filled
	lost  int  // packets that were left out
}

// A run is packets one behind the other, framed as on an interleaved connection.
type run struct {
	bytes   []byte
	packets []timeline.Packet
	sent    int
	epoch   int
}

func (r *run) rest() timeline.Batch {
	return timeline.Batch{Bytes: r.bytes, Packets: r.packets[r.sent:]}
}

func (r *run) done() bool { return r.sent == len(r.packets) }

func (r *run) clear() { r.bytes, r.packets, r.sent = r.bytes[:0], r.packets[:0], 0 }

func (q *queue) init() { q.back = &run{} }

// put takes a packet, which is copied and gets another SSRC.
func (q *queue) put(track int, b []byte, ssrc uint32) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.back
	if q.full = len(r.bytes) > maxQueued || q.full && len(r.bytes) > maxQueued/2; q.full {
		q.lost++
		return
	}
	p := rtp.Packet(b)
	entry := timeline.Packet{Offset: uint32(len(r.bytes)), Size: uint16(len(b)), Track: uint8(track), Timestamp: p.Timestamp()}
	if p.Marker() {
		entry.Flags |= timeline.Marker
	}
	if p.HeaderSize() > rtp.HeaderSize {
		entry.Flags |= timeline.LongHeader
	}
	r.packets = append(r.packets, entry)
	r.bytes = append(r.bytes, '$', uint8(2*track), byte(len(b)>>8), byte(len(b)))
	r.bytes = append(r.bytes, b...)
	rtp.Packet(r.bytes[len(r.bytes)-len(b):]).SetSSRC(ssrc)
}

// take returns the run to send from, in the place of front: the same while something is left of it that counts. It is nil when
// there is nothing to send.
func (q *queue) take(front *run) *run {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held {
		return nil
	}
	if front.epoch == q.epoch && !front.done() {
		return front
	}
	if len(q.back.packets) == 0 {
		return nil
	}
	next := q.back
	next.epoch = q.epoch
	q.back = recycled(front)
	return next
}

// recycled is a run to be filled anew. A large one is given to the garbage collector.
func recycled(r *run) *run {
	if cap(r.bytes) > maxQueued/8 {
		return &run{}
	}
	r.clear()
	return r
}

// empty tells whether everything has been taken.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.held && len(q.back.packets) == 0
}

// hold gives nothing out until release. It returns how many packets wait.
func (q *queue) hold() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = true
	return len(q.back.packets)
}

// omitted is how many packets were left out.
func (q *queue) omitted() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lost
}

func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = false
}

// forget throws away what belongs to before a seek: the first of what waits, and what the source did not begin with. begins tells
// for a packet whether it comes behind where its track begins.
func (q *queue) forget(first int, begins func(track int, seq uint16) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.epoch++
	old := q.back
	kept := &run{}
	for i := first; i < len(old.packets); i++ {
		p := old.packets[i]
		frame := old.bytes[p.Offset:p.End()]
		if !begins(int(p.Track), rtp.Packet(frame[timeline.FrameOverhead:]).Sequence()) {
			continue
		}
		p.Offset = uint32(len(kept.bytes))
		kept.bytes = append(kept.bytes, frame...)
		kept.packets = append(kept.packets, p)
	}
	q.back = kept
}
