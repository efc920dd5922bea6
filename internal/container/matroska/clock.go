package matroska

const second = 1_000_000_000 // nanoseconds

// ticks is a time in nanoseconds in ticks of a rate, rounded to the nearest.
func ticks(ns, rate int64) int64 {
	whole, rest := ns/second, ns%second
	if rest < 0 {
		whole, rest = whole-1, rest+second
	}
	return whole*rate + (rest*rate+second/2)/second
}

// The times in a file are rounded, mostly to milliseconds. Where the frames of a track all last the same, exact times can
// be told from them: those that never differ from the file's by more than the rounding.

// A sampleClock makes times of audio by counting samples.
type sampleClock struct {
	rate    int64 // ticks a second
	slack   int64 // ticks by which the file's times may differ
	started bool
	next    int64 // ticks
}

// at is when a frame of that many samples begins, according to the file at ns.
func (c *sampleClock) at(ns int64, samples int) int64 {
	t := ticks(ns, c.rate)
	if c.started && t-c.next <= c.slack && c.next-t <= c.slack {
		t = c.next
	}
	c.started, c.next = true, t+int64(samples)
	return t
}

// follow is when a frame begins that follows another in the same block.
func (c *sampleClock) follow(samples int) int64 {
	t := c.next
	c.next += int64(samples)
	return t
}

// A pictureClock makes times of video, whose frames do not come in the order of their times, by counting frames.
type pictureClock struct {
	rate    int64 // ticks a second
	frame   int64 // nanoseconds that a frame lasts, 0 if not known
	slack   int64 // nanoseconds
	started bool
	anchor  int64 // nanoseconds, from where frames are counted
}

// at is when a frame is shown, according to the file at ns.
func (c *pictureClock) at(ns int64) int64 {
	if c.frame <= 0 {
		return ticks(ns, c.rate)
	}
	since := ns - c.anchor
	n := (since + c.frame/2) / c.frame
	if since < -c.frame/2 {
		n = (since - c.frame/2) / c.frame
	}
	exact := c.anchor + n*c.frame
	if c.started && exact-ns <= c.slack && ns-exact <= c.slack {
		return ticks(exact, c.rate)
	}
	c.started, c.anchor = true, ns
	return ticks(ns, c.rate)
}
