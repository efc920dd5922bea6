package vod

import (
	"time"
)

// lateness is how far a playback may fall behind its pace, because the client reads too slowly, before
// the pace gives way: a client that reads again must not get all it missed at once.
const lateness = time.Second

// A pace relates three clocks: the presentation's, the wall's, and the play clock, which RTP timestamps
// count. The play clock goes on over pauses and seeks as the wall does (RFC 2326 appendix B); with Scale
// it goes as at 1, with Speed faster than the wall.
type pace struct {
	ref    time.Duration // this time of the presentation
	origin time.Time     // is due then
	play   time.Duration // and has this place on the play clock
	scale  float64
	speed  float64
}

// due is when a time of the presentation is due.
func (p *pace) due(at time.Duration) time.Time {
	d := at - p.ref
	if p.scale == 1 && p.speed == 1 {
		return p.origin.Add(d)
	}
	return p.origin.Add(time.Duration(float64(d) / (p.scale * p.speed)))
}

// clock is the place of a time of the presentation on the play clock.
func (p *pace) clock(at time.Duration) time.Duration {
	if p.scale == 1 {
		return p.play + at - p.ref
	}
	return p.play + time.Duration(float64(at-p.ref)/p.scale)
}

// at is the place of a moment on the play clock.
func (p *pace) at(now time.Time) time.Duration {
	d := now.Sub(p.origin)
	if p.speed == 1 {
		return p.play + d
	}
	return p.play + time.Duration(float64(d)*p.speed)
}

// A mark is what was sent last: it keeps the clocks from going back.
type mark struct {
	set    bool
	due    time.Time
	play   time.Duration // of the leading track
	length time.Duration // of its last sample, on the play clock
	beyond time.Duration // the end of the latest sample of any track, on the play clock
}

// follow begins a new pace at a time of the presentation: at least one picture behind the last one, and as
// much later on the play clock as time has passed.
func (m *mark) follow(at time.Time, ref time.Duration, s *span) pace {
	p := pace{ref: ref, origin: at, scale: s.scale, speed: s.speed}
	if m.set {
		gap := max(at.Sub(m.due), m.length)
		p.origin = m.due.Add(gap)
		p.play = max(m.play+gap, m.beyond)
	}
	return p
}
