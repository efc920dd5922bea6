package rtsp

import (
	"strings"
	"time"
)

// parseUTC parses "YYYYMMDDThhmmss[.frac]Z" (RFC 2326 §3.7). There is no other zone than UTC.
func parseUTC(s string) (time.Time, error) {
	const layout = "20060102T150405"
	if !strings.HasSuffix(s, "Z") && !strings.HasSuffix(s, "z") {
		return time.Time{}, errNumber
	}
	whole, frac := s[:len(s)-1], ""
	if i := strings.IndexAny(whole, ".,"); i >= 0 {
		whole, frac = whole[:i], whole[i+1:]
	}
	if len(whole) != len(layout) {
		return time.Time{}, errNumber
	}
	nanos, err := parseFraction(frac)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(layout, strings.ToUpper(whole))
	if err != nil {
		return time.Time{}, errNumber
	}
	return t.Add(time.Duration(nanos)), nil
}

// appendUTC is the inverse, with as many decimals as there are.
func appendUTC(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, "20060102T150405.999999999Z")
}
