package timeline_test

import (
	"slices"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A shot is one picture, or packet of sound: when it comes, how it is stamped, and how it is to be stamped for readers, each
// since the first.
type shot struct{ at, stamp, want time.Duration }

const (
	frame = 40 * time.Millisecond
)

// clockwork is n shots of a source that goes with time, as all others are made from.
func clockwork(n int, every time.Duration) []shot {
	list := make([]shot, n)
	for i := range list {
		d := time.Duration(i) * every
		list[i] = shot{d, d, d}
	}
	return list
}

// stamped adds to the timestamps from one shot to another, exclusive, without readers being told.
func stamped(list []shot, from, to int, by time.Duration) []shot {
	for i := from; i < to; i++ {
		list[i].stamp += by
	}
	return list
}

// sent is when shots are stamped and must be so for readers too.
func sent(list []shot, change func(i int, s *shot)) []shot {
	for i := range list {
		change(i, &list[i])
		list[i].want = list[i].stamp
	}
	return list
}

// units of a timestamp; time is a multiple of them in what tests send, but for drift.
func units(d time.Duration, rate int) uint32 {
	return uint32(int64(d/time.Second)*int64(rate) + int64(d%time.Second)*int64(rate)/int64(time.Second))
}

// through sends shots as two packets each, and returns how each is stamped for readers, since the first.
func through(t *testing.T, m []*sdp.Media, pt uint8, rate int, base uint32, list []shot) []uint32 {
	t.Helper()
	tl := timeline.New(m, nil)
	c, src := tl.Cursor(1), &sourceOf{pt: pt, ssrc: 7}
	c.Begin(timeline.StartLive)
	var got []uint32
	for i, s := range list {
		src.ts = base + units(s.stamp, rate)
		write(t, tl, 0, src.packet(false, slice, first), begin.Add(s.at))
		write(t, tl, 0, src.packet(true, slice, 0x08), begin.Add(s.at+5*time.Millisecond))
		out := read(t, c)
		if len(out) != 2 || out[0].Timestamp() != out[1].Timestamp() {
			t.Fatalf("shot %d: %d packets, or of different times", i, len(out))
		}
		got = append(got, out[0].Timestamp())
	}
	for i := len(got) - 1; i >= 0; i-- {
		got[i] -= got[0]
	}
	return got
}

// check compares; slack is for those that readers cannot get as they are.
func check(t *testing.T, got []uint32, rate int, list []shot, slack time.Duration) {
	t.Helper()
	bad := 0
	for i, s := range list {
		off := time.Duration(int32(got[i]-units(s.want, rate))) * time.Second / time.Duration(rate)
		if (off.Abs() > slack || off != 0 && s.stamp == s.want) && bad < 5 {
			bad++
			t.Errorf("shot %d, %v after the first, stamped %v: readers get %v more than %v", i, s.at, s.stamp, off, s.want)
		}
	}
}

// RTP-03, scorecard 12: timestamps that leap within a source go on for readers; they never go back.
func TestLeapsOfTimestamps(t *testing.T) {
	late := func(list []shot, d ...time.Duration) []shot { // arrivals, by turns
		for i := range list {
			list[i].at += d[i%len(d)]
		}
		return list
	}
	const hours = 10 * time.Hour
	for name, row := range map[string]struct {
		shots []shot
		slack time.Duration
	}{
		"one ahead":                      {stamped(clockwork(400, frame), 200, 201, hours), 0},
		"one behind":                     {stamped(clockwork(400, frame), 200, 201, -hours), 0},
		"one a little ahead":             {stamped(clockwork(400, frame), 200, 201, 11*time.Second), 0},
		"one a little behind":            {stamped(clockwork(400, frame), 200, 201, -11*time.Second), 0},
		"one by half of all":             {stamped(clockwork(400, frame), 200, 201, half), 0},
		"the last":                       {stamped(clockwork(400, frame), 399, 400, hours), 0},
		"the second":                     {stamped(clockwork(400, frame), 1, 2, hours), 0},
		"the first":                      {stamped(clockwork(400, frame), 1, 400, hours), 0},
		"two":                            {stamped(clockwork(400, frame), 200, 202, hours), 0},
		"three different ones":           {stamped(stamped(clockwork(400, frame), 200, 203, hours), 201, 202, -3*hours/2), 0},
		"every other, with jitter":       {late(alternate(clockwork(400, frame), hours), 0, 0, 7*time.Millisecond, 12*time.Millisecond), frame},
		"every other":                    {alternate(clockwork(400, frame), hours), 0},
		"never the same":                 {scattered(clockwork(400, frame), 200), 0},
		"set forwards":                   {stamped(clockwork(400, frame), 200, 400, hours), 0},
		"set back":                       {stamped(clockwork(400, frame), 200, 400, -hours), 0},
		"set by a little":                {stamped(clockwork(400, frame), 200, 400, -15*time.Second), 0},
		"set and set back":               {stamped(clockwork(400, frame), 200, 250, hours), 0},
		"set by a little, and back soon": {stamped(clockwork(400, frame), 200, 250, 15*time.Second), 0},
		"one, many at once":              {late(stamped(clockwork(400, frame), 207, 208, hours), 9*frame, 8*frame, 7*frame, 6*frame, 5*frame, 4*frame, 3*frame, 2*frame, frame, 0), frame},
		"one, as far as the silence before was long": {stamped(after(clockwork(400, frame), 200, 5*time.Hour, 0), 250, 251, -5*time.Hour), 0},
		"one, of a clock that is slow for four days": {slowDays(), frame},
		"set twice":                     {stamped(stamped(clockwork(400, frame), 200, 400, hours), 300, 400, hours/2), 0},
		"set after an hour of silence":  {after(clockwork(400, frame), 200, time.Hour, hours), 0},
		"one after an hour of silence":  {stamped(after(clockwork(400, frame), 200, time.Hour, 0), 200, 201, -hours), 0},
		"one picture a minute, one off": {stamped(clockwork(100, time.Minute), 50, 51, hours), 0},
		"one picture a minute, set":     {stamped(clockwork(100, time.Minute), 50, 100, -hours), 0},
		"one, with jitter":              {late(stamped(clockwork(400, frame), 200, 201, hours), 0, 30*time.Millisecond, 90*time.Millisecond), frame},
		"set, with jitter":              {late(stamped(clockwork(400, frame), 200, 400, hours), 0, 30*time.Millisecond, 90*time.Millisecond), frame},
		"one, in lumps":                 {late(stamped(clockwork(400, frame), 200, 201, hours), 3*frame, 2*frame, frame, 0), frame},
		"one, of a source that is late": {stamped(lagging(clockwork(400, frame), 100, 3*time.Second), 200, 201, hours), 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, base := range []uint32{1000, 1<<32 - 9*90000} { // the second wraps within the first seconds
				got := through(t, media(t, h264), 96, 90000, base, row.shots)
				check(t, got, 90000, row.shots, row.slack)
				for i := range got[1:] {
					if int32(got[i+1]-got[i]) <= 0 {
						t.Fatalf("shot %d goes back by %d", i+1, int32(got[i]-got[i+1]))
					}
				}
			}
			if row.shots[1].at == frame { // as sound of another clock
				check(t, through(t, media(t, pcmu), 0, 8000, 5, row.shots), 8000, row.shots, row.slack)
			}
		})
	}
}

// half of all timestamps of 90 kHz.
const half = time.Duration(1<<31) * time.Second / 90000

func slowDays() []shot {
	list := sent(clockwork(4*86400/5, 5*time.Second), func(_ int, s *shot) { s.stamp -= s.at / 5000 })
	return stamped(list, len(list)-9, len(list)-8, 30*time.Second)
}

func alternate(list []shot, by time.Duration) []shot {
	for i := 201; i < 300; i += 2 {
		list[i].stamp += by
	}
	return list
}

// scattered is a source of whose timestamps none has to do with another from one shot on.
func scattered(list []shot, from int) []shot {
	for i := from; i < len(list); i++ {
		list[i].stamp = time.Duration(1+37*i%97) * 7 * time.Minute
	}
	return list
}

// after has shots come later from one on, and stamped later still.
func after(list []shot, from int, silence, set time.Duration) []shot {
	for i := from; i < len(list); i++ {
		list[i] = shot{list[i].at + silence, list[i].stamp + silence + set, list[i].want + silence}
	}
	return list
}

// lagging has the arrival be late from one shot on.
func lagging(list []shot, from int, by time.Duration) []shot {
	for i := from; i < len(list); i++ {
		list[i].at += by
	}
	return list
}

// What is right, or nobody can tell, is left as it is.
func TestTimestampsThatAreLeftAlone(t *testing.T) {
	drift := func(ppm float64) []shot {
		return sent(clockwork(40*360, 10*time.Second), func(i int, s *shot) { // 40 h: three wraps
			s.stamp += time.Duration(float64(s.at) * ppm / 1e6)
			if i > 12*360 && i < 23*360 {
				s.at = 0 // see below: silent meanwhile
			}
		})
	}
	silent := func(list []shot) []shot {
		return slices.DeleteFunc(list, func(s shot) bool { return s.at == 0 && s.stamp > time.Second })
	}
	none := func(int, *shot) {}
	for name, row := range map[string][]shot{
		"wrap":                        sent(clockwork(40*360, 10*time.Second), none),
		"fast by 200 ppm, and silent": silent(drift(200)),
		"slow by 200 ppm, and silent": silent(drift(-200)),
		"jitter of a second": sent(clockwork(4000, frame), func(i int, s *shot) {
			s.at += time.Duration(i*i%50) * time.Millisecond * 20
		}),
		"silent for hours, the clock goes on": sent(clockwork(400, frame), func(i int, s *shot) {
			if i >= 200 {
				s.at, s.stamp = s.at+5*time.Hour, s.stamp+5*time.Hour
			}
		}),
		"silent for hours again and again, by a fast clock": sent(clockwork(400, frame), func(i int, s *shot) {
			d := time.Duration(i/40) * 5 * time.Hour
			s.at, s.stamp = s.at+d, s.stamp+d+d/5000
		}),
		"silent for hours, the clock stands still": sent(clockwork(400, frame), func(i int, s *shot) {
			s.at += time.Duration(i/40) * 3 * time.Hour
		}),
		"silent for an hour, the clock goes on for half of it": sent(clockwork(400, frame), func(i int, s *shot) {
			if i >= 200 {
				s.at, s.stamp = s.at+time.Hour, s.stamp+time.Hour/2
			}
		}),
		"one picture a minute":     sent(clockwork(3000, time.Minute), none),
		"one picture in two hours": sent(clockwork(300, 2*time.Hour), none),
		"what the network held comes at once": sent(clockwork(4000, frame), func(i int, s *shot) {
			if i >= 1000 && i < 2500 {
				s.at = 2500 * frame
			}
		}),
		"late by a minute, which is lost, and in time again": sent(clockwork(4000, frame), func(i int, s *shot) {
			switch {
			case i >= 1000 && i < 1050: // what was on its way when the network stopped
				s.at += time.Minute
			case i >= 1050:
				s.at, s.stamp = s.at+time.Minute+time.Millisecond, s.stamp+time.Minute
			}
		}),
		"late by a minute for half an hour, and in time again": sent(clockwork(50_000, frame), func(i int, s *shot) {
			switch {
			case i >= 1000 && i < 46_000:
				s.at += time.Minute
			case i >= 46_000:
				s.at, s.stamp = s.at+time.Minute, s.stamp+time.Minute
			}
		}),
		"a group of pictures at first": sent(clockwork(400, frame), func(i int, s *shot) { s.at = max(s.at-8*time.Second, 0) }),
		"half a minute at first":       sent(clockwork(4000, frame), func(i int, s *shot) { s.at = max(s.at-30*time.Second, 0) }),
		"a first picture that is old": sent(clockwork(400, frame), func(i int, s *shot) {
			if i > 0 {
				s.stamp += 40 * time.Second
			}
		}),
		"pictures of any distance": sent(clockwork(400, frame), func(i int, s *shot) {
			s.at += time.Duration(i*i/7) * time.Second
			s.stamp = s.at
		}),
		"out of order": sent(clockwork(400, frame), reordered(frame)),
		"out of order, one picture in two seconds": sent(clockwork(400, 2*time.Second), reordered(2*time.Second)),
		"out of order, after a pause": sent(clockwork(400, frame), func(i int, s *shot) {
			if i >= 200 {
				s.at, s.stamp = s.at+time.Minute, s.stamp+time.Minute
			}
			if i == 201 { // it was due in the middle
				s.stamp -= 30 * time.Second
			}
		}),
		"a film as fast as can be": sent(clockwork(4000, frame), func(i int, s *shot) { s.at /= 50 }),
		"slides as fast as can be": sent(clockwork(400, time.Minute), func(i int, s *shot) { s.at /= 10_000 }),
		"a film, seven seconds of which are skipped": sent(clockwork(400, frame), func(i int, s *shot) {
			if i >= 200 {
				s.stamp += 7 * time.Second
			}
		}),
		"nine seconds off, and back": sent(clockwork(400, frame), func(i int, s *shot) {
			if i%20 == 19 {
				s.stamp += 9 * time.Second
			}
		}),
		"a clock of twice the rate, with pauses": sent(clockwork(4000, frame), func(i int, s *shot) {
			s.at += time.Duration(i/100) * time.Minute
			s.stamp = 2 * s.at
		}),
		"a clock of half the rate, with pauses": sent(clockwork(4000, frame), func(i int, s *shot) {
			s.at += time.Duration(i/100) * time.Minute
			s.stamp = s.at / 2
		}),
		"at half speed for a day, ahead and back": sent(clockwork(24*360, 10*time.Second), func(i int, s *shot) {
			s.stamp = s.at / 2
			if i == 8_000 {
				s.stamp += 10 * time.Hour
			}
		}),
		"silent for four days, by a fast clock": sent(clockwork(400, frame), func(i int, s *shot) {
			if i >= 200 {
				s.at, s.stamp = s.at+4*24*time.Hour, s.stamp+4*24*time.Hour*5001/5000
			}
		}),
		"slow motion, back and forth": sent(clockwork(4000, frame), func(i int, s *shot) {
			s.stamp = s.at/2 + time.Duration(i/500%2)*30*time.Second
		}),
		"a timestamp that never changes": sent(clockwork(400, frame), func(i int, s *shot) { s.stamp = 0 }),
	} {
		t.Run(name, func(t *testing.T) {
			check(t, through(t, media(t, h264), 96, 90000, 1000, row), 90000, row, 0)
			check(t, through(t, media(t, pcmu), 0, 8000, 5, row), 8000, row, 0)
		})
	}
}

// reordered sends pictures as an encoder with three of them between two does: 0, 4, 2, 1, 3, 8, 6, 5, 7 …
func reordered(every time.Duration) func(i int, s *shot) {
	return func(i int, s *shot) {
		if i > 0 {
			s.stamp += []time.Duration{3, 0, -2, -1}[(i-1)%4] * every
		}
	}
}

// What is astray among pictures that are sent out of order leaves the others as they are, and is near them.
func TestLeapsAmongPicturesOutOfOrder(t *testing.T) {
	for i := 200; i < 208; i++ {
		list := stamped(sent(clockwork(400, frame), reordered(frame)), i, i+1, 10*time.Hour)
		check(t, through(t, media(t, h264), 96, 90000, 1000, list), 90000, list, 4*frame)
		list = stamped(sent(clockwork(400, frame), reordered(frame)), i, 400, -10*time.Hour)
		check(t, through(t, media(t, h264), 96, 90000, 1000, list), 90000, list, 6*frame)
	}
}

// A clock rate that nobody told is no clock, and other payload types of a track may have another.
func TestTimestampsOfNoKnownClockAreLeftAlone(t *testing.T) {
	list := stamped(clockwork(400, frame), 200, 201, 10*time.Hour)
	for i := range list {
		list[i].want = list[i].stamp
	}
	for section, pt := range map[string]uint8{
		"m=video 0 RTP/AVP 96\r\n": 96,
		"m=audio 0 RTP/AVP 97 98\r\na=rtpmap:97 x/90000\r\na=rtpmap:98 y/8000\r\n": 98,
	} {
		check(t, through(t, media(t, section), pt, 90000, 1000, list), 90000, list, 0)
	}
}

// All of a picture that is astray is stamped alike: the parameter sets in front of it, and its fragments.
func TestPictureAstrayStaysWhole(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c, src := tl.Cursor(1), video()
	c.Join()
	picture := func(i int, astray uint32) []uint32 {
		src.ts = uint32(3600*i) + astray
		write(t, tl, 0, src.packet(true, append([]byte{idr, first}, make([]byte, 5000)...)...), begin.Add(time.Duration(i)*frame))
		var stamps []uint32
		for _, p := range read(t, c) {
			stamps = append(stamps, p.Timestamp())
		}
		return stamps
	}
	before, odd, after := picture(0, 0), picture(1, 1<<31), picture(2, 0)
	if len(odd) != 5 || len(slices.Compact(slices.Clone(odd))) != 1 || odd[0]-before[0] != 3600 || after[0]-odd[0] != 3600 {
		t.Errorf("before %d, of the picture %d, after %d", before, odd, after)
	}
}

// A source that comes back goes on as much later as time has passed, whatever was astray before.
func TestReturningSourceHasAnotherClock(t *testing.T) {
	for _, astray := range []uint32{0, 1 << 31} {
		tl := timeline.New(media(t, h264), nil)
		c, src := tl.Cursor(1), video()
		c.Begin(timeline.StartLive)
		for i := range 10 {
			src.ts = uint32(3600 * i)
			if i == 9 {
				src.ts += astray
			}
			write(t, tl, 0, src.packet(true, slice), begin.Add(time.Duration(i)*frame))
		}
		tl.Interrupt()
		src = &sourceOf{pt: 96, ts: 77 + 1<<30, ssrc: 99}
		for i := range 3 {
			write(t, tl, 0, src.packet(true, slice), begin.Add(9*frame+time.Duration(i+1)*500*time.Millisecond))
			src.ts += 45000
		}
		got := read(t, c)
		for i := range 3 {
			if d := got[i+10].Timestamp() - got[i+9].Timestamp(); d != 45000 {
				t.Errorf("astray %d: picture %d of the new source is %d after the last, want 45000", astray, i, d)
			}
		}
	}
}

// RTP-06: the wall clock of what readers get is right whatever the source's timestamps do, by arrivals and by its reports.
func TestReportsWhenTimestampsLeap(t *testing.T) {
	const hours = 10 * 3600 * 90000
	for name, row := range map[string]struct {
		from, to int
		reports  bool
	}{
		"one": {200, 201, false}, "one, with reports": {200, 201, true},
		"set": {200, 400, false}, "set, with reports": {200, 400, true},
	} {
		tl := timeline.New(media(t, h264), nil)
		c, src := tl.Cursor(1), video()
		c.Begin(timeline.StartLive)
		for i := range 400 {
			captured := begin.Add(time.Duration(i) * frame)
			at := captured.Add(time.Duration(i%4) * 9 * time.Millisecond) // the reports know better than arrivals
			src.ts = uint32(3600 * i)
			if i >= row.from && i < row.to {
				src.ts += hours & (1<<32 - 1)
			}
			if row.reports && i%25 == 0 { // one of them about the picture that is astray
				tl.SenderReport(0, rtp.SenderReport{SSRC: 7, NTP: rtp.NTPTime(captured), RTPTime: src.ts}, at)
			}
			write(t, tl, 0, src.packet(true, slice), at)
			got := read(t, c)[0].Timestamp()
			slack := 30 * time.Millisecond
			if row.reports && i > 0 && (i < row.from || i > row.from+50) {
				slack = time.Millisecond
			}
			if off := timeOf(t, tl, got).Sub(captured); off.Abs() > slack && i != row.from {
				t.Fatalf("%s: picture %d is %v off", name, i, off)
			}
			if ts, ok := tl.Report(0, at); !ok || int32(ts-got) < -90*30 || int32(ts-got) > 90*60 {
				t.Fatalf("%s: the report at picture %d is %d from it", name, i, int32(ts-got))
			}
		}
	}
}

func timeOf(t *testing.T, tl *timeline.Timeline, ts uint32) time.Time {
	t.Helper()
	at, ok := tl.Time(0, ts)
	if !ok {
		t.Fatal("no clock")
	}
	return at
}

// RTP-05, RTP-06: pictures and sound stay together when the clock of the pictures is set and some are lost with that: what the next
// report says of them is no news of the wall clock that both have.
func TestLipSyncWhenOneClockIsSet(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	c, src, snd := tl.Cursor(3), video(), audio()
	c.Begin(timeline.StartLive)
	for i := range 1000 {
		captured := begin.Add(time.Duration(i) * frame)
		src.ts, snd.ts = uint32(3600*i), uint32(320*i)
		if i >= 500 {
			src.ts += 1 << 31
		}
		if i%50 == 25 {
			tl.SenderReport(0, rtp.SenderReport{SSRC: 7, NTP: rtp.NTPTime(captured), RTPTime: src.ts}, captured)
			tl.SenderReport(1, rtp.SenderReport{SSRC: 8, NTP: rtp.NTPTime(captured), RTPTime: snd.ts}, captured)
		}
		if i < 500 || i > 510 {
			write(t, tl, 0, src.packet(true, slice), captured)
		}
		write(t, tl, 1, snd.packet(true, 0xaa), captured)
		for _, p := range read(t, c) {
			track := slices.Index([]uint8{96, 0}, p.PayloadType())
			at, ok := tl.Time(track, p.Timestamp())
			if off := at.Sub(captured); !ok || off.Abs() > time.Millisecond && (i != 511 || track != 0) { // it may be set, or be one astray
				t.Fatalf("shot %d: track %d is %v off", i, track, off)
			}
		}
	}
}
