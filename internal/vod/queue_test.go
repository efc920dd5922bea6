package vod_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
)

// STA-05: where PLAYs queue, ranges are played back to back, in order, with one BYE behind the last. An
// answer to a PLAY that waits has no RTP-Info, since its numbers are not known.
func TestQueuedRangesPlayBackToBack(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-10.4")
		resp := v.play("Range: npt=16-16.4")
		if got := resp.Header.Get("Range"); got != "npt=16.000-16.400" || resp.Header.Has("RTP-Info") {
			t.Errorf("answered %s, RTP-Info %q", got, resp.Header.Get("RTP-Info"))
		}
		v.play("Range: npt=2-2.2")
		list := v.rest()
		if len(list) != 25 {
			t.Fatalf("got frames %v", frames(list))
		}
		wantFrames(t, list[:10], 250, 260)
		wantFrames(t, list[10:20], 400, 410)
		wantFrames(t, list[20:], 50, 55)
		wantPace(t, list, 40*time.Millisecond, 3600)
		if !v.bye(time.Second) || v.bye(time.Second) {
			t.Error("want exactly one BYE")
		}
	})
}

// STA-05: `Immediate: yes` replaces what is played and what waits, even where PLAYs queue.
func TestImmediatePlayDropsTheQueue(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-12")
		v.play("Range: npt=16-17")
		wantFrames(t, v.pictures(3), 250, 253)
		v.play("Range: npt=5-5.4", "Immediate: yes")
		wantFrames(t, v.rest(), 125, 135)
	})
}

// STA-06: PAUSE drops the PLAYs that wait; PLAY goes on with the range that was interrupted only.
func TestPauseDropsTheQueue(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-11")
		v.play("Range: npt=16-17")
		list := v.pictures(3)
		v.pause()
		v.play()
		wantFrames(t, append(list, v.rest()...), 250, 275)
	})
}

// STA-07: a pause point can lie in a range that waits; those behind it are dropped.
func TestPausePointInAQueuedRange(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-10.4")
		v.play("Range: npt=16-17")
		v.play("Range: npt=2-3")
		v.want(rtsp.StatusInvalidRange, "PAUSE", "Range: npt=12")
		v.pause("Range: npt=16.4")
		list := v.rest()
		if len(list) != 20 {
			t.Fatalf("got frames %v", frames(list))
		}
		wantFrames(t, list[:10], 250, 260)
		wantFrames(t, list[10:], 400, 410)
		v.play()
		wantFrames(t, v.rest(), 410, 425)
	})
}

// STA-07: a pause point in the range that is being played drops those that wait.
func TestPausePointDropsTheQueue(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=10-11")
		v.play("Range: npt=16-17")
		v.pause("Range: npt=10.4")
		wantFrames(t, v.rest(), 250, 260)
		v.play()
		wantFrames(t, v.rest(), 260, 275)
	})
}

// STA-05: the queue has an end; beyond it PLAY is refused and the rest stays in order.
func TestQueueIsBounded(t *testing.T) {
	inMemory(t, vod.FilmConfig{Queue: true}, func(t *testing.T, w *servertest.World) {
		v := watch(t, w, "tcp")
		v.play("Range: npt=0-1")
		refused := 0
		for range 40 {
			if v.Do("PLAY", "film", "Range: npt=4-4.04").Status == rtsp.StatusServiceUnavailable {
				refused++
			}
		}
		if got := v.rest(); refused != 8 || len(got) != 25+32 {
			t.Errorf("%d refused, %d frames", refused, len(got))
		}
	})
}
