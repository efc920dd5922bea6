package rtsp

import "time"

const dateFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

// ParseDate parses a date of If-Modified-Since, Last-Modified, Expires or Date in any of the three forms of HTTP, always UTC
// (RFC 2326 §12.18, §12.23). The error is a *[SyntaxError]; a bad If-Modified-Since is ignored, a bad
// Expires is in the past.
func ParseDate(s string) (time.Time, error) {
	text := trim(s)
	for _, layout := range [...]string{dateFormat, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &SyntaxError{Field: "date", Value: s}
}

// FormatDate returns t in the form that all peers read ("Sun, 06 Nov 1994 08:49:37 GMT"), to the second.
func FormatDate(t time.Time) string { return t.UTC().Format(dateFormat) }
