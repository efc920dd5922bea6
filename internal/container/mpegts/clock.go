package mpegts

// rate is that of PES times.
const rate = 90000

// A clock turns the times of a program, which are 33 bits long and jump where recordings were joined, into times that go
// on. All its streams share it, so that a jump moves them together.
type clock struct {
	now, past epoch
	begun     bool
}

// An epoch is a part of a program without a jump.
type epoch struct{ raw, out int64 } // the latest DTS, as it came and as it goes on

// A jump is a difference to the latest time that streams of a program do not have among each other. ffmpeg takes the same.
const jump = 10 * rate

// joint is what the first time after a jump is after the last one before it: a picture.
const joint = rate / 25

// begin says which time is 0.
func (c *clock) begin(raw int64) {
	c.now, c.begun = epoch{raw: raw}, true
}

// at turns the times of a PES packet.
func (c *clock) at(s stamp) (pts, dts int64) {
	if !c.begun {
		c.begin(s.pts)
	}
	ahead := difference(s.dts, c.now.raw)
	switch behind := difference(s.dts, c.past.raw); {
	case ahead >= -jump && ahead <= jump:
		dts = c.now.out + ahead
		if ahead > 0 {
			c.now = epoch{s.dts, dts}
		}
	case behind >= -jump && behind <= jump && c.past != epoch{}: // a stream that is not there yet
		dts = c.past.out + behind
	default:
		c.past = c.now
		c.now = epoch{s.dts, c.now.out + joint}
		dts = c.now.out
	}
	pts = dts
	if shift := difference(s.pts, s.dts); shift > -jump && shift < jump {
		pts += shift
	}
	return pts, dts
}

// difference is a-b in 33 bits.
func difference(a, b int64) int64 {
	const bits = 64 - 33
	return (a - b) << bits >> bits
}
