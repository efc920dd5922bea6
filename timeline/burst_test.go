package timeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

// order is how pictures with B-frames are sent: each by its number of those shown.
var order = []uint32{0, 3, 1, 2, 6, 4, 5, 9, 7, 8}

// A start reads what a reader gets that starts at once.
type started struct {
	t      *testing.T
	cursor *timeline.Cursor
	burst  *timeline.Burst
}

func begun(t *testing.T, tl *timeline.Timeline, tracks uint64) *started {
	t.Helper()
	s := &started{t: t, cursor: tl.Cursor(tracks)}
	s.burst = s.cursor.Begin(timeline.StartInstant)
	return s
}

// read takes what there is, a few packets at a time.
func (s *started) read() (list []rtp.Packet) {
	s.t.Helper()
	for {
		next, advance := s.cursor.Next, s.cursor.Advance
		if s.burst != nil && !s.burst.Done() {
			next, advance = s.burst.Next, s.burst.Advance
		}
		b, err := next()
		if err != nil {
			s.t.Fatal(err)
		}
		if len(b.Packets) == 0 {
			return list
		}
		n := min(len(b.Packets), 3)
		for i := range n {
			list = append(list, slices.Clone(b.RTP(i)))
			if p := b.Packets[i]; p.Timestamp != rtp.Packet(b.RTP(i)).Timestamp() {
				s.t.Errorf("the packet says %d, its index %d", rtp.Packet(b.RTP(i)).Timestamp(), p.Timestamp)
			}
		}
		advance(n)
	}
}

// gop writes a group of pictures that are shown from a number on, and sound with each.
func gop(t *testing.T, tl *timeline.Timeline, v, a *sourceOf, from uint32) {
	t.Helper()
	for _, n := range order {
		v.ts, a.ts = (from+n)*3600, (from+n)*320
		kind := byte(slice)
		if n == 0 {
			kind = idr
		}
		write(t, tl, 0, v.packet(false, kind, first), begin)
		write(t, tl, 0, v.packet(true, kind, 2), begin)
		write(t, tl, 1, a.packet(false, byte(n)), begin)
	}
}

// A new reader gets the newest group of pictures with timestamps squeezed in front of the newest picture: in their order,
// at least a tick apart, those of one picture the same, and then goes on without a jump. Of the sound it gets what is new.
func TestBurstIsSqueezedInFrontOfTheLiveEdge(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	v, a := video(), audio()
	gop(t, tl, v, a, 100)
	gop(t, tl, v, a, 110)
	s := begun(t, tl, 3)
	if s.burst == nil {
		t.Fatal("no burst")
	}
	var announced rtp.Packet
	s.burst.First(100, func(track int, b []byte) {
		if track == 0 {
			announced = b
		}
	})
	past := s.read()
	gop(t, tl, v, a, 120) // live meanwhile, and after
	gop(t, tl, v, a, 130)
	live := s.read()
	if !s.burst.Done() {
		t.Error("the burst has no end")
	}

	if announced.Sequence() != past[0].Sequence() || announced.Timestamp() != past[0].Timestamp() {
		t.Errorf("announced is %d at %d, the first is %d at %d", announced.Sequence(), announced.Timestamp(), past[0].Sequence(), past[0].Timestamp())
	}
	var shown []int32 // by picture as sent, against the newest there was
	edge := past[len(past)-1].Timestamp()
	for _, p := range past {
		if ts := p.Timestamp(); int32(ts-edge) > 0 {
			edge = ts
		}
	}
	seq := past[0].Sequence()
	for i, p := range slices.Concat(past, live) {
		if p.PayloadType() != 96 {
			if i < len(past) {
				t.Errorf("packet %d of the past is sound", i)
			}
			continue
		}
		if p.Sequence() != seq {
			t.Fatalf("packet %d: sequence %d, want %d", i, p.Sequence(), seq)
		}
		seq++
		if ts := int32(p.Timestamp() - edge); len(shown) == 0 || ts != shown[len(shown)-1] {
			shown = append(shown, ts)
		}
	}
	if len(shown) != 30 {
		t.Fatalf("%d pictures: %v", len(shown), shown)
	}
	for i, ts := range shown {
		for j, other := range shown[:i] {
			if a, b := 10*(i/10)+int(order[i%10]), 10*(j/10)+int(order[j%10]); (a > b) != (ts > other) || ts == other {
				t.Errorf("pictures %d and %d have timestamps %d and %d", a, b, ts, other)
			}
		}
	}
	if first := shown[0]; first != -9*16 { // with as few pictures there may be some in between
		t.Errorf("the first is %d ticks in front of the newest", -first)
	}
	if got, want := fmt.Sprint(shown[10:13]), "[3600 14400 7200]"; got != want {
		t.Errorf("behind the burst: %s, want %s", got, want)
	}
}

// Of a long group the pictures are a tick apart.
func TestBurstOfALongGroup(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	v := video()
	write(t, tl, 0, v.packet(true, idr, first), begin)
	for range 249 {
		v.ts += 3600
		write(t, tl, 0, v.packet(true, slice, first), begin)
	}
	past := begun(t, tl, 1).read()
	if first, last := past[0].Timestamp(), past[len(past)-1].Timestamp(); last-first != 249 {
		t.Errorf("250 pictures are squeezed into %d ticks", last-first)
	}
}

// A picture that follows the newest there was, and is shown before it, is squeezed too.
func TestBurstWithinReorderedPictures(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	v := video()
	show := func(kind byte, n uint32) {
		v.ts = n * 3600
		write(t, tl, 0, v.packet(true, kind, first), begin)
	}
	show(idr, 10)
	show(slice, 13)
	s := begun(t, tl, 1)
	past := s.read()
	show(slice, 11)
	show(slice, 12)
	show(slice, 16)
	rest := s.read()
	key, edge := past[0].Timestamp(), past[len(past)-1].Timestamp()
	b1, b2, next := rest[0].Timestamp(), rest[1].Timestamp(), rest[2].Timestamp()
	if !(int32(b1-key) > 0 && int32(b2-b1) > 0 && int32(edge-b2) > 0) || next != edge+3*3600 {
		t.Errorf("timestamps %d %d %d %d %d", key-edge, b1-edge, b2-edge, 0, next-edge)
	}
}

// A reader that is too slow for its burst goes on at a random access point of the log, as others do.
func TestBurstThatFallsOutOfTheWindow(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), &timeline.Config{Window: 64 << 10})
	v, a := video(), audio()
	gop(t, tl, v, a, 100)
	s := begun(t, tl, 3)
	b, err := s.burst.Next()
	if err != nil || len(b.Packets) == 0 {
		t.Fatal(err)
	}
	s.burst.Advance(1)
	for i := range uint32(400) {
		gop(t, tl, v, a, 110+10*i)
	}
	got := s.read()
	if s.cursor.Jumps() != 1 || !s.burst.Done() {
		t.Errorf("%d jumps, done %v", s.cursor.Jumps(), s.burst.Done())
	}
	if len(got) < 10 || got[len(got)-1].PayloadType() != 0 {
		t.Errorf("%d packets", len(got))
	}
}

// Without pictures to begin with there is no burst; the other ways to start have none.
func TestStarts(t *testing.T) {
	for _, test := range []struct {
		name     string
		sections string
		tracks   uint64
		start    timeline.Start
		want     string // of what is sent before the next group and with it
	}{
		{"instant", h264 + pcmu, 3, timeline.StartInstant, "burst"},
		{"sound only is wanted", h264 + pcmu, 2, timeline.StartInstant, "aa "},
		{"the next key picture", h264 + pcmu, 3, timeline.StartKeyframe, "aa 78 65 aa "},
		{"whatever comes", h264 + pcmu, 3, timeline.StartLive, "41 aa 78 65 aa "},
	} {
		tl := timeline.New(media(t, test.sections), nil)
		v, a := video(), audio()
		write(t, tl, 0, v.packet(true, idr, first), begin)
		v.ts += 3600
		write(t, tl, 0, v.packet(true, slice), begin)
		c := tl.Cursor(test.tracks)
		burst := c.Begin(test.start)
		if (burst != nil) != (test.want == "burst") {
			t.Errorf("%s: burst %v", test.name, burst != nil)
		}
		if burst != nil {
			continue
		}
		v.ts += 3600
		write(t, tl, 0, v.packet(true, slice), begin)
		write(t, tl, 1, a.packet(false, 0xaa), begin)
		if test.tracks == 3 {
			v.ts += 3600
			write(t, tl, 0, v.packet(true, idr, first), begin)
			write(t, tl, 1, a.packet(false, 0xaa), begin)
		}
		if got := describe(read(t, c)); got != test.want && test.tracks == 3 {
			t.Errorf("%s: read %s", test.name, got)
		}
	}
}
