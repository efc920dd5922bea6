package vod_test

import (
	"slices"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
)

// ranges are what PLAY asks for, which frames of the demo film that is, and what the answer says.
var ranges = []struct {
	ask        string
	first, end int
	answer     string
}{
	{"npt=10-10.2", 250, 255, "npt=10.000-10.200"},
	{"npt=10.0-10.1", 250, 253, "npt=10.000-10.120"},
	{"npt=10.0-10.08", 250, 252, "npt=10.000-10.080"},
	{"npt=10.01-10.08", 250, 252, "npt=10.000-10.080"}, // the frame that is shown then
	{"npt=17.9-", 447, 450, "npt=17.880-18.000"},
	{"npt=17.92-99", 448, 450, "npt=17.920-18.000"},
	{"npt=0:00:17.92-", 448, 450, "npt=17.920-18.000"},
	{"npt=0:0:17.92-00:00:17.96", 448, 449, "npt=17.920-17.960"},
	{"npt=1,5-1,6", 37, 40, "npt=1.480-1.600"},
	{"npt=-0.12", 0, 3, "npt=0.000-0.120"},
	{"npt=now-0.12", 0, 3, "npt=0.000-0.120"},
	{"smpte-25=0:00:10:05-0:00:10:07", 255, 257, "smpte-25=00:00:10:05-00:00:10:07"},
}

// RNG-01, RNG-02, RNG-07, RNG-08, RNG-18, RTI-01: exactly the frames that begin within the range come,
// the answer says which they are, and RTP-Info where they begin.
func TestPlayOfARangeIsExactToTheFrame(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
				for _, r := range ranges {
					v := watch(t, w, lower)
					resp := v.play("Range: " + r.ask)
					if got := resp.Header.Get("Range"); got != r.answer {
						t.Errorf("%s: answered %s, want %s", r.ask, got, r.answer)
					}
					got, info := v.rest(), rtpInfo(t, resp)
					if !slices.Equal(frames(got), upTo(r.first, r.end)) {
						t.Errorf("%s: got frames %v", r.ask, frames(got))
					}
					if len(got) > 0 && (got[0].first != info.Seq || got[0].ts != info.RTPTime) {
						t.Errorf("%s: begins with sequence %d, timestamp %d, RTP-Info %+v", r.ask, got[0].first, got[0].ts, info)
					}
				}
			})
		})
	}
}

// RNG-04: drop-frame time code counts 30000/1001 frames a second.
func TestRangeInDropFrameTimecode(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: smpte=0:00:10:00-0:00:10:03") // 10.01 to 10.1101 s
		wantFrames(t, v.rest(), 250, 253)
	})
}

// ERR-457, RNG-06, ERR-400, ERR-501, ERR-X2: what cannot be played is refused with the right status, and
// the film goes on as if nothing had been asked.
func TestRefusedRangeDoesNotDisturbPlaying(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=0-4")
		for ask, status := range map[string]rtsp.StatusCode{
			"npt=18-": rtsp.StatusInvalidRange, "npt=99999-": rtsp.StatusInvalidRange, "npt=9223372036-": rtsp.StatusInvalidRange,
			"npt=5-5": rtsp.StatusInvalidRange, "npt=7-5": rtsp.StatusInvalidRange, "npt=10-now": rtsp.StatusInvalidRange,
			"clock=19961108T143720.25Z-": rtsp.StatusInvalidRange,
			"npt=abc-":                   rtsp.StatusBadRequest, "npt=-": rtsp.StatusBadRequest, "npt": rtsp.StatusBadRequest,
			"bytes=0-": rtsp.StatusNotImplemented,
		} {
			resp := v.want(status, "PLAY", "Range: "+ask)
			if resp.Header.Has("Range") || resp.Header.Has("RTP-Info") {
				t.Errorf("%s: the refusal says where it plays", ask)
			}
			w.Wait(100 * time.Millisecond)
		}
		wantFrames(t, v.rest(), 0, 100)
	})
}

// STA-02: a PLAY that is refused in Ready leaves the session Ready.
func TestPlayAfterARefusedPlay(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.want(rtsp.StatusInvalidRange, "PLAY", "Range: npt=18-")
		if got := v.rest(); len(got) > 0 {
			t.Errorf("got frames %v after a refusal", frames(got))
		}
		v.play("Range: npt=17.8-")
		wantFrames(t, v.rest(), 445, 450)
	})
}

// STA-02, STA-04: a track that is set up anew while the film plays stays silent until it is played, and a
// PLAY that is refused does not change that.
func TestRefusedPlayOfATrackThatIsSetUpAnew(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play()
		v.pictures(5)
		v.lane = v.Setup("film/trackID=0", "tcp")
		v.want(rtsp.StatusInvalidRange, "PLAY", "Range: npt=18-")
		if got := v.rest(); len(got) > 0 {
			t.Errorf("got frames %v", frames(got))
		}
		v.seen = false
		v.play("Range: npt=4-")
		wantFrames(t, v.pictures(5), 100, 105)
	})
}

// RNG-13, RNG-14, RNG-15, RNG-16, RTI-06: Scale and Speed are answered, when asked for, with what is used; Speed beside Scale too, since GStreamer
// needs both to play backward.
// Scale makes the presentation go by faster, Speed the packets; timestamps count what is shown.
func TestScaleAndSpeedAreAnsweredWithWhatIsUsed(t *testing.T) {
	const second = 90000
	for _, c := range []struct {
		ask                 []string
		status              rtsp.StatusCode
		scale, speed, start string
		frames              []int // the first, and the one shown a second later
		apart               time.Duration
		ticks               uint32
	}{
		{nil, rtsp.StatusOK, "", "", "npt=0.000-18.000", []int{0, 25}, time.Second, second},
		{[]string{"Scale: 2", "Range: npt=12-"}, rtsp.StatusOK, "2.0", "1.0", "npt=12.000-18.000", []int{300, 350}, time.Second, second},
		{[]string{"Scale: 0.5"}, rtsp.StatusOK, "0.5", "1.0", "npt=0.000-18.000", []int{0, 25}, 2 * time.Second, 2 * second},
		{[]string{"Scale: 50"}, rtsp.StatusOK, "8.0", "1.0", "npt=0.000-18.000", []int{0, 196}, 980 * time.Millisecond, 88200}, // every seventh: 30 a second is enough
		{[]string{"Scale: -1", "Range: npt=10-2"}, rtsp.StatusOK, "-1.0", "1.0", "npt=10.000-2.000", []int{250, 225}, time.Second, second},
		{[]string{"Speed: 2"}, rtsp.StatusOK, "", "2.0", "npt=0.000-18.000", []int{0, 25}, time.Second / 2, second},
		{[]string{"Speed: 1.0-2.5"}, rtsp.StatusOK, "", "1.0", "npt=0.000-18.000", []int{0, 25}, time.Second, second},
		{[]string{"Speed: 100"}, rtsp.StatusOK, "", "8.0", "npt=0.000-18.000", []int{0, 25}, time.Second / 8, second},
		{[]string{"Scale: 0"}, rtsp.StatusBadRequest, "", "", "", nil, 0, 0},
		{[]string{"Speed: 0"}, rtsp.StatusBadRequest, "", "", "", nil, 0, 0},
	} {
		inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
			v := watch(t, w, "tcp")
			h := v.want(c.status, "PLAY", c.ask...).Header
			if h.Get("Scale") != c.scale || h.Get("Speed") != c.speed || h.Get("Range") != c.start {
				t.Errorf("%q: Scale %q, Speed %q, Range %q", c.ask, h.Get("Scale"), h.Get("Speed"), h.Get("Range"))
			}
			if c.status != rtsp.StatusOK {
				return
			}
			first := v.pictures(1)[0]
			next := first
			for n := 0; next.frame != c.frames[1] && n < 100; n++ {
				next = v.pictures(1)[0]
			}
			apart, ticks := next.at.Sub(first.at), next.ts-first.ts
			if first.frame != c.frames[0] || (apart-c.apart).Abs() > time.Millisecond || ticks-c.ticks+2 > 4 {
				t.Errorf("%q: from frame %d to %d in %v, %d ticks", c.ask, first.frame, next.frame, apart, ticks)
			}
		})
	}
}

// RNG-09, STA-05: without a Range PLAY begins at the start the first time, and changes nothing while
// playing; the answer is the current position.
func TestPlayWithoutRange(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		if got := v.play().Header.Get("Range"); got != "npt=0.000-18.000" {
			t.Errorf("first: %s", got)
		}
		list := v.pictures(10)
		w.Wait(time.Millisecond)
		resp := v.play()
		if got := resp.Header.Get("Range"); got != "npt=0.400-18.000" {
			t.Errorf("while playing: %s", got)
		}
		list = append(list, v.pictures(10)...)
		wantFrames(t, list, 0, 20)
		if info := rtpInfo(t, resp); list[10].first != info.Seq || list[10].ts != info.RTPTime {
			t.Errorf("RTP-Info %+v, the next frame has %d, %d", info, list[10].first, list[10].ts)
		}
		wantPace(t, list, 40*time.Millisecond, 3600)
	})
}

// wantPace checks that pictures come at regular times with regular timestamps.
func wantPace(t *testing.T, list []picture, apart time.Duration, ticks uint32) {
	t.Helper()
	for i := 1; i < len(list); i++ {
		if d, n := list[i].at.Sub(list[i-1].at), list[i].ts-list[i-1].ts; d != apart || n != ticks {
			t.Errorf("frame %d follows %d after %v and %d ticks, want %v and %d", list[i].frame, list[i-1].frame, d, n, apart, ticks)
		}
	}
}
