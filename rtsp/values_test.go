package rtsp

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// CON-01: returned exactly. CON-02: anything but digits is refused.
func TestCSeqsAreReturnedExactly(t *testing.T) {
	for raw, want := range map[string]string{"0": "0", " 007\t": "007", "18446744073709551615": "18446744073709551615"} {
		if got, err := ParseCSeq(raw); got != want || err != nil {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "-1", "1 2", "1a", "0x1", "1.0", strings.Repeat("1", 21)} {
		_, err := ParseCSeq(raw)
		wantSyntaxError(t, err, true)
	}
}

func FuzzParseCSeq(f *testing.F) {
	f.Add("1")
	f.Add(" 007 ")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseCSeq(s)
		wantSyntaxError(t, err, err != nil)
		if again, _ := ParseCSeq(got); again != got {
			t.Errorf("%q: %q, then %q", s, got, again)
		}
	})
}

// RNG-13: any rate but 0, negative for backwards. RNG-18: decimal comma.
func TestScalesAreParsed(t *testing.T) {
	for raw, want := range map[string]float64{"2": 2, " 3.5 ": 3.5, "-1.0": -1, "0.25": 0.25, "1,5": 1.5, "1.": 1} {
		if got, err := ParseScale(raw); got != want || err != nil {
			t.Errorf("%q: %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "0", "-0.0", "+1", "--1", "1e3", "NaN", "Inf", "0x1p4", "1.2.3", ".5", "1000001", strings.Repeat("1", 40)} {
		_, err := ParseScale(raw)
		wantSyntaxError(t, err, true)
	}
}

// RNG-13: Scale: 1.0.
func TestFormatScale(t *testing.T) {
	for want, v := range map[string]float64{"1.0": 1, "-2.0": -2, "3.5": 3.5, "0.125": 0.125, "1000000.0": 1e6} {
		if got := FormatScale(v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseScale(f *testing.F) {
	for _, s := range []string{"2", "-1,5", "0", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseScale(s)
		wantSyntaxError(t, err, err != nil)
		if err != nil {
			return
		}
		if text := FormatScale(v); len(text) <= maxRateText {
			if again, err := ParseScale(text); again != v || err != nil {
				t.Errorf("%q: %v, then %v, %v", s, v, again, err)
			}
		}
	})
}

// RNG-14: a rate above 0, or a range of them.
func TestSpeedsAreParsed(t *testing.T) {
	for raw, want := range map[string][2]float64{"2.0": {2, 2}, "1.0-2.5": {1, 2.5}, " 1 - 1 ": {1, 1}} {
		lo, hi, err := ParseSpeed(raw)
		if lo != want[0] || hi != want[1] || err != nil {
			t.Errorf("%q: %v %v, %v", raw, lo, hi, err)
		}
	}
	for _, raw := range []string{"", "0", "-1", "0-1", "2-1", "1-", "1-2-3", "x"} {
		_, _, err := ParseSpeed(raw)
		wantSyntaxError(t, err, true)
	}
}

func FuzzParseSpeed(f *testing.F) {
	f.Add("1.0-2.5")
	f.Add("2")
	f.Fuzz(func(t *testing.T, s string) {
		lo, hi, err := ParseSpeed(s)
		wantSyntaxError(t, err, err != nil)
		if err == nil && (lo <= 0 || hi < lo) {
			t.Errorf("%q: %v to %v", s, lo, hi)
		}
	})
}

// CAP-13: names. CAP-14: names and values. Any line end, as SYN-01.
func TestParametersAreParsed(t *testing.T) {
	for raw, want := range map[string][]Parameter{
		"":                          nil,
		"\r\n \r\n":                 nil,
		"packets_received\r\nfoo":   {{"packets_received", ""}, {"foo", ""}},
		"a: 1\nb:2\rc : x:y \r\n\n": {{"a", "1"}, {"b", "2"}, {"c", "x:y"}},
	} {
		got, err := ParseParameters([]byte(raw))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", raw, err, diff)
		}
	}
	for _, raw := range []string{": 1", "a\x00", "a: \x00", "\x01: 1", strings.Repeat("a\n", 257)} {
		_, err := ParseParameters([]byte(raw))
		wantSyntaxError(t, err, true)
	}
}

// CAP-13: the body of an answer, and that of a 451.
func TestAppendParameters(t *testing.T) {
	got := string(AppendParameters(nil, []Parameter{{"position", "1.5"}, {"foo", ""}, {"evil\r\n", "a\r\nb: c"}}))
	if want := "position: 1.5\r\nfoo\r\nevil  : a  b: c\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzParseParameters(f *testing.F) {
	f.Add([]byte("packets_received\r\nfoo: bar\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		params, err := ParseParameters(b)
		wantSyntaxError(t, err, err != nil)
		again, err := ParseParameters(AppendParameters(nil, params))
		if diff := cmp.Diff(params, again); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", b, err, diff)
		}
	})
}

// CAP-16: by name, by wildcard, with parameters; without Accept everything goes.
func TestAccepts(t *testing.T) {
	for accept, want := range map[string]bool{
		"":                                      true,
		"application/sdp":                       true,
		"Application/SDP;level=2":               true,
		"*/*":                                   true,
		"application/*;q=0.1":                   true,
		"application/mheg":                      false,
		"text/*, application/rtsl":              false,
		"application/sdp;q=0":                   false,
		"application/sdp ; q=0.000, */*":        false,
		"*/*;q=0, application/sdp":              true,
		"application/rtsl, application/sdp;q=1": true,
	} {
		h := Header{{"CSeq", "1"}}
		if accept != "" {
			h.Add("Accept", accept)
		}
		if got := Accepts(h, "application/sdp"); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}

// CAP-15: a Content-Type is compared without case and parameters.
func TestMediaType(t *testing.T) {
	for raw, want := range map[string]string{
		"application/sdp": "application/sdp", " Application/SDP ; charset=utf-8": "application/sdp", "": "", "x/y;": "x/y",
	} {
		if got := MediaType(raw); got != want {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

func FuzzAccepts(f *testing.F) {
	f.Add("application/sdp;q=0, */*")
	f.Fuzz(func(t *testing.T, s string) {
		Accepts(Header{{"Accept", s}}, MediaType(s))
	})
}

// DSC-04: the three forms of HTTP; a bad one is an error, which the caller ignores.
func TestDatesAreParsed(t *testing.T) {
	want := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, raw := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", " Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		if got, err := ParseDate(raw); !got.Equal(want) || err != nil {
			t.Errorf("%q: %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "0", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +0100"} {
		_, err := ParseDate(raw)
		wantSyntaxError(t, err, true)
	}
	if got := FormatDate(want.In(time.FixedZone("", 3600))); got != "Sun, 06 Nov 1994 08:49:37 GMT" {
		t.Errorf("%q", got)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseDate(s)
		wantSyntaxError(t, err, err != nil)
		if err != nil {
			return
		}
		if again, err := ParseDate(FormatDate(got)); !again.Equal(got.Truncate(time.Second)) || err != nil {
			t.Errorf("%q: %v, then %v, %v", s, got, again, err)
		}
	})
}
