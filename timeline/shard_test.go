package timeline_test

import (
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// A visitor counts what a cursor brings.
type visitor struct {
	cursor  *timeline.Cursor
	packets atomic.Int64
	visits  atomic.Int64
	last    atomic.Int64 // nanoseconds of the last visit
	panics  atomic.Int64
	bomb    bool
}

func (v *visitor) Visit(now time.Time) {
	v.visits.Add(1)
	v.last.Store(now.UnixNano())
	if v.bomb {
		panic("boom")
	}
	if v.cursor == nil {
		return
	}
	for {
		b, err := v.cursor.Next()
		if err != nil || len(b.Packets) == 0 {
			return
		}
		v.packets.Add(int64(len(b.Packets)))
		v.cursor.Advance(len(b.Packets))
	}
}

func (v *visitor) Panicked(any, []byte) { v.panics.Add(1) }

func sit(shards *timeline.Shards, tl *timeline.Timeline) (*visitor, *timeline.Seat) {
	v := &visitor{}
	seat := shards.Seat(v)
	seat.Do(func() {
		v.cursor = tl.Cursor(1)
		v.cursor.Join()
		seat.Join(tl)
	})
	return v, seat
}

func TestEveryReaderIsVisited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 2)
		tl := timeline.New(media(t, text), nil)
		var all []*visitor
		for range 50 {
			v, _ := sit(shards, tl)
			all = append(all, v)
		}
		src := &sourceOf{pt: 98}
		for range 10 {
			write(t, tl, 0, src.packet(false, 1), time.Now())
			tl.Flush()
		}
		synctest.Wait()
		for i, v := range all {
			if n := v.packets.Load(); n != 10 {
				t.Errorf("reader %d got %d packets", i, n)
			}
		}
	})
}

func TestReaderThatLeftIsNotVisited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 1)
		tl := timeline.New(media(t, text), nil)
		a, seat := sit(shards, tl)
		b, _ := sit(shards, tl)
		seat.Do(seat.Close)
		before := a.visits.Load()
		write(t, tl, 0, (&sourceOf{pt: 98}).packet(false, 1), time.Now())
		tl.Flush()
		seat.Wake()
		synctest.Wait()
		if a.visits.Load() != before || b.packets.Load() != 1 {
			t.Errorf("the one that left was visited %d times, the other got %d packets", a.visits.Load()-before, b.packets.Load())
		}
	})
}

func TestTimersVisitInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 1)
		begin := time.Now()
		var all []*visitor
		for i := range 5 {
			v := &visitor{}
			seat := shards.Seat(v)
			seat.Do(func() { seat.At(begin.Add(time.Duration(5-i) * time.Second)) })
			if i == 0 { // moved, then taken away
				seat.Do(func() { seat.At(begin.Add(time.Second)); seat.At(time.Time{}) })
			}
			all = append(all, v)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for i, v := range all {
			want := begin.Add(time.Duration(5-i) * time.Second).UnixNano()
			if i == 0 {
				if v.visits.Load() != 0 {
					t.Error("visited although its timer was taken away")
				}
				continue
			}
			if v.visits.Load() != 1 || v.last.Load() != want {
				t.Errorf("reader %d: %d visits, %v off", i, v.visits.Load(), time.Duration(v.last.Load()-want))
			}
		}
	})
}

func TestPanicStaysWithItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 1)
		tl := timeline.New(media(t, text), nil)
		bad, _ := sit(shards, tl)
		good, _ := sit(shards, tl)
		bad.bomb = true
		write(t, tl, 0, (&sourceOf{pt: 98}).packet(false, 1), time.Now())
		tl.Flush()
		synctest.Wait()
		if bad.panics.Load() != 1 || good.packets.Load() != 1 {
			t.Errorf("%d panics told, the other reader got %d packets", bad.panics.Load(), good.packets.Load())
		}
	})
}

// Readers on several shards read while a writer appends and chunks fall out of the window. It is the race
// detector's test.
func TestReadersAndWriterRunAtOnce(t *testing.T) {
	shards := running(t, 2)
	tl := timeline.New(media(t, text), &timeline.Config{Window: 64 << 10})
	const readers, packets = 8, 20000
	var all []*visitor
	for range readers {
		v, _ := sit(shards, tl)
		all = append(all, v)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		src := &sourceOf{pt: 98}
		for range packets {
			tl.Write(0, src.packet(false, make([]byte, 200)...), time.Now())
			tl.Flush()
		}
	})
	wg.Wait()
	visit := func() {
		for _, v := range all {
			seat := shards.Seat(v) // visits run one after the other: when this one is done, so are those before
			seat.Do(func() { v.Visit(time.Now()) })
		}
	}
	visit() // one that has never had its turn has fallen out of the window and is at the live edge now
	tl.Write(0, (&sourceOf{pt: 98}).packet(false, 1), time.Now())
	visit()
	for i, v := range all {
		if n := v.packets.Load(); n == 0 || n > packets+1 {
			t.Errorf("reader %d got %d packets", i, n)
		}
	}
}

// A reader of one track is left in peace when only others grow, and hears of the end.
func TestReaderIsVisitedForWhatItWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shards := running(t, 1)
		tl := timeline.New(media(t, text+text), nil)
		first, seat := sit(shards, tl)
		both, _ := sit(shards, tl)
		seat.Do(func() { seat.Want(1) })
		src := &sourceOf{pt: 98}
		grow := func(track int) (visits int32) {
			before := first.visits.Load()
			write(t, tl, track, src.packet(false, 1), time.Now())
			tl.Flush()
			synctest.Wait()
			return int32(first.visits.Load() - before)
		}
		if n := grow(1); n != 0 {
			t.Errorf("%d visits for another track", n)
		}
		if n := grow(0); n != 1 {
			t.Errorf("%d visits for its own", n)
		}
		if both.packets.Load() != 2 {
			t.Errorf("the other got %d packets", both.packets.Load())
		}
		seat.Do(func() { seat.Want(0) })
		before := first.visits.Load()
		tl.Close(io.EOF)
		synctest.Wait()
		if first.visits.Load() == before {
			t.Error("it did not hear of the end")
		}
	})
}

// Readers are served at once by whoever appends while they are few, however often that is at the same time.
func TestFewReadersAreServedByManyWriters(t *testing.T) {
	shards := running(t, 1)
	const writers, packets = 8, 2000
	var all []*visitor
	var wg sync.WaitGroup
	for range writers {
		tl := timeline.New(media(t, text), nil)
		v, _ := sit(shards, tl)
		all = append(all, v)
		wg.Go(func() {
			src := &sourceOf{pt: 98}
			for range packets {
				tl.Write(0, src.packet(false, 1), time.Now())
				tl.Flush()
			}
		})
	}
	wg.Wait()
	_, last := sit(shards, timeline.New(media(t, text), nil))
	last.Do(func() {}) // behind whatever was queued
	for i, v := range all {
		if n := v.packets.Load(); n != packets {
			t.Errorf("reader %d got %d packets", i, n)
		}
	}
}
