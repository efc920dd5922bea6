package timeline

import (
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// An astray is a picture that is stamped hours away: cameras have such pictures among others, and clocks that are set. Readers would
// stop, or drop what follows, so it is stamped as its neighbours are. When the next goes on from it, it was the clock.
type astray struct {
	pace          // of the source, if its clock was set
	offset uint32 // of the picture
	open   bool   // it is the newest picture
}

// offset is what is to be added to the timestamp of a packet.
//
// hot: 0 allocs.
func (t *track) offset(pkt rtp.Packet, at time.Time) uint32 {
	ts := pkt.Timestamp()
	switch {
	case t.astray.open && ts == t.astray.last:
		return t.astray.offset
	case t.pace.begun && ts == t.pace.last, pkt.PayloadType() != t.pt, !t.pace.known(): // other payload types may count otherwise
		return t.tsOffset
	}
	now := at.Sub(t.since)
	switch {
	case !t.pace.begun:
		t.pace.begin(ts, now)
	case t.pace.next(ts, now):
		t.astray.open, t.before.begun = false, false
	default:
		return t.leap(ts, now)
	}
	return t.tsOffset
}

// leap takes the first packet of a picture that is far from the last, and returns what is to be added to its timestamp.
func (t *track) leap(ts uint32, at time.Duration) uint32 {
	before := t.pace
	switch {
	case t.pace.catchUp(ts, at):
		t.before, t.astray.open = before, false
	case t.before.begun && t.before.follows(ts, at): // that was no catching up
		t.pace, t.before.begun, t.astray.open = t.before, false, false
	case t.astray.open && t.astray.follows(ts, at):
		t.pace, t.tsOffset = t.astray.pace, t.astray.offset
		t.before.begun, t.astray.open = false, false
		t.clock.Reset()
	default:
		t.stray(ts, at)
		return t.astray.offset
	}
	return t.tsOffset
}

func (p *pace) follows(ts uint32, at time.Duration) bool { return p.next(ts, at) || p.catchUp(ts, at) }

// stray stamps a picture as its neighbours are.
func (t *track) stray(ts uint32, at time.Duration) {
	fit := t.pace.fit(at) + t.tsOffset
	if t.astray.open {
		fit = t.astray.fit(at) + t.astray.offset
	}
	if int32(fit-t.lastTS) <= 0 { // much came at once, or a packet of sound was cut
		fit = t.lastTS + 1
	}
	t.astray = astray{pace: t.pace.resumed(ts, at), offset: fit - ts, open: true}
}
