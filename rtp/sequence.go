package rtp

// SeqDiff is a-b on the circle of 65536 sequence numbers: positive when a is after b, from -32768 to 32767.
func SeqDiff(a, b uint16) int16 { return int16(a - b) }

// SeqLess reports whether a comes before b.
func SeqLess(a, b uint16) bool { return SeqDiff(a, b) < 0 }

// TimestampDiff is a-b on the circle of 2^32 timestamps: positive when a is after b.
func TimestampDiff(a, b uint32) int32 { return int32(a - b) }

// ExtendedTimestamp counts RTP timestamps past their wrap (every 13 h at 90 kHz). The zero value is ready. Not safe for concurrent use.
type ExtendedTimestamp struct {
	last    int64
	started bool
}

// Extend returns ts as a number that does not wrap: the one nearest to the timestamp before it, so steps back (B pictures, reordering) are steps back
// here too. The first is returned as it is; a step back across zero gives a negative number.
func (e *ExtendedTimestamp) Extend(ts uint32) int64 {
	if !e.started {
		e.started = true
		e.last = int64(ts)
		return e.last
	}
	e.last += int64(TimestampDiff(ts, uint32(e.last)))
	return e.last
}
