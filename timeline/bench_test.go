package timeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// deliver has n cursors take what is new.
func deliver(cursors []*timeline.Cursor) int {
	total := 0
	for _, c := range cursors {
		for {
			b, err := c.Next()
			if err != nil || len(b.Packets) == 0 {
				break
			}
			total += len(b.Frames(0, len(b.Packets)))
			c.Advance(len(b.Packets))
		}
	}
	return total
}

func joined(tl *timeline.Timeline, n int) []*timeline.Cursor {
	var all []*timeline.Cursor
	for range n {
		c := tl.Cursor(1)
		c.Join()
		all = append(all, c)
	}
	return all
}

// One packet appended and brought to n cursors: the time for each packet and reader is ns/op divided by n.
func BenchmarkDeliver(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("cursors=%d", n), func(b *testing.B) {
			tl := timeline.New(media(b, h264), nil)
			cursors := joined(tl, n)
			pkt := video().packet(true, append([]byte{slice}, make([]byte, 1200)...)...)
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				pkt.SetSequence(pkt.Sequence() + 1)
				tl.Write(0, pkt, now)
				deliver(cursors)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	tl := timeline.New(media(b, h264), nil)
	pkt := video().packet(true, append([]byte{slice}, make([]byte, 1200)...)...)
	now := time.Now()
	b.SetBytes(int64(len(pkt)))
	b.ReportAllocs()
	for b.Loop() {
		pkt.SetSequence(pkt.Sequence() + 1)
		tl.Write(0, pkt, now)
	}
}

// As sound comes: each packet has a timestamp of its own.
func BenchmarkAppendSound(b *testing.B) {
	tl := timeline.New(media(b, pcmu), nil)
	pkt := audio().packet(true, make([]byte, 160)...)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		pkt.SetSequence(pkt.Sequence() + 1)
		pkt.SetTimestamp(pkt.Timestamp() + 160)
		now = now.Add(20 * time.Millisecond)
		tl.Write(0, pkt, now)
	}
}

// The hot path allocates nothing for each packet and reader: what is left is a new chunk every few
// hundred packets.
func TestHotPathAllocs(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	cursors := joined(tl, 100)
	pkt := video().packet(true, append([]byte{slice}, make([]byte, 1200)...)...)
	large := video().packet(true, append([]byte{slice}, make([]byte, 5000)...)...)
	now := time.Now()
	for range 5000 {
		tl.Write(0, pkt, now)
	}
	deliver(cursors)
	if n := testing.AllocsPerRun(2000, func() {
		pkt.SetSequence(pkt.Sequence() + 1)
		pkt.SetTimestamp(pkt.Timestamp() + 3600)
		tl.Write(0, pkt, now)
		large.SetTimestamp(large.Timestamp() + 1<<29)
		tl.Write(0, large, now)
		tl.Flush()
		deliver(cursors)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
