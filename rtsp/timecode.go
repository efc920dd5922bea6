package rtsp

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

const (
	maxTimecodeHours = 99
	frameParts       = 100 // subframes are hundredths of a frame

	dropPerMinute = 60*30 - 2            // frames of a minute that lacks its first two numbers
	dropPerTen    = 10*dropPerMinute + 2 // frames of ten minutes: the tenth lacks none
	dropNanosNum  = 1001 * 1_000_000_000 // nanoseconds of 30000 frames
	dropNanosDen  = 30000 * frameParts   //
	nanosPart25   = 1_000_000_000 / 25 / frameParts
)

// parseTimecode parses "h:m:s[:f[.sub]]" (RFC 2326 §3.5).
func (u RangeUnit) parseTimecode(s string) (time.Duration, error) {
	fields := strings.SplitN(s, ":", 5)
	if len(fields) < 3 || len(fields) > 4 {
		return 0, errNumber
	}
	h, okH := parseDigits(fields[0])
	m, okM := parseSixty(fields[1])
	sec, okS := parseSixty(fields[2])
	if !okH || !okM || !okS || len(fields[0]) > 2 {
		return 0, errNumber
	}
	var frame, sub int64
	if len(fields) == 4 {
		var err error
		if frame, sub, err = parseFrames(fields[3]); err != nil {
			return 0, err
		}
	}
	if frame >= u.rate() {
		return 0, errRange
	}
	return u.duration(u.frames(h, m, sec, frame)*frameParts + sub), nil
}

// parseFrames parses "f[.sub]".
func parseFrames(s string) (frame, sub int64, err error) {
	f, part, found := strings.Cut(s, ".")
	frame, ok := parseDigits(f)
	if !ok || len(f) > 2 {
		return 0, 0, errNumber
	}
	if !found {
		return frame, 0, nil
	}
	sub, ok = parseDigits(part)
	if !ok || len(part) > 2 {
		return 0, 0, errNumber
	}
	return frame, sub, nil
}

// rate is the number of frame numbers in a second.
func (u RangeUnit) rate() int64 {
	if u == UnitSMPTE25 {
		return 25
	}
	return 30
}

// frames counts the frames before a time code. A number that drop frame leaves out means the first frame after it.
func (u RangeUnit) frames(h, m, s, f int64) int64 {
	if u == UnitSMPTE25 {
		return (h*3600+m*60+s)*25 + f
	}
	minutes := h*60 + m
	if s == 0 && m%10 != 0 {
		f = max(f, 2)
	}
	return minutes*60*30 + s*30 + f - 2*(minutes-minutes/10)
}

// duration turns hundredths of frames into time, to the nearest nanosecond.
func (u RangeUnit) duration(parts int64) time.Duration {
	if u == UnitSMPTE25 {
		return time.Duration(parts * nanosPart25)
	}
	return time.Duration(mulDiv(parts, dropNanosNum, dropNanosDen))
}

// parts is the inverse of duration.
func (u RangeUnit) parts(d time.Duration) int64 {
	if u == UnitSMPTE25 {
		return (int64(d) + nanosPart25/2) / nanosPart25
	}
	return mulDiv(int64(d), dropNanosDen, dropNanosNum)
}

// mulDiv returns a*b/c rounded to the nearest, for a result that fits.
func mulDiv(a, b, c int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	low, carry := bits.Add64(low, uint64(c/2), 0)
	q, _ := bits.Div64(high+carry, low, uint64(c))
	return int64(q)
}

// appendTimecode appends d, cut to what two digits of hours can say, to the nearest hundredth of a frame.
func (u RangeUnit) appendTimecode(b []byte, d time.Duration) []byte {
	rate := u.rate()
	last := u.frames(maxTimecodeHours, 59, 59, rate-1)*frameParts + frameParts - 1
	parts := min(u.parts(min(max(d, 0), (maxTimecodeHours+1)*time.Hour)), last)
	frames, sub := parts/frameParts, parts%frameParts
	if u != UnitSMPTE25 {
		frames = addDropped(frames)
	}
	seconds := frames / rate
	b = fmt.Appendf(b, "%02d:%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60, frames%rate)
	if sub != 0 {
		b = fmt.Appendf(b, ".%02d", sub)
	}
	return b
}

// addDropped turns a count of frames into one of frame numbers.
func addDropped(frames int64) int64 {
	tens, rest := frames/dropPerTen, frames%dropPerTen
	frames += 18 * tens
	if rest >= 1800 { // past the first minute, which lacks none
		frames += 2 * ((rest-1800)/dropPerMinute + 1)
	}
	return frames
}
