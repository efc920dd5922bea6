package rtp

import "time"

const (
	defaultClockRate = 90000

	// Arrivals are judged by the one least late in so much time, because a network only ever adds to it.
	clockWindow = 10 * time.Second
	// A packet so far off the line is no jitter but another timestamp base, if a second one says the same.
	clockJump = 10 * time.Second
	// What is believed of a sender report that comes while the line is drawn from arrivals only, and then from a report.
	arrivalTrust = time.Second
	reportTrust  = 100 * time.Millisecond
)

// Clock maps the RTP timestamps of one source to wall time (ours) and back: a line through one (time, timestamp) pair with the clock rate as its slope.
//
// The pair is given by Sync for media that is made here. For a source it is drawn from arrivals (Arrived, with each packet): the least late ones of the
// last seconds, so that jitter does not count and drift is followed. Once sender reports come (Reported) the source's own pairs replace it: they are exact
// between tracks. A report that contradicts what arrives is not believed, and a step of the source's wall clock is taken out, so that neither a correction
// by an hour nor one frame with a timestamp hours off moves the line.
//
// Not safe for concurrent use; tracks share only their [Wall]. RFC 3550 §5.1, §6.4.1
type Clock struct {
	rate int64 // constant
	wall *Wall // constant

	running  bool
	reported bool // the line is from a sender report
	at       time.Time
	ts       uint32 // at the same instant as at

	windowEnd time.Time
	leastLate time.Duration // in this window, against the line

	odd     bool // the packet before was far off the line:
	oddTS   uint32
	oddLate time.Duration
}

// NewClock returns the clock of a track with the given rate in timestamp units a second; 90000 if it is not from 1 to 10^9. wall is shared by the
// tracks of one source; nil gives the clock its own.
func NewClock(rate int, wall *Wall) *Clock {
	if rate <= 0 || rate > maxClockRate {
		rate = defaultClockRate
	}
	if wall == nil {
		wall = new(Wall)
	}
	return &Clock{rate: int64(rate), wall: wall}
}

// Running reports whether there is a line: something arrived, was reported, or Sync was called.
func (c *Clock) Running() bool { return c.running }

// FromReports tells whether the line is the source's own, from its sender reports, and so exact between tracks.
func (c *Clock) FromReports() bool { return c.running && c.reported }

// Time is the wall time of a timestamp: of all that it can mean, the one nearest to the last pair. Zero while not running.
func (c *Clock) Time(ts uint32) time.Time {
	if !c.running {
		return time.Time{}
	}
	return c.at.Add(duration(int64(TimestampDiff(ts, c.ts)), c.rate))
}

// Timestamp is the timestamp at a wall time, past or future: what a sender report made now has beside NTPTime(now). Zero while not running.
func (c *Clock) Timestamp(t time.Time) uint32 {
	if !c.running {
		return 0
	}
	return c.ts + uint32(ticks(t.Sub(c.at), c.rate))
}

// Sync draws the line through this pair.
func (c *Clock) Sync(t time.Time, ts uint32) {
	c.running = true
	c.reported = false
	c.at, c.ts = t, ts
	c.openWindow(t)
	c.odd = false
}

// Reset forgets the line: for another SSRC or a restarted source. The wall stays.
func (c *Clock) Reset() { *c = Clock{rate: c.rate, wall: c.wall} }

// Arrived takes the timestamp of a packet and when it came.
// hot: 0 allocs.
func (c *Clock) Arrived(ts uint32, at time.Time) {
	if !c.running {
		c.Sync(at, ts)
		return
	}
	late := at.Sub(c.Time(ts))
	if late > clockJump || late < -clockJump {
		c.jump(ts, at, late)
		return
	}
	c.odd = false
	if late < 0 && !c.reported {
		c.at = c.at.Add(late)
		late = 0
	}
	c.leastLate = min(c.leastLate, late)
	if !at.Before(c.windowEnd) {
		c.closeWindow(ts, at)
	}
}

// jump takes a packet far off the line. One is a mistake of the source; two of different pictures that agree are a new line.
func (c *Clock) jump(ts uint32, at time.Time, late time.Duration) {
	if c.odd && ts == c.oddTS {
		return
	}
	agree := c.odd && (late-c.oddLate).Abs() < arrivalTrust
	c.odd, c.oddTS, c.oddLate = true, ts, late
	if agree {
		c.Sync(at, ts)
	}
}

// closeWindow follows what the arrivals of the last seconds say.
func (c *Clock) closeWindow(ts uint32, at time.Time) {
	// The pair moves along the line, so that a wrap stays far away.
	c.at, c.ts = c.Time(ts), ts
	switch late := c.leastLate; {
	case !c.reported:
		c.at = c.at.Add(late)
	case late.Abs() > arrivalTrust:
		c.at = c.at.Add(late)
		c.reported = false
	case late > saneSkew:
		c.wall.shift(slewStep)
	case late < -saneSkew:
		c.wall.shift(-slewStep)
	}
	c.openWindow(at)
}

func (c *Clock) openWindow(at time.Time) {
	c.windowEnd = at.Add(clockWindow)
	c.leastLate = clockJump
}

// Reported takes a sender report of the source and when it came. It reports whether the line is now drawn from it: not when it has no wall clock (NTP time
// zero) or names a timestamp far from those that arrive.
func (c *Clock) Reported(r SenderReport, at time.Time) bool {
	if r.NTP == 0 {
		return false
	}
	t := c.wall.local(r.NTP, at)
	if c.running {
		line := c.Time(r.RTPTime)
		trust := arrivalTrust
		if c.reported {
			trust = reportTrust
		}
		if step := t.Sub(line); step.Abs() > trust {
			if at.Sub(line).Abs() > arrivalTrust {
				return false
			}
			// The timestamp is where it should be: the source's wall clock was set.
			c.wall.shift(-step)
			t = line
		}
	} else {
		c.running = true
		c.openWindow(at)
	}
	c.at, c.ts, c.reported = t, r.RTPTime, true
	return true
}
