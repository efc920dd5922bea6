package vod_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
)

// STA-06, RNG-09, RTI-05: PAUSE stops at once and says where; PLAY goes on with the very next frame. The
// sequence numbers have no gap, and the timestamps move as far as time does.
func TestResumeHasNoGapAndNoOverlap(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
				v := watch(t, w, lower)
				v.play("Range: npt=2-")
				list := v.pictures(7)
				w.Wait(5 * time.Millisecond)
				if got := v.pause().Header.Get("Range"); got != "npt=2.280-18.000" {
					t.Errorf("PAUSE answered %s", got)
				}
				if late := v.rest(); len(late) > 0 {
					t.Errorf("frames %v came after the answer to PAUSE", frames(late))
				}
				w.Wait(7 * time.Second)
				resp := v.play()
				if got := resp.Header.Get("Range"); got != "npt=2.280-18.000" {
					t.Errorf("PLAY answered %s", got)
				}
				list = append(list, v.pictures(7)...)
				wantFrames(t, list, 50, 64)
				wantClock(t, list)
				if info := rtpInfo(t, resp); info.Seq != list[7].first || info.RTPTime != list[7].ts {
					t.Errorf("RTP-Info %+v, the next frame has %d, %d", info, list[7].first, list[7].ts)
				}
			})
		})
	}
}

// wantClock checks that timestamps move as far as time does.
func wantClock(t *testing.T, list []picture) {
	t.Helper()
	for _, p := range list[1:] {
		apart := p.at.Sub(list[0].at)
		if want := uint32(apart.Microseconds() * 90 / 1000); p.ts-list[0].ts != want {
			t.Errorf("frame %d: %d ticks after the first, want %d (%v)", p.frame, p.ts-list[0].ts, want, apart)
		}
	}
}

// RTI-05, STA-05: a new range replaces the one that is being played at once, forwards and backwards, and
// again neither sequence numbers nor timestamps jump.
func TestSeekReplacesAtOnce(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
				v := watch(t, w, lower)
				v.play("Range: npt=0-")
				list := v.pictures(5)
				for _, seek := range []struct {
					ask   string
					frame int
				}{{"npt=10-", 250}, {"npt=4-", 100}, {"npt=17-18", 425}} {
					w.Wait(3 * time.Millisecond)
					info := rtpInfo(t, v.play("Range: "+seek.ask))
					next := v.pictures(5)
					wantFrames(t, next, seek.frame, seek.frame+5)
					if info.Seq != next[0].first || info.RTPTime != next[0].ts {
						t.Errorf("%s: RTP-Info %+v, the first frame has %d, %d", seek.ask, info, next[0].first, next[0].ts)
					}
					if wait := next[0].at.Sub(list[len(list)-1].at); wait != 40*time.Millisecond {
						t.Errorf("%s: the first frame came after %v", seek.ask, wait)
					}
					list = append(list, next...)
				}
				wantClock(t, list)
			})
		})
	}
}

// STA-12, RNG-09: at the end of the range there is a BYE, once, and the session is Ready: it plays what is
// asked next, and without a Range what is left, then from the start.
func TestEndOfRangeThenPlayAgain(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
				v := watch(t, w, lower)
				var list []picture
				for _, step := range []struct {
					ask, answer string
					first, end  int
				}{
					{"Range: npt=1-1.2", "npt=1.000-1.200", 25, 30},
					{"Range: npt=17-17.4", "npt=17.000-17.400", 425, 435},
					{"Scale: 1", "npt=17.400-18.000", 435, 450},
				} {
					if got := v.play(step.ask).Header.Get("Range"); got != step.answer {
						t.Errorf("%s: answered %s, want %s", step.ask, got, step.answer)
					}
					got := v.rest()
					wantFrames(t, got, step.first, step.end)
					if !v.bye(time.Second) || v.bye(time.Second) {
						t.Errorf("%s: want exactly one BYE", step.ask)
					}
					list = append(list, got...)
				}
				v.play()
				again := v.pictures(5)
				wantFrames(t, again, 0, 5)
				wantClock(t, append(list, again...))
			})
		})
	}
}

// STA-12: the BYE comes when the last frame has been shown.
func TestByeComesAtTheEndOfTheLastFrame(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=5-5.4")
		last := v.pictures(10)[9]
		if !v.bye(time.Second) {
			t.Fatal("no BYE")
		}
		if d := time.Since(last.at); d != 40*time.Millisecond {
			t.Errorf("BYE %v after the last frame", d)
		}
	})
}

// SES-17, STA-06: two readers of one film pause and seek without disturbing each other.
func TestTwoReadersPauseAndSeekIndependently(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Put("film", demoFilm(t, vod.FilmConfig{}))
				a, b := watch(t, w, lower), watch(t, w, lower)
				a.play("Range: npt=4-")
				b.play("Range: npt=12-")
				as, bs := a.pictures(4), b.pictures(4)
				a.pause()
				for { // what was on its way
					p, ok := a.picture(60 * time.Millisecond)
					if !ok {
						break
					}
					as = append(as, p)
				}
				b.play("Range: npt=1-1.2")
				for bs[len(bs)-1].frame != 29 {
					bs = append(bs, b.pictures(1)...)
				}
				wantFrames(t, bs[len(bs)-5:], 25, 30)
				if !b.bye(5 * time.Second) {
					t.Error("no BYE for the reader that came to its end")
				}
				a.play()
				as = append(as, a.pictures(4)...)
				wantFrames(t, as, 100, 100+len(as))
				if a.Session == b.Session {
					t.Error("both have the same session")
				}
			}, servertest.NeedOf(lower))
		})
	}
}

// STA-07: a pause point takes effect where it is, without a BYE: PLAY goes on from there to the end of
// the range.
func TestPausePointAhead(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-12")
		list := v.pictures(5)
		if got := v.pause("Range: npt=11").Header.Get("Range"); got != "" {
			t.Errorf("answered %s, though it plays on", got)
		}
		list = append(list, v.rest()...)
		wantFrames(t, list, 250, 275)
		if v.bye(time.Second) {
			t.Error("a pause point has a BYE")
		}
		if got := v.play().Header.Get("Range"); got != "npt=11.000-12.000" {
			t.Errorf("PLAY answered %s", got)
		}
		list = append(list, v.rest()...)
		wantFrames(t, list, 250, 300)
		wantClock(t, list)
	})
}

// STA-07: a pause point that has passed stops at once, and playing resumes at the point: the client has
// thrown away what came after it.
func TestPausePointThatHasPassed(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-15")
		list := v.pictures(20)
		if got := v.pause("Range: npt=10.2").Header.Get("Range"); got != "npt=10.200-15.000" {
			t.Errorf("PAUSE answered %s", got)
		}
		if late := v.rest(); len(late) > 0 {
			t.Errorf("frames %v came after the answer to PAUSE", frames(late))
		}
		v.play()
		again := v.pictures(5)
		wantFrames(t, again, 255, 260)
		wantClock(t, append(list, again...))
	})
}

// STA-07, ERR-457: a pause point outside of what is to be played is refused, and playing goes on.
func TestPausePointOutside(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-11")
		list := v.pictures(5)
		for _, point := range []string{"npt=9", "npt=11.5", "npt=40", "npt=9223372036"} {
			v.want(rtsp.StatusInvalidRange, "PAUSE", "Range: "+point)
		}
		wantFrames(t, append(list, v.rest()...), 250, 275)
	})
}

// STA-07: PAUSE at once, and PLAY of another range, undo a pause point.
func TestPausePointIsUndone(t *testing.T) {
	for _, undo := range []string{"PAUSE", "PLAY"} {
		inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
			v := watch(t, w, "tcp")
			v.play("Range: npt=10-12")
			list := v.pictures(5)
			v.pause("Range: npt=11")
			if undo == "PAUSE" {
				v.pause()
				v.play()
			} else {
				v.play("Range: npt=10.2-12")
			}
			wantFrames(t, append(list, v.rest()...), 250, 300)
		})
	}
}

// STA-10: PAUSE of what does not play changes nothing.
func TestPauseInReady(t *testing.T) {
	inMemory(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.pause()
		v.play("Range: npt=3-")
		v.pictures(2)
		v.pause()
		v.rest()
		v.pause()
		v.pause("Range: npt=1")
		if got := v.play().Header.Get("Range"); got != "npt=3.080-18.000" {
			t.Errorf("PLAY answered %s", got)
		}
	})
}
