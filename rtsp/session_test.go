package rtsp

import (
	"strings"
	"testing"
	"time"
)

type sessionCase struct {
	name, raw, id string
	timeout       time.Duration
	err           bool
}

func sessionCases() []sessionCase {
	return []sessionCase{
		{name: "SES-04 no timeout", raw: "12345678", id: "12345678", timeout: time.Minute},
		{name: "SES-03 SES-05 timeout", raw: "X;timeout=90", id: "X", timeout: 90 * time.Second},
		{name: "SES-05 blanks and case", raw: " X ; Timeout = \"5\" ; a=b", id: "X", timeout: 5 * time.Second},
		{name: "SES-04 timeout 0", raw: "X;timeout=0", id: "X", timeout: time.Minute},
		{name: "SES-04 timeout is no number", raw: "X;timeout=abc;", id: "X", timeout: time.Minute},
		{name: "timeout is cut", raw: "X;timeout=9223372036854775807", id: "X", timeout: 30 * 24 * time.Hour},
		{name: "ids of cameras", raw: "1.-_$+{}/=", id: "1.-_$+{}/=", timeout: time.Minute},
		{name: "empty", raw: " ", err: true},
		{name: "no id", raw: ";timeout=60", err: true},
		{name: "two ids", raw: "a,b", err: true},
		{name: "blank in id", raw: "a b", err: true},
		{name: "long id", raw: strings.Repeat("x", 257), err: true},
	}
}

// SES-03..05: see the table.
func TestSessionsAreParsed(t *testing.T) {
	for _, c := range sessionCases() {
		t.Run(c.name, func(t *testing.T) {
			id, timeout, err := ParseSession(c.raw)
			wantSyntaxError(t, err, c.err)
			if id != c.id || timeout != c.timeout {
				t.Errorf("%q %v, want %q %v", id, timeout, c.id, c.timeout)
			}
		})
	}
}

// SES-03: FFmpeg looks for ";timeout=" with no blank.
func TestFormatSession(t *testing.T) {
	for want, timeout := range map[string]time.Duration{
		"4f2a6c8e;timeout=60": time.Minute,
		"4f2a6c8e;timeout=1":  time.Millisecond,
		"4f2a6c8e":            0,
	} {
		if got := FormatSession("4f2a6c8e", timeout); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseSession(f *testing.F) {
	for _, c := range sessionCases() {
		f.Add(c.raw)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, timeout, err := ParseSession(s)
		wantSyntaxError(t, err, err != nil)
		if err != nil {
			return
		}
		again, timeout2, err := ParseSession(FormatSession(id, timeout))
		if again != id || timeout2 != timeout || err != nil {
			t.Errorf("%q: %q %v, then %q %v, %v", s, id, timeout, again, timeout2, err)
		}
	})
}
