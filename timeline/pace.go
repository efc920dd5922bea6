package timeline

import "time"

const (
	// farOff is how far the timestamp of a picture may be from that of the one before, and from where time would have it: more than
	// pictures are sent out of order, than a network holds back at once, and than a clock drifts in hours.
	farOff = 10 * time.Second
	// farUnsteady is the same of a source that does not go with time, or is not yet known to: a film that is published
	// as fast as can be, with gaps; a clock that stands still while nothing moves; a clock rate that is a mistake.
	farUnsteady = time.Hour
	// steadyAfter is how often it is looked at whether a source goes with time.
	steadyAfter = 5 * time.Second
	// maxDrift is how much faster than ours the clock of a source may be, or slower.
	maxDrift = 1e-3
	// half of all timestamps: nothing is further away.
	half = 1 << 31
)

// A pace is how the timestamps of a source go with time. One is right when it is near the one before, or further ahead by no more than
// has passed: pictures may come late, because a network held them or they were lost, and be in time again at once; a source may be
// silent, and its clock may stand still meanwhile or go on.
//
// Times are those since the source began; all else but perNano is in units of the timestamp.
type pace struct {
	perNano float64 // units a nanosecond; 0: not known

	begun  bool
	steady bool // it goes with time
	last   uint32
	at     time.Duration // when the first packet with the last timestamp came
	late   float64       // by how much more than that which came least late
	step   float64       // from a timestamp to the next, of those that went forwards
	far    float64       // farOff or farUnsteady

	judged time.Duration // when it was looked at whether it goes with time
	moved  float64       // since then
}

func newPace(rate int) pace { return pace{perNano: float64(rate) / float64(time.Second)} }

func (p *pace) known() bool { return p.perNano > 0 }

func (p *pace) ticks(d time.Duration) float64 { return max(float64(d)*p.perNano, 0) }

// begin takes the first timestamp of a source.
func (p *pace) begin(ts uint32, at time.Duration) {
	*p = pace{perNano: p.perNano, begun: true, last: ts, at: at, step: p.ticks(farOff)}
	p.judge(false, at)
}

// resumed is the pace of the same source if its clock was set, and goes on from here.
func (p *pace) resumed(ts uint32, at time.Duration) pace {
	r := pace{perNano: p.perNano, begun: true, last: ts, at: at, step: p.step}
	r.judge(p.steady, at)
	return r
}

func (p *pace) judge(steady bool, at time.Duration) {
	p.steady, p.far, p.judged, p.moved = steady, min(p.ticks(farUnsteady), half), at, 0
	if steady {
		p.far = min(p.ticks(farOff), half)
	}
}

// next takes a timestamp that is near the last.
//
// hot: 0 allocs; once a picture.
func (p *pace) next(ts uint32, at time.Duration) bool {
	moved := float64(int32(ts - p.last))
	if moved > p.far || moved < -p.far {
		return false
	}
	p.move(moved, ts, at)
	return true
}

// catchUp takes a timestamp that is further ahead, by no more than has passed or than the source was late.
func (p *pace) catchUp(ts uint32, at time.Duration) bool {
	moved := float64(ts-(p.last-uint32(p.far))) - p.far // it may wrap more than halfway around
	if moved > p.late+p.ticks(at-p.at)*(1+maxDrift)+p.far {
		return false
	}
	p.move(moved, ts, at)
	return true
}

func (p *pace) move(moved float64, ts uint32, at time.Duration) {
	passed := p.ticks(at - p.at)
	p.last, p.at = ts, at
	p.late = max(p.late+passed*(1-maxDrift)-moved, 0) // a slow clock is not late
	if moved > 0 {
		p.step = moved
	}
	p.moved += moved
	if at-p.judged >= steadyAfter {
		passed := p.ticks(at - p.judged)
		p.judge(2*passed < 3*p.moved && 2*p.moved < 3*passed, at)
	}
}

// fit is the timestamp of a picture that comes now, whatever its own says: as much later than the last as time has passed. One that is
// only a little late is put where it was due, so that the next does not go back.
func (p *pace) fit(at time.Duration) uint32 {
	passed := p.ticks(at - p.at)
	if passed < p.step+p.ticks(time.Second) {
		passed = min(passed, p.step)
	}
	return p.last + uint32(int64(passed))
}
