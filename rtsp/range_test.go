package rtsp

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type rangeCase struct {
	name, raw string
	want      Range
	emitted   string     // what String makes of it; raw if empty
	status    StatusCode // of the error, 0 for none
}

func rangeCases() []rangeCase {
	at := func(d time.Duration) Position { return Position{Kind: PositionOffset, Offset: d} }
	utc := func(s string) Position {
		u, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			panic(err)
		}
		return Position{Kind: PositionUTC, UTC: u}
	}
	now := Position{Kind: PositionNow}
	return []rangeCase{
		{name: "RNG-01 seconds", raw: "npt=10-20", want: Range{Start: at(10 * time.Second), End: at(20 * time.Second)}, emitted: "npt=10.000-20.000"},
		{name: "RNG-01 FFmpeg, live555", raw: "npt=0.000-", want: Range{Start: at(0)}},
		{name: "RNG-01 h:mm:ss", raw: "npt=0:10:20.5-", want: Range{Start: at(620500 * time.Millisecond)}, emitted: "npt=620.500-"},
		{name: "RNG-01 many hours", raw: "npt=123:00:00-", want: Range{Start: at(123 * time.Hour)}, emitted: "npt=442800.000-"},
		{name: "RNG-01 end alone", raw: "npt=-15", want: Range{End: at(15 * time.Second)}, emitted: "npt=-15.000"},
		{name: "RNG-01 now", raw: "npt=now-", want: Range{Start: now}},
		{name: "RNG-01 neither", raw: "npt=-", status: 400},
		{name: "RNG-02 not padded", raw: "npt=1:2:3-", want: Range{Start: at(3723 * time.Second)}, emitted: "npt=3723.000-"},
		{name: "RNG-02 nine decimals", raw: "npt=1.123456789-", want: Range{Start: at(1123456789)}, emitted: "npt=1.123-"},
		{name: "RNG-02 more decimals are cut", raw: "npt=1.1234567899-", want: Range{Start: at(1123456789)}, emitted: "npt=1.123-"},
		{name: "RNG-03 rounded up", raw: "npt=1.9996-", want: Range{Start: at(1999600 * time.Microsecond)}, emitted: "npt=2.000-"},
		{name: "RNG-18 decimal comma", raw: "npt=1,5-24,93", want: Range{Start: at(1500 * time.Millisecond), End: at(24930 * time.Millisecond)}, emitted: "npt=1.500-24.930"},
		{name: "backwards", raw: "npt=20-10", want: Range{Start: at(20 * time.Second), End: at(10 * time.Second)}, emitted: "npt=20.000-10.000"},
		{name: "one value", raw: "npt=21", want: Range{Start: at(21 * time.Second)}, emitted: "npt=21.000-"},
		{name: "case and blanks", raw: " NPT = 1 - 2 ;", want: Range{Start: at(time.Second), End: at(2 * time.Second)}, emitted: "npt=1.000-2.000"},
		{name: "time", raw: "npt=0.000-;x=1;time=19970123T143720.5Z", want: Range{Start: at(0), Time: utc("1997-01-23T14:37:20.5Z").UTC}, emitted: "npt=0.000-;time=19970123T143720.5Z"},
		{name: "bad time", raw: "npt=0-;time=now", status: 400},
		{name: "ERR-400 no number", raw: "npt=abc-", status: 400},
		{name: "no unit", raw: "10-20", status: 400},
		{name: "unit is no token", raw: "n pt=10-20", status: 400},
		{name: "60 minutes", raw: "npt=1:60:00-", status: 400},
		{name: "no seconds", raw: "npt=1:30-", status: 400},
		{name: "too many colons", raw: "npt=1:2:3:4-", status: 400},
		{name: "dash again", raw: "npt=1-2-3", status: 400},
		{name: "sign", raw: "npt=+1-", status: 400},
		{name: "exponent", raw: "npt=1e3-", status: 400},
		{name: "largest", raw: "npt=9223372036.854775807-", want: Range{Start: at(math.MaxInt64)}, emitted: "npt=9223372036.854-"},
		{name: "too large", raw: "npt=9223372036.854775808-", status: 400},
		{name: "too large for int64", raw: "npt=99999999999999999999-", status: 400},
		{name: "too many hours", raw: "npt=2562047788015216:00:00-", status: 400},

		{name: "RNG-04 drop frame", raw: "smpte=0:01:00:02-", want: Range{Unit: UnitSMPTE, Start: at(60060 * time.Millisecond)}, emitted: "smpte=00:01:00:02-"},
		{name: "RNG-04 25 frames", raw: "smpte-25=0:00:01:05-", want: Range{Unit: UnitSMPTE25, Start: at(1200 * time.Millisecond)}, emitted: "smpte-25=00:00:01:05-"},
		{name: "RNG-04 number left out", raw: "smpte-30-drop=00:01:00:00-", want: Range{Unit: UnitSMPTE30Drop, Start: at(60060 * time.Millisecond)}, emitted: "smpte-30-drop=00:01:00:02-"},
		{name: "RNG-04 last before it", raw: "smpte-30-drop=00:00:59:29-00:09:59:29", want: Range{Unit: UnitSMPTE30Drop,
			Start: at(frames(1799)), End: at(frames(17981))}},
		{name: "RNG-04 tenth minute", raw: "smpte-30-drop=00:10:00:00-", want: Range{Unit: UnitSMPTE30Drop, Start: at(frames(17982))}},
		{name: "RNG-04 subframes", raw: "smpte-25=10:07:33:05.01-", want: Range{Unit: UnitSMPTE25, Start: at(10*time.Hour + 7*time.Minute + 33*time.Second + 200400*time.Microsecond)}},
		{name: "RNG-04 no frames", raw: "smpte-25=10:07:33-", want: Range{Unit: UnitSMPTE25, Start: at(10*time.Hour + 7*time.Minute + 33*time.Second)}, emitted: "smpte-25=10:07:33:00-"},
		{name: "RNG-04 largest", raw: "smpte-30-drop=99:59:59:29.99-", want: Range{Unit: UnitSMPTE30Drop, Start: at(time.Duration(math.Round((107892*100 - 0.01) * 1001e9 / 30000)))}},
		{name: "RNG-04 frame 25 of 25", raw: "smpte-25=0:00:00:25-", status: 400},
		{name: "RNG-04 frame 30", raw: "smpte=0:00:00:30-", status: 400},
		{name: "RNG-04 hours", raw: "smpte=100:00:00-", status: 400},
		{name: "RNG-04 no seconds", raw: "smpte=00:00-", status: 400},
		{name: "RNG-04 bad subframes", raw: "smpte=00:00:00:00.123-", status: 400},
		{name: "RNG-04 now", raw: "smpte=now-", status: 400},

		{name: "RNG-05 clock", raw: "clock=19961108T143720.25Z-", want: Range{Unit: UnitClock, Start: utc("1996-11-08T14:37:20.25Z")}},
		{name: "RNG-05 both ends", raw: "clock=19961108T143720Z-19961108T153720.000000001Z", want: Range{Unit: UnitClock,
			Start: utc("1996-11-08T14:37:20Z"), End: utc("1996-11-08T15:37:20.000000001Z")}},
		{name: "RNG-05 now", raw: "clock=now-", want: Range{Unit: UnitClock, Start: now}},
		{name: "RNG-05 no Z", raw: "clock=19961108T143720.25-", status: 400},
		{name: "RNG-05 offset", raw: "clock=19961108T143720+01:00-", status: 400},
		{name: "RNG-05 no such day", raw: "clock=19960230T143720Z-", status: 400},
		{name: "RNG-05 no such hour", raw: "clock=19960208T243720Z-", status: 400},

		{name: "RNG-06 ERR-501 bytes", raw: "bytes=0-", status: 501},
		{name: "RNG-06 ERR-501 frames", raw: "frames=1-", status: 501},
	}
}

// frames is the time of n frames at 30000/1001 a second, to the nearest nanosecond.
func frames(n int64) time.Duration { return time.Duration(math.Round(float64(n) * 1001e9 / 30000)) }

// RNG-01..06, RNG-18, ERR-400, ERR-501: see the table.
func TestRangesAreParsed(t *testing.T) {
	for _, c := range rangeCases() {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseRange(c.raw)
			status := StatusCode(0)
			if err != nil {
				status = StatusOf(err)
			}
			if status != c.status {
				t.Fatalf("error %v, want %d", err, c.status)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// RNG-03: npt in plain seconds with three decimals, no blanks.
func TestRangesAreEmittedInOneForm(t *testing.T) {
	for _, c := range rangeCases() {
		want := c.emitted
		if want == "" {
			want = c.raw
		}
		if got := c.want.String(); c.status == 0 && got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
	if got := (Range{}).String(); got != "npt=0.000-" {
		t.Errorf("zero: %q", got)
	}
	if got := (Range{Start: Position{Kind: PositionOffset, Offset: -time.Second}}).String(); got != "npt=0.000-" {
		t.Errorf("negative: %q", got)
	}
}

// RNG-04: every frame number of 25 minutes stands for the frame after the one before it, and comes back.
func TestTimecodesCountEveryFrame(t *testing.T) {
	for _, unit := range []RangeUnit{UnitSMPTE30Drop, UnitSMPTE25} {
		for n := range int64(25 * 60 * 30) {
			d := unit.duration(n * frameParts)
			text := string(unit.appendTimecode(nil, d))
			back, err := unit.parseTimecode(text)
			if err != nil || back != d {
				t.Fatalf("%v frame %d: %s is %v, want %v (%v)", unit, n, text, back, d, err)
			}
		}
	}
}

func TestARangeCutShortIsParsedOrRefused(t *testing.T) {
	for _, c := range rangeCases() {
		for i := range c.raw {
			wantRangeError(t, c.raw[:i])
		}
	}
}

// wantRangeError checks that an error is one of the two kinds.
func wantRangeError(t *testing.T, s string) Range {
	t.Helper()
	r, err := ParseRange(s)
	var syntax *SyntaxError
	var status *StatusError
	if err != nil && !errors.As(err, &syntax) && !errors.As(err, &status) {
		t.Errorf("%q: %v", s, err)
	}
	return r
}

func FuzzParseRange(f *testing.F) {
	for _, c := range rangeCases() {
		f.Add(c.raw)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := wantRangeError(t, s)
		text := r.String()
		again, err := ParseRange(text)
		if err != nil || again.String() != text {
			t.Errorf("%q: %q, then %q, %v", s, text, again.String(), err)
		}
	})
}

func BenchmarkParseRange(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseRange("npt=10.500-20"); err != nil {
			b.Fatal(err)
		}
	}
}
