package rtspserver

import (
	"github.com/baton-rtsp/baton/timeline"
)

// send brings a batch to the transports of its tracks and returns how many packets went out: fewer than
// there are when a connection is full. Nothing waits.
//
// hot: 0 allocs, ≤1 lock for each write.
func (r *reader) send(b *timeline.Batch) (int, error) {
	switch {
	case r.direct:
		return r.sendFrames(r.senders[0].out, b, 0, len(b.Packets))
	case r.datagrams:
		b.Packets = b.Packets[:r.affordable(b)]
		r.sendDatagrams(b)
		return len(b.Packets), nil
	}
	for i := 0; i < len(b.Packets); {
		s := r.sender(b.Packets[i].Track)
		switch {
		case s == nil:
			i++
		case s.out == nil:
			r.sendDatagram(s, b, i)
			i++
		default:
			n, err := r.sendInterleaved(s, b, i)
			if err != nil || n == 0 {
				return i, err
			}
			i += n
		}
		if r.budget <= 0 && i < len(b.Packets) {
			r.seat.Wake() // its turn is over
			return i, nil
		}
	}
	return len(b.Packets), nil
}

// sendInterleaved sends what it can of the packets from i on to one connection. Most batches are a single frame: the
// packets of one track, or those that this session wants of them lie side by side. Then they can go out as they lie.
func (r *reader) sendInterleaved(s *sender, b *timeline.Batch, i int) (int, error) {
	j := i
	for j < len(b.Packets) && r.asLaid(s.out, b.Packets[j].Track) {
		j++
	}
	for _, p := range b.Packets[j:] {
		if r.sender(p.Track) != nil {
			return r.sendCopied(s.out, b, i)
		}
	}
	n, err := r.sendFrames(s.out, b, i, j)
	if n == j-i {
		n = len(b.Packets) - i // the rest is not wanted
	}
	return n, err
}

// asLaid tells whether a track goes to out on the channel that the log has for it.
func (r *reader) asLaid(out output, track uint8) bool {
	s := r.sender(track)
	return s != nil && s.out == out && s.channel == 2*track
}

// sender is nil for a track that is not set up or muted.
func (r *reader) sender(track uint8) *sender {
	if s := r.senders[track]; s != nil && !s.muted {
		return s
	}
	return nil
}

// sendFrames writes packets i to j as they lie in the log.
func (r *reader) sendFrames(out output, b *timeline.Batch, i, j int) (int, error) {
	run := b.Frames(i, j)
	limit := min(len(run), r.budget)
	if limit < len(run) {
		run = run[:frameEnd(run, max(limit, 1))]
	}
	taken, err := out.Frames(run, r.seat)
	if err != nil {
		return 0, err
	}
	r.budget -= taken
	r.alive(taken)
	end := int(b.Packets[i].Offset) + taken
	n := i
	for n < j && b.Packets[n].End() <= end {
		r.senders[b.Packets[n].Track].count(b, n)
		n++
	}
	if r.budget <= 0 && n < j && taken == len(run) {
		r.seat.Wake() // not full: only its turn is over
	}
	return n - i, nil
}

// sendCopied writes the run of packets from i on that go to one connection, with the channels that this
// session has for them. It returns how many packets are done with, those of tracks that nobody wants
// included.
func (r *reader) sendCopied(out output, b *timeline.Batch, i int) (int, error) {
	r.scratch = r.scratch[:0]
	j := i
	for ; j < len(b.Packets) && len(r.scratch) < 64<<10; j++ {
		s := r.sender(b.Packets[j].Track)
		if s == nil {
			continue
		}
		if s.out != out {
			break
		}
		at := len(r.scratch)
		r.scratch = append(r.scratch, b.Frames(j, j+1)...)
		r.scratch[at+1] = s.channel
	}
	taken, err := out.Frames(r.scratch, r.seat)
	full := taken < len(r.scratch)
	r.budget -= taken
	r.alive(taken)
	n := i
	for ; n < j; n++ {
		s := r.sender(b.Packets[n].Track)
		if s == nil {
			continue
		}
		size := timeline.FrameOverhead + int(b.Packets[n].Size)
		if taken < size {
			break
		}
		taken -= size
		s.count(b, n)
	}
	if !full {
		n = j
	}
	if cap(r.scratch) > 256<<10 {
		r.scratch = nil
	}
	return n - i, err
}

// affordable is how many packets of a batch the budget has room for: at least one.
func (r *reader) affordable(b *timeline.Batch) int {
	size := 0
	for i := range b.Packets {
		if size += int(b.Packets[i].Size); size >= r.budget {
			return i + 1
		}
	}
	return len(b.Packets)
}

// sendDatagrams sends a batch to the client's RTP ports, track by track: packets of one track are often of
// one size, and can leave in one call then.
func (r *reader) sendDatagrams(b *timeline.Batch) {
	for track := range r.senders {
		if s := r.sender(uint8(track)); s != nil {
			s.pair.rtp.sendTrack(b, uint8(track), s.rtp)
		}
	}
	for i := range b.Packets {
		if s := r.sender(b.Packets[i].Track); s != nil {
			r.budget -= int(b.Packets[i].Size)
			s.count(b, i)
		}
	}
}

// sendDatagram sends one packet, of a session that has other tracks on a connection.
func (r *reader) sendDatagram(s *sender, b *timeline.Batch, i int) {
	p := b.RTP(i)
	r.budget -= len(p)
	s.pair.rtp.send(p, *s.rtp.addr.Load())
	s.count(b, i)
}

// alive notes that an interleaved client reads what it is sent: that is life enough (SES-11).
func (r *reader) alive(taken int) {
	if taken > 0 {
		r.session.touch(r.now)
	}
}
