package timeline_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// Packets that a source spreads over time reach the reader in one visit for each delay, and none later
// than the delay after it was written.
func TestCoalescedPacketsWaitNoLongerThanTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 10 * time.Millisecond
		shards := running(t, 1)
		tl := timeline.New(media(t, text), &timeline.Config{Coalesce: delay})
		v, _ := sit(shards, tl)
		synctest.Wait()
		before, src := v.visits.Load(), &sourceOf{pt: 98}
		for round := range int64(20) {
			for range 10 { // a millisecond apart: all within the delay of the first
				write(t, tl, 0, src.packet(false, 1), time.Now())
				tl.Flush()
				time.Sleep(time.Millisecond)
			}
			synctest.Wait()
			if n := v.packets.Load(); n != 10*(round+1) {
				t.Fatalf("after round %d the reader has %d packets", round, n)
			}
		}
		if n := v.visits.Load() - before; n != 20 {
			t.Errorf("%d visits for 20 delays", n)
		}
	})
}

// The end of a timeline is no packet: readers hear of it at once.
func TestCoalescingDoesNotDelayTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 1)
		tl := timeline.New(media(t, text), &timeline.Config{Coalesce: time.Hour})
		v, _ := sit(shards, tl)
		synctest.Wait()
		before := v.visits.Load()
		tl.Close(errors.New("over"))
		synctest.Wait()
		if v.visits.Load() == before {
			t.Error("not visited")
		}
	})
}
