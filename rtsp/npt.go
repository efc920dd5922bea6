package rtsp

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

var (
	errNumber = errors.New("not a time")
	errRange  = errors.New("out of range")
)

// parseNPT parses "sec[.frac]" or "h:mm:ss[.frac]", hours unbounded, digits not padded (RFC 2326 §3.6, RFC 7826 §4.4.2).
func parseNPT(s string) (time.Duration, error) {
	whole, frac := s, ""
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		whole, frac = s[:i], s[i+1:]
	}
	seconds, err := parseHMS(whole)
	if err != nil {
		return 0, err
	}
	nanos, err := parseFraction(frac)
	if err != nil {
		return 0, err
	}
	if seconds > (math.MaxInt64-nanos)/int64(time.Second) {
		return 0, errRange
	}
	return time.Duration(seconds*int64(time.Second) + nanos), nil
}

// parseHMS parses "s" or "h:m:s" into seconds.
func parseHMS(s string) (int64, error) {
	h, rest, found := strings.Cut(s, ":")
	hours, ok := parseDigits(h)
	if !ok {
		return 0, errNumber
	}
	if !found {
		return hours, nil // they were seconds
	}
	m, sec, _ := strings.Cut(rest, ":")
	minutes, okM := parseSixty(m)
	seconds, okS := parseSixty(sec)
	if !okM || !okS {
		return 0, errNumber
	}
	if hours > math.MaxInt64/3600-1 {
		return 0, errRange
	}
	return hours*3600 + minutes*60 + seconds, nil
}

// parseSixty parses one or two digits below 60.
func parseSixty(s string) (int64, bool) {
	n, ok := parseDigits(s)
	return n, ok && len(s) <= 2 && n < 60
}

// parseFraction parses the digits behind the decimal point into nanoseconds; more than nine are cut.
func parseFraction(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if !isDigits(s) {
		return 0, errNumber
	}
	var n int64
	for i := range 9 {
		n *= 10
		if i < len(s) {
			n += int64(s[i] - '0')
		}
	}
	return n, nil
}

// appendNPT appends plain seconds: GStreamer reads only two digits of hours.
func appendNPT(b []byte, d time.Duration) []byte {
	d = max(d, 0).Round(time.Millisecond)
	return fmt.Appendf(b, "%d.%03d", d/time.Second, d%time.Second/time.Millisecond)
}
