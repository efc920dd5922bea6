package vod_test

import (
	"testing"
	"time"

	demo "github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// RTI-01, RTI-05: frames come exactly when they are due, from the first to the last, at the rate of the
// configuration. A frame is at another time then, and the film has another length.
func TestPaceIsThatOfTheConfiguredRate(t *testing.T) {
	for _, c := range []struct {
		rate   int
		apart  time.Duration
		ticks  uint32
		answer string
		first  int // at second 16
	}{
		{0, 40 * time.Millisecond, 3600, "npt=16.000-18.000", 400},
		{20, 50 * time.Millisecond, 4500, "npt=16.000-22.500", 320},
		{25, 40 * time.Millisecond, 3600, "npt=16.000-18.000", 400},
	} {
		inMemory(t, vod.FilmConfig{FrameRate: c.rate}, func(t *testing.T, w *servertest.World) {
			v, began := watch(t, w, "udp"), time.Now()
			if got := v.play("Range: npt=16-").Header.Get("Range"); got != c.answer {
				t.Errorf("%d: answered %s, want %s", c.rate, got, c.answer)
			}
			list := v.rest()
			wantFrames(t, list, c.first, demo.Frames)
			wantPace(t, list, c.apart, c.ticks)
			if wait := list[0].at.Sub(began); wait != 0 {
				t.Errorf("%d: the first frame came after %v", c.rate, wait)
			}
		})
	}
}

// RNG-01: at rates that do not divide a millisecond, the position that a PAUSE tells is the frame that a
// PLAY of it begins with.
func TestToldPositionsLeadBackToTheirFrames(t *testing.T) {
	for _, rate := range []int{24, 25, 30, 60} {
		inMemory(t, vod.FilmConfig{FrameRate: rate}, func(t *testing.T, w *servertest.World) {
			v := watch(t, w, "udp")
			v.play()
			for next := 0; next < 20; next += 2 {
				wantFrames(t, v.pictures(2), next, next+2)
				at, err := rtsp.ParseRange(v.pause().Header.Get("Range"))
				if err != nil {
					t.Fatal(err)
				}
				v.play("Range: " + at.String())
			}
		})
	}
}

// STA-14: with `time=` playing begins at that instant, at once if it has passed. The answer repeats it.
func TestPlayAtATime(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		for _, wait := range []time.Duration{3 * time.Second, 0, -time.Hour} {
			inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
				v, now := watch(t, w, lower), time.Now()
				want := "npt=4.000-4.400;time=" + now.Add(wait).UTC().Format("20060102T150405Z")
				if got := v.play("Range: " + want).Header.Get("Range"); got != want {
					t.Errorf("answered %s, want %s", got, want)
				}
				list := v.pictures(10)
				wantFrames(t, list, 100, 110)
				wantPace(t, list, 40*time.Millisecond, 3600)
				if got := list[0].at.Sub(now); got != max(wait, 0) {
					t.Errorf("time=%v: the first frame came after %v", wait, got)
				}
			})
		}
	}
}

// RTP-04, RTI-05: sender reports tie timestamps to wall time, and the tie holds over pause and seek.
func TestSenderReportsHoldOverPauseAndSeek(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=1-")
		list := v.pictures(130)
		v.pause()
		w.Wait(3210 * time.Millisecond)
		v.play()
		list = append(list, v.pictures(3)...)
		v.play("Range: npt=9-")
		list = append(list, v.pictures(150)...)
		reports := 0
		for b := v.lane.RTCP(0); b != nil; b = v.lane.RTCP(0) {
			for p := range rtp.Packets(b) {
				sr, ok := p.SenderReport()
				if !ok {
					continue
				}
				reports++
				ahead := list[0].at.Sub(sr.NTP.Time()).Microseconds() * 90 / 1000
				if off := rtp.TimestampDiff(list[0].ts, sr.RTPTime+uint32(ahead)); off < -2 || off > 2 {
					t.Errorf("report %d is %d ticks off", reports, off)
				}
			}
		}
		if reports < 5 {
			t.Errorf("%d reports", reports)
		}
	})
}

// FRM-13, SES-11: a client that does not read for a while gets every frame there is, whole and in order;
// the pace gives way instead of flooding it with all it missed.
func TestSlowReaderMissesNothing(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=1-")
		list := v.pictures(5)
		w.Wait(20 * time.Second)
		back := time.Now()
		list = append(list, v.rest()...)
		wantFrames(t, list, 25, demo.Frames)
		atOnce := 0
		for _, p := range list {
			if p.at.Equal(back) {
				atOnce++
			}
		}
		if atOnce > 125 {
			t.Errorf("%d frames at once after the stall", atOnce)
		}
		for i := 1; i < len(list); i++ {
			if n := list[i].ts - list[i-1].ts; n != 3600 {
				t.Errorf("frame %d: %d ticks after the one before", list[i].frame, n)
			}
		}
		wantPace(t, list[5+atOnce:], 40*time.Millisecond, 3600)
	})
}
