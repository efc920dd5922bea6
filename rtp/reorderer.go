package rtp

import (
	"sync"
	"time"
)

const (
	heldBuffer = 2048 // bytes of a pooled buffer: any datagram of an Ethernet

	// A source whose packets are all behind what was passed on, in sequence and for so long, has begun anew there.
	restartAfter = 200 * time.Millisecond
)

// Reorderer puts the datagrams of one source (SSRC) in order of their sequence numbers. A packet that comes in order is passed on at once, as it is. One
// that comes too early is copied and waits for those before it, at most the delay, so that a loss never holds the stream for longer; what then still
// misses is lost, and dropped if it comes after all. Duplicates are dropped.
//
// A sequence number 3000 or more away from the expected one is believed when the next packet is near to it (within 100): the source has restarted, what
// waited is passed on, and the stream continues from there.
//
// It holds a bounded number of packets and bytes, reads no clock and starts no timer: the owner calls Expire at the Deadline. Not safe for concurrent use.
type Reorderer struct {
	delay      time.Duration // constant
	maxPackets int           // constant
	maxBytes   int           // constant

	started bool
	next    uint16   // the sequence number to pass on next
	passed  uint64   // bit i: next-1-i was passed on
	held    []waiter // in order, all after next
	bytes   int      // memory of held
	due     time.Time
	free    sync.Pool // of *[heldBuffer]byte; a burst long ago costs nothing, the collector takes them

	suspect   bool   // a restart may be going on: stray or late is set
	stray     waiter // alone far away; no packet: none
	late      bool   // the last packets were all too late, in sequence
	lateSeq   uint16
	lateSince time.Time

	stats ReorderStats
}

// waiter is the copy of a packet that came too early.
type waiter struct {
	seq    uint16
	came   time.Time
	packet []byte
}

// ReorderStats counts what a [Reorderer] saw since it was made.
type ReorderStats struct {
	Reordered  int64 // came after a later one and were passed on in order
	Lost       int64 // sequence numbers given up
	Late       int64 // dropped: came after they were given up, or more than 64 behind
	Duplicates int64 // dropped: came before
	Strays     int64 // dropped: far away and alone, or no RTP header
	Restarts   int64 // times that the source began anew
}

// NewReorderer returns a Reorderer that lets packets wait for the given delay (zero or less: not at all) and at most maxPackets of them at a time, at
// least one, in at most 2 KiB each on average; beyond that the oldest gap is given up at once.
func NewReorderer(delay time.Duration, maxPackets int) *Reorderer {
	maxPackets = max(maxPackets, 1)
	return &Reorderer{delay: delay, maxPackets: maxPackets, maxBytes: maxPackets * heldBuffer}
}

// Push takes the next datagram as it came and calls out, in order, with each packet whose turn has come: none, this one, or more. A packet is valid only
// during the call of out, which must not call the Reorderer. now must not go back.
// hot: 0 allocs and no copy for a packet in order.
func (r *Reorderer) Push(pkt []byte, now time.Time, out func(pkt []byte)) {
	if len(pkt) < HeaderSize {
		r.stats.Strays++
		return
	}
	seq := Packet(pkt).Sequence()
	if !r.started {
		r.start(seq)
	}
	if seq == r.next && len(r.held) == 0 && !r.suspect {
		r.pass(pkt, out)
		return
	}
	r.pushOther(waiter{seq, now, pkt}, now, out)
}

// pushOther is Push for a packet that is not simply the next.
func (r *Reorderer) pushOther(w waiter, now time.Time, out func(pkt []byte)) {
	ahead := int(SeqDiff(w.seq, r.next))
	switch {
	case ahead >= maxDropout || ahead <= -maxDropout:
		r.pushFar(w, out)
	case ahead < 0:
		r.pushLate(w, out)
	default:
		r.trust()
		r.place(w, out)
	}
	r.Expire(now, out)
}

// place passes w on or lets it wait. w is not before next.
func (r *Reorderer) place(w waiter, out func(pkt []byte)) {
	at, duplicate := r.find(w.seq)
	if duplicate {
		r.stats.Duplicates++
		return
	}
	if at < len(r.held) {
		r.stats.Reordered++
	}
	for w.seq != r.next && !r.room(len(w.packet)) {
		// The oldest gap ends at w itself or before the first that waits.
		if at == 0 {
			r.skip(w.seq)
			break
		}
		at -= r.release(1, out)
	}
	if w.seq == r.next {
		r.pass(w.packet, out)
		r.release(0, out)
		return
	}
	r.hold(w, at)
}

// find is where in held a sequence number belongs. Most come last.
func (r *Reorderer) find(seq uint16) (at int, duplicate bool) {
	for at = len(r.held); at > 0; at-- {
		before := SeqDiff(r.held[at-1].seq, seq)
		if before <= 0 {
			return at, before == 0
		}
	}
	return 0, false
}

// room reports whether one more packet of this size may wait.
func (r *Reorderer) room(size int) bool {
	return r.delay > 0 && len(r.held) < r.maxPackets && r.bytes+max(size, heldBuffer) <= r.maxBytes
}

// hold copies w into held.
func (r *Reorderer) hold(w waiter, at int) {
	w.packet = r.copy(w.packet)
	r.held = append(r.held, waiter{})
	copy(r.held[at+1:], r.held[at:])
	r.held[at] = w
	r.bytes += cap(w.packet)
	if due := w.came.Add(r.delay); len(r.held) == 1 || due.Before(r.due) {
		r.due = due
	}
}

// release passes on the first n packets that wait, giving up the gaps before them, and those that then are next. It returns how many.
func (r *Reorderer) release(n int, out func(pkt []byte)) int {
	done := 0
	for done < len(r.held) && (done < n || r.held[done].seq == r.next) {
		w := &r.held[done]
		r.skip(w.seq)
		r.pass(w.packet, out)
		r.bytes -= cap(w.packet)
		r.recycle(w.packet)
		done++
	}
	if done == 0 {
		return 0
	}
	rest := copy(r.held, r.held[done:])
	clear(r.held[rest:])
	r.held = r.held[:rest]
	for i := range r.held {
		if due := r.held[i].came.Add(r.delay); i == 0 || due.Before(r.due) {
			r.due = due
		}
	}
	return done
}

// pass passes on the packet with sequence number next.
func (r *Reorderer) pass(pkt []byte, out func(pkt []byte)) {
	r.next++
	r.passed = r.passed<<1 | 1
	out(pkt)
}

// skip gives up the sequence numbers before seq.
func (r *Reorderer) skip(seq uint16) {
	gap := seq - r.next
	r.stats.Lost += int64(gap)
	r.passed <<= gap
	r.next = seq
}

// Expire passes on what has waited for the delay, with all that is before it and all that follows without a gap, and returns the next deadline, as
// Deadline does.
func (r *Reorderer) Expire(now time.Time, out func(pkt []byte)) (next time.Time, waiting bool) {
	for len(r.held) > 0 && !r.due.After(now) {
		n := 0
		for i := range r.held {
			if !r.held[i].came.Add(r.delay).After(now) {
				n = i + 1
			}
		}
		r.release(n, out)
	}
	return r.Deadline()
}

// Deadline is when Expire has to be called if nothing comes before; false while nothing waits.
func (r *Reorderer) Deadline() (time.Time, bool) {
	if len(r.held) == 0 {
		return time.Time{}, false
	}
	return r.due, true
}

// Flush passes on all that waits, at the end of a stream.
func (r *Reorderer) Flush(out func(pkt []byte)) { r.release(len(r.held), out) }

// Reset drops all that waits and takes the next packet as the first: for another SSRC, or after a PAUSE. The counts stay.
func (r *Reorderer) Reset() {
	for i := range r.held {
		r.recycle(r.held[i].packet)
	}
	clear(r.held)
	r.held, r.bytes = r.held[:0], 0
	r.trust()
	r.started = false
}

// Stats is what was counted until now.
func (r *Reorderer) Stats() ReorderStats { return r.stats }

func (r *Reorderer) start(seq uint16) {
	r.started = true
	r.next = seq
	r.passed = 0
}

// copy copies a packet to a buffer of the pool, or of its own size if it is larger.
func (r *Reorderer) copy(pkt []byte) []byte {
	if len(pkt) > heldBuffer {
		return append(make([]byte, 0, len(pkt)), pkt...)
	}
	buffer, ok := r.free.Get().(*[heldBuffer]byte)
	if !ok {
		buffer = new([heldBuffer]byte)
	}
	return append(buffer[:0], pkt...)
}

func (r *Reorderer) recycle(pkt []byte) {
	if cap(pkt) == heldBuffer {
		r.free.Put((*[heldBuffer]byte)(pkt[:heldBuffer]))
	}
}
