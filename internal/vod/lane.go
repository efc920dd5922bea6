package vod

import (
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/payload"
)

// A lane is one track of a playback: where it stands, and the numbers of its packets.
type lane struct {
	track   *container.Track
	number  int
	reorder time.Duration // how much earlier than it is shown the first sample is decoded
	packets payload.Packetizer
	ssrc    uint32
	payload uint8 // RTP payload type
	seq     uint16
	base    uint32 // RTP timestamp at the beginning of the play clock
	wanted  bool   // set up, and not muted

	// where it stands
	cursor container.Cursor
	at     int // number of next, where only key pictures are played
	next   container.Sample
	has    bool          // next is to be sent
	over   bool          // nothing was there when all was known: no need to look again
	floor  time.Duration // samples shown before are left out: they belong to what was before a seek
}

func newLane(f *Film, number int) (*lane, error) {
	t := f.tracks[number]
	p, err := payload.NewPacketizer(payloadTrack(t))
	if err != nil {
		return nil, err
	}
	return &lane{
		track: t, number: number, reorder: f.reorder(t), payload: f.media[number].FormatList()[0].PayloadType, packets: p, ssrc: rand.Uint32(), seq: uint16(rand.Uint32N(1 << 15)),
		base: rand.Uint32() | 1, wanted: true,
	}, nil
}

func (l *lane) pts() time.Duration { return l.track.Time(l.next.PTS) }
func (l *lane) dts() time.Duration { return l.track.Time(min(l.next.DTS, l.next.PTS)) }

// length is how long the next sample lasts.
func (l *lane) length() time.Duration { return l.track.Time(int64(max(l.next.Duration, 0))) }

// timestamp is the RTP timestamp of a place on the play clock.
func (l *lane) timestamp(at time.Duration) uint32 {
	const second = int64(time.Second)
	n, rate := int64(at), int64(l.track.ClockRate)
	rest := n % second * rate
	if rest >= 0 {
		rest += second / 2
	} else {
		rest -= second / 2
	}
	return l.base + uint32(n/second*rate+rest/second)
}

// seek puts the lane at a sample, -1 for none.
func (l *lane) seek(i int) {
	l.at, l.over = i, false
	if l.has = i >= 0; !l.has {
		return
	}
	l.cursor = l.track.Index.Cursor(i)
	l.next, l.has = l.cursor.Next()
	l.at++
}

// step goes to the next sample in decoding order that is not before the floor.
func (l *lane) step() {
	for {
		if l.next, l.has = l.cursor.Next(); !l.has {
			return
		}
		l.at++
		if l.pts() >= l.floor {
			return
		}
	}
}

// ends tells whether what is left of a lane is shown at stop or later. A picture that is shown later but
// needed by one that is shown before counts as before: players get what they can decode.
func (l *lane) ends(stop time.Duration) bool {
	if !l.has || l.pts() < stop {
		return !l.has
	}
	if l.dts() >= stop {
		return true
	}
	ahead := l.cursor
	for range maxReorder {
		s, ok := ahead.Next()
		if !ok {
			return true
		}
		if l.track.Time(s.PTS) < stop {
			return false
		}
	}
	return true
}

// maxReorder is how many pictures can be between one and another that is decoded later and shown earlier
// (H.264 annex A: 16).
const maxReorder = 16

// find is the sample that is shown at a time.
func (l *lane) find(at time.Duration) int {
	return max(l.track.Index.Find(l.track.Ticks(at+slack)), 0)
}

// last is when the last sample of a span has been shown: its true end.
func (l *lane) last(s *span) time.Duration {
	if s.reverse() || s.toEnd {
		return s.end
	}
	n, ok := l.track.Index.At(l.find(s.end - 2*slack))
	if end := l.track.Time(n.PTS + int64(n.Duration)); ok && end > s.end-slack && l.track.Video {
		return end
	}
	return s.end
}

// shown is when sample i is shown.
func (l *lane) shown(i int) time.Duration {
	s, _ := l.track.Index.At(i)
	return l.track.Time(s.PTS)
}

// slack absorbs the rounding of times on the wire, which have three decimals there.
const slack = time.Millisecond / 2
