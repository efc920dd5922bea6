package rtp_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// source is a simulated camera track: a media clock, a wall clock of its own, and a network to us.
type source struct {
	rate  float64
	first uint32
	wall  time.Duration // its wall clock minus the true time
	ppm   float64       // by which its media clock is fast
}

func (s source) timestamp(at time.Time) uint32 {
	return s.first + uint32(int64(math.Floor(at.Sub(start).Seconds()*s.rate*(1+s.ppm/1e6))))
}

func (s source) report(at time.Time) rtp.SenderReport {
	return rtp.SenderReport{NTP: rtp.NTPTime(at.Add(s.wall)), RTPTime: s.timestamp(at)}
}

// near reports whether two times are within d.
func near(a, b time.Time, d time.Duration) bool { return a.Sub(b).Abs() <= d }

// RTP-05: a line through one pair, days before and after it, with wraps.
func TestClockIsALine(t *testing.T) {
	for _, rate := range []int{8000, 44100, 48000, 90000} {
		c := rtp.NewClock(rate, nil)
		c.Sync(start, 1<<32-100)
		for _, seconds := range []int{0, 1, 60, 86400, 30 * 86400, -1, -86400} {
			at := start.Add(time.Duration(seconds) * time.Second)
			if got, want := c.Timestamp(at), uint32(int64(1<<32-100)+int64(seconds)*int64(rate)); got != want {
				t.Errorf("rate %d, %d s: %d, want %d", rate, seconds, got, want)
			}
		}
		for _, ticks := range []uint32{0, 1, 100, 101, 1 << 30, 1<<32 - 5} {
			ts := 1<<32 - 100 + ticks
			if got := c.Timestamp(c.Time(ts)); got != ts {
				t.Errorf("rate %d: Timestamp(Time(%d)) = %d", rate, ts, got)
			}
		}
	}
}

// RTP-05: a clock that nobody set says so.
func TestClockNotRunning(t *testing.T) {
	c := rtp.NewClock(0, nil)
	if c.Running() || c.FromReports() || !c.Time(1).IsZero() || c.Timestamp(start) != 0 {
		t.Error("it runs")
	}
	c.Sync(start, 0)
	if !c.Running() || c.Timestamp(start.Add(time.Second)) != 90000 {
		t.Error("it does not run at 90 kHz")
	}
	c.Reset()
	if c.Running() {
		t.Error("it runs after Reset")
	}
}

// RTP-06: without reports the line follows the least late arrivals: jitter does not count, and 100 ppm of drift over an hour are followed, wrap and all.
func TestClockFollowsArrivals(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	s := source{rate: 90000, first: 1<<32 - 90000*1000}
	for _, ppm := range []float64{100, -100} {
		s.ppm = ppm
		c := rtp.NewClock(90000, nil)
		for i := range 3600 * 25 {
			at := start.Add(time.Duration(i) * 40 * ms)
			ts := s.timestamp(at)
			c.Arrived(ts, at.Add(5*ms+time.Duration(random.Int64N(int64(30*ms)))))
			if i > 250 && !near(c.Time(ts), at.Add(5*ms), 6*ms) {
				t.Fatalf("%v ppm: after %v it is %v off", ppm, at.Sub(start), c.Time(ts).Sub(at))
			}
		}
	}
}

// RTP-06: a burst of old pictures at the start (a source that begins with its last key frame) moves the line only until live ones come.
func TestClockForgetsTheFirstBurst(t *testing.T) {
	s := source{rate: 90000}
	c := rtp.NewClock(90000, nil)
	live := start.Add(4 * time.Second)
	for i := range 100 {
		c.Arrived(s.timestamp(start.Add(time.Duration(i)*40*ms)), live.Add(time.Duration(i)*ms))
	}
	at := live.Add(200 * ms)
	c.Arrived(s.timestamp(at), at)
	if got := c.Time(s.timestamp(at)); !near(got, at, ms) {
		t.Errorf("%v off", got.Sub(at))
	}
}

// RTP-06: one frame with a timestamp hours off moves nothing.
func TestClockIgnoresOneOddFrame(t *testing.T) {
	s := source{rate: 90000}
	c := rtp.NewClock(90000, nil)
	for i := range 100 {
		at := start.Add(time.Duration(i) * 40 * ms)
		ts := s.timestamp(at)
		if i%10 == 5 {
			for range 3 { // packets of one picture
				c.Arrived(ts+5*3600*90000, at)
			}
			continue
		}
		c.Arrived(ts, at)
		if got := c.Time(ts); !near(got, at, ms) {
			t.Fatalf("picture %d: %v off", i, got.Sub(at))
		}
	}
}

// RTP-06: another timestamp base, as a restarted encoder has it, is followed from its second picture on.
func TestClockFollowsANewTimestampBase(t *testing.T) {
	for _, base := range []uint32{1 << 30, 3 << 30, 20 * 90000} {
		s := source{rate: 90000}
		c := rtp.NewClock(90000, nil)
		for i := range 50 {
			at := start.Add(time.Duration(i) * 40 * ms)
			if i == 25 {
				s.first += base
			}
			c.Arrived(s.timestamp(at), at)
			if got := c.Time(s.timestamp(at)); i != 25 && !near(got, at, ms) {
				t.Errorf("base %d, picture %d: %v off", base, i, got.Sub(at))
			}
		}
	}
}

// tracks runs video and audio of one camera for the given time, reports every 5 s, and calls check every second, when reports of both were heard.
func tracks(t *testing.T, length time.Duration, step func(at time.Time, video, audio *source), check func(at time.Time, video, audio time.Duration)) {
	t.Helper()
	random := rand.New(rand.NewPCG(6, 2))
	video := source{rate: 90000, first: random.Uint32()}
	audio := source{rate: 48000, first: random.Uint32()}
	wall := new(rtp.Wall)
	cv, ca := rtp.NewClock(90000, wall), rtp.NewClock(48000, wall)
	network := func(at time.Time) time.Time { return at.Add(2*ms + time.Duration(random.Int64N(int64(20*ms)))) }
	for i := range int(length / (20 * ms)) {
		at := start.Add(time.Duration(i) * 20 * ms)
		step(at, &video, &audio)
		if i%250 == 100 {
			cv.Reported(video.report(at), network(at))
		}
		if i%250 == 220 {
			ca.Reported(audio.report(at), network(at))
		}
		cv.Arrived(video.timestamp(at), network(at))
		ca.Arrived(audio.timestamp(at), network(at).Add(30*ms)) // audio comes late, lip sync must not care
		if i > 250 && i%50 == 0 {
			check(at, cv.Time(video.timestamp(at)).Sub(at), ca.Time(audio.timestamp(at)).Sub(at))
		}
	}
}

// RTP-05: lip sync is better than 5 ms over an hour, from the source's own reports, whatever its wall clock says and however it drifts.
func TestLipSyncOverAnHour(t *testing.T) {
	for name, wall := range map[string]time.Duration{"sane": 20 * ms, "an hour ahead": time.Hour, "in 1970": -56 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			tracks(t, time.Hour, func(at time.Time, video, audio *source) {
				// The camera's crystal drives all of its clocks.
				video.ppm, audio.ppm = 60, 60
				video.wall = wall + time.Duration(float64(at.Sub(start))*60e-6)
				audio.wall = video.wall
			}, func(at time.Time, video, audio time.Duration) {
				if (video - audio).Abs() > 5*ms {
					t.Fatalf("after %v: %v apart", at.Sub(start), video-audio)
				}
				if video.Abs() > 500*ms {
					t.Fatalf("after %v: %v from our clock", at.Sub(start), video)
				}
			})
		})
	}
}

// RTP-06: a sane source clock is passed through as it is.
func TestSaneClockIsPassedThrough(t *testing.T) {
	wall := new(rtp.Wall)
	c := rtp.NewClock(90000, wall)
	s := source{rate: 90000, wall: -70 * ms}
	c.Arrived(s.timestamp(start), start)
	if _, known := wall.Offset(); known {
		t.Error("known before any report")
	}
	if !c.Reported(s.report(start), start.Add(10*ms)) || !c.FromReports() {
		t.Fatal("the report is not believed")
	}
	if got, want := c.Time(s.timestamp(start)), start.Add(s.wall); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if offset, known := wall.Offset(); offset != 0 || !known {
		t.Errorf("offset %v, %v", offset, known)
	}
}

// RTP-06: the camera's clock is set by an hour, forwards or back, or to where it should be: neither track notices, nor their lip sync.
func TestStepOfTheSourcesClockIsTakenOut(t *testing.T) {
	for _, test := range []struct{ before, after time.Duration }{
		{0, time.Hour}, {0, -time.Hour}, {-time.Hour, 0}, {0, 3 * time.Second}, {0, -400 * ms}, {-56 * 365 * 24 * time.Hour, 0},
	} {
		tracks(t, 2*time.Minute, func(at time.Time, video, audio *source) {
			video.wall, audio.wall = test.before, test.before
			if at.Sub(start) > 63*time.Second {
				video.wall, audio.wall = test.after, test.after
			}
		}, func(at time.Time, video, audio time.Duration) {
			if video.Abs() > 50*ms || (video-audio).Abs() > 5*ms {
				t.Errorf("%v to %v, after %v: video %v off, audio %v", test.before, test.after, at.Sub(start), video, audio)
			}
		})
	}
}

// RTP-06: a source whose wall clock drifts away from ours is led back to it, not stepped.
func TestDriftingSourceIsLedBack(t *testing.T) {
	wall := new(rtp.Wall)
	c := rtp.NewClock(90000, wall)
	s := source{rate: 90000}
	before := time.Duration(0)
	for i := range 6 * 3600 * 5 {
		at := start.Add(time.Duration(i) * 200 * ms)
		s.ppm = 150
		s.wall = time.Duration(float64(at.Sub(start)) * 150e-6)
		c.Arrived(s.timestamp(at), at.Add(10*ms))
		if i%25 == 0 {
			c.Reported(s.report(at), at.Add(10*ms))
		}
		off := c.Time(s.timestamp(at)).Sub(at)
		if off.Abs() > 300*ms || (off-before).Abs() > 5*ms {
			t.Fatalf("after %v: %v off, %v before", at.Sub(start), off, before)
		}
		before = off
	}
	if !c.FromReports() {
		t.Error("the reports are not used any more")
	}
}

// RTP-06: reports without wall clock, or with a timestamp that is not of this stream, are not believed.
func TestWrongReportsAreNotBelieved(t *testing.T) {
	s := source{rate: 90000}
	c := rtp.NewClock(90000, nil)
	for i := range 1000 {
		at := start.Add(time.Duration(i) * 40 * ms)
		c.Arrived(s.timestamp(at), at)
		for name, r := range map[string]rtp.SenderReport{
			"no wall clock":    {RTPTime: s.timestamp(at)},
			"another stream's": {NTP: rtp.NTPTime(at), RTPTime: s.timestamp(at) + 1<<30},
			"3 s off":          {NTP: rtp.NTPTime(at), RTPTime: s.timestamp(at) + 3*90000},
		} {
			if c.Reported(r, at) {
				t.Fatalf("%s: believed", name)
			}
		}
		if got := c.Time(s.timestamp(at)); !near(got, at, ms) {
			t.Fatalf("picture %d: %v off", i, got.Sub(at))
		}
	}
}

// RTP-06: when what arrives contradicts the report of before (the timestamps paused for 3 s), the line is drawn from arrivals again, and the next reports
// are believed.
func TestArrivalsOutrankAnOldReport(t *testing.T) {
	s := source{rate: 90000}
	c := rtp.NewClock(90000, nil)
	for i := range 60 * 25 {
		at := start.Add(time.Duration(i) * 40 * ms)
		if i == 10*25 {
			s.first -= 3 * 90000
		}
		c.Arrived(s.timestamp(at), at)
		if i%125 == 7 {
			c.Reported(s.report(at), at)
		}
		if got := c.Time(s.timestamp(at)); i > 31*25 && !near(got, at, ms) {
			t.Fatalf("picture %d: %v off", i, got.Sub(at))
		}
	}
	if !c.FromReports() {
		t.Error("reports are not believed again")
	}
}

// RTP-06: a report before the first packet begins the line.
func TestReportBeforeTheFirstPacket(t *testing.T) {
	s := source{rate: 90000}
	c := rtp.NewClock(90000, nil)
	if !c.Reported(s.report(start), start) || !c.Running() {
		t.Fatal("not believed")
	}
	if got := c.Time(90000); !near(got, start.Add(time.Second), ms) {
		t.Errorf("%v", got)
	}
}
