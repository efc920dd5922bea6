package timeline

import "fmt"

// A Start says where a new reader begins.
type Start uint8

// The ways to start.
const (
	// StartInstant begins with the newest group of pictures, from memory and stamped anew (see [Burst]): there is a
	// picture at once, and the reader is not left behind. Sound begins at the live edge.
	StartInstant Start = iota
	// StartKeyframe begins at the next random access point; sound at once.
	StartKeyframe
	// StartLive begins with whatever comes next, decodable or not.
	StartLive
)

// String returns the name that [ParseStart] takes.
func (s Start) String() string {
	switch s {
	case StartInstant:
		return "instant"
	case StartKeyframe:
		return "keyframe"
	case StartLive:
		return "live"
	}
	return fmt.Sprintf("Start(%d)", uint8(s))
}

// ParseStart returns the start of a name: instant, keyframe or live.
func ParseStart(name string) (Start, error) {
	for s := StartInstant; s <= StartLive; s++ {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("timeline: no way to start is called %q: instant, keyframe or live", name)
}

// Begin goes to where a new reader begins. While the burst that it returns is not nil and not done, its Next and Advance
// take the place of those of the cursor.
func (c *Cursor) Begin(start Start) *Burst {
	if start == StartInstant {
		c.Join()
		return newBurst(c)
	}
	c.pos, c.gate = c.t.log.head(), 0
	if start == StartKeyframe {
		c.gate = c.t.gated & c.want
	}
	return nil
}
