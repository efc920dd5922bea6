package timeline_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

var begin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// RTP-03: sequence numbers of the source go on across its wrap, and keep its gaps, under the
// presentation's own SSRC.
func TestSequenceNumbersKeepTheSourcesGaps(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c := tl.Cursor(1)
	c.Join()
	src := video()
	write(t, tl, 0, src.packet(false, idr, first), begin)
	write(t, tl, 0, src.packet(false, slice, 2), begin)
	src.seq += 3 // lost on the way
	write(t, tl, 0, src.packet(true, slice, 3), begin)
	got := read(t, c)
	if len(got) != 4 { // the parameter sets, then three
		t.Fatalf("got %d packets", len(got))
	}
	for i, want := range []uint16{0, 1, 2, 6} {
		if d := got[i].Sequence() - got[0].Sequence(); d != want {
			t.Errorf("packet %d: sequence +%d, want +%d", i, d, want)
		}
		if got[i].SSRC() != tl.SSRC(0) {
			t.Errorf("packet %d: SSRC %08x, want %08x", i, got[i].SSRC(), tl.SSRC(0))
		}
	}
}

// PLD-05, RTP-16: parameter sets that are only in the SDP go in front of a key picture, and a reader
// begins with them.
func TestReaderBeginsWithParameterSets(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	src, snd := video(), audio()
	write(t, tl, 0, src.packet(true, slice), begin)
	write(t, tl, 0, src.packet(true, idr, first), begin)
	write(t, tl, 1, snd.packet(false, 0xaa), begin)
	src.ts += 3600
	write(t, tl, 0, src.packet(true, slice), begin)
	c := tl.Cursor(3)
	c.Join()
	if got := describe(read(t, c)); got != "78 65 aa 41 " { // STAP-A, IDR, audio, P
		t.Errorf("read %s", got)
	}
}

// PLD-05: parameter sets that come in band are not repeated, and the unit begins with them.
func TestParameterSetsInBandAreNotRepeated(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	src := video()
	write(t, tl, 0, src.packet(true, slice), begin)
	src.ts += 3600
	sps := append([]byte{0x67}, bytes.Repeat([]byte{1}, 10)...)
	write(t, tl, 0, src.packet(false, sps...), begin)
	write(t, tl, 0, src.packet(false, 0x68, 0xce, 0x3c, 0x80), begin)
	write(t, tl, 0, src.packet(true, idr, first), begin)
	c := tl.Cursor(1)
	c.Join()
	if got := describe(read(t, c)); got != "67 68 65 " {
		t.Errorf("read %s", got)
	}
}

// Some cameras set the marker on parameter sets, as if a picture ended there: it is left to the picture.
func TestMarkerOnParameterSetsIsTakenOff(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	src := video()
	write(t, tl, 0, src.packet(true, slice), begin)
	src.ts += 3600
	write(t, tl, 0, src.packet(true, append([]byte{0x67}, bytes.Repeat([]byte{1}, 10)...)...), begin)
	write(t, tl, 0, src.packet(true, 0x68, 0xce, 0x3c, 0x80), begin)
	write(t, tl, 0, src.packet(true, idr, first), begin)
	c := tl.Cursor(1)
	c.Join()
	var markers []bool
	for _, p := range read(t, c) {
		markers = append(markers, p.Marker())
	}
	if !slices.Equal(markers, []bool{false, false, true}) {
		t.Errorf("markers %v", markers)
	}
}

// RTP-16: without a random access point in the window video waits for the next, audio does not.
func TestVideoWaitsForARandomAccessPoint(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	src, snd := video(), audio()
	write(t, tl, 0, src.packet(true, slice), begin)
	c := tl.Cursor(3)
	c.Join()
	write(t, tl, 0, src.packet(true, slice), begin)
	write(t, tl, 1, snd.packet(false, 0xaa), begin)
	write(t, tl, 0, src.packet(true, slice), begin)
	if got := describe(read(t, c)); got != "aa " {
		t.Errorf("read %s", got)
	}
	if !c.Waiting(0) || c.Waiting(1) {
		t.Error("the video track should wait, the audio track should not")
	}
	src.ts += 3600
	write(t, tl, 0, src.packet(true, idr, first), begin)
	write(t, tl, 1, snd.packet(false, 0xbb), begin)
	if got := describe(read(t, c)); got != "78 65 bb " {
		t.Errorf("read %s", got)
	}
}

// PLD-21: what is not known is relayed byte by byte, from the live edge on.
func TestUnknownFormatIsRelayedAsItIs(t *testing.T) {
	tl := timeline.New(media(t, text), nil)
	src := &sourceOf{pt: 98, ssrc: 1}
	write(t, tl, 0, src.packet(false, 1), begin)
	c := tl.Cursor(1)
	c.Join()
	body := bytes.Repeat([]byte{0xfe}, 4000) // larger than a datagram: nobody knows how to cut it
	write(t, tl, 0, src.packet(true, body...), begin)
	got := read(t, c)
	if len(got) != 1 || !bytes.Equal(got[0].Payload(), body) || !got[0].Marker() {
		t.Fatalf("got %d packets", len(got))
	}
}

// RTP-15: packets that no datagram holds are fragmented once, and numbers go on behind them.
func TestLargePacketsAreFragmented(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c := tl.Cursor(1)
	c.Join()
	src := video()
	nal := append([]byte{idr, first}, bytes.Repeat([]byte{0x55}, 9998)...)
	write(t, tl, 0, src.packet(true, nal...), begin)
	src.ts += 3600
	write(t, tl, 0, src.packet(true, slice), begin)
	got := read(t, c)
	joined := []byte{idr}
	for i, p := range got {
		if len(p) > timeline.DefaultMaxPacket {
			t.Errorf("packet %d has %d bytes", i, len(p))
		}
		if d := p.Sequence() - got[0].Sequence(); d != uint16(i) {
			t.Errorf("packet %d: sequence +%d", i, d)
		}
		if body := p.Payload(); body[0]&0x1f == 28 { // FU-A
			joined = append(joined, body[2:]...)
			if last := body[1]&0x40 != 0; last != p.Marker() {
				t.Errorf("packet %d: marker %v, last %v", i, p.Marker(), last)
			}
		}
	}
	if !bytes.Equal(joined, nal) {
		t.Errorf("fragments join to %d bytes, want %d", len(joined), len(nal))
	}
	if got[0].Timestamp() == got[len(got)-1].Timestamp() {
		t.Error("the next picture has the timestamp of the last")
	}
}

// RTP-03: a source that comes back with other numbers goes on where it stopped, as much later as time
// has passed.
func TestReturningSourceContinues(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c := tl.Cursor(1)
	c.Join()
	src := video()
	write(t, tl, 0, src.packet(true, idr, first), begin)
	tl.Interrupt()
	again := &sourceOf{pt: 96, seq: 40000, ts: 77, ssrc: 99}
	write(t, tl, 0, again.packet(true, slice), begin.Add(2*time.Second))
	got := read(t, c)
	a, b := got[len(got)-2], got[len(got)-1]
	if d := b.Sequence() - a.Sequence(); d != 1 {
		t.Errorf("sequence +%d, want +1", d)
	}
	if d := b.Timestamp() - a.Timestamp(); d != 180000 {
		t.Errorf("timestamp +%d, want +180000", d)
	}
	if a.SSRC() != b.SSRC() {
		t.Error("SSRC changed")
	}
}

// RTP-03: readers that move to another timeline see no jump either.
func TestNextTimelineContinues(t *testing.T) {
	old := timeline.New(media(t, h264), nil)
	write(t, old, 0, video().packet(true, idr, first), begin)
	was := old.Cursor(1)
	was.Join()
	last := read(t, was)[1]
	tl := timeline.New(media(t, h264+pcmu), nil)
	tl.Continue(old)
	c := tl.Cursor(3)
	c.Join()
	write(t, tl, 0, video().packet(true, idr, first), begin.Add(time.Second))
	first := read(t, c)[0]
	if first.Sequence() != last.Sequence()+1 || first.Timestamp()-last.Timestamp() != 90000 || first.SSRC() != last.SSRC() {
		t.Errorf("sequence %d after %d, timestamp +%d", first.Sequence(), last.Sequence(), first.Timestamp()-last.Timestamp())
	}
}

// FRM-13: a reader that falls out of the window goes on at the newest random access point, with whole
// pictures, and the log does not grow.
func TestSlowReaderSkipsToARandomAccessPoint(t *testing.T) {
	tl := timeline.New(media(t, h264), &timeline.Config{Window: 64 << 10})
	src := video()
	picture := func(nal byte, at time.Time) {
		for i := range 4 {
			write(t, tl, 0, src.packet(i == 3, append([]byte{nal, 0x80 >> i}, make([]byte, 1000)...)...), at)
		}
		src.ts += 3600
	}
	picture(idr, begin)
	c := tl.Cursor(1)
	c.Join()
	c.Advance(2) // in the middle of a picture
	for i := range 100 {
		if i%10 == 9 {
			picture(idr, begin)
		} else {
			picture(slice, begin)
		}
	}
	got := read(t, c)
	if c.Jumps() != 1 {
		t.Errorf("jumped %d times", c.Jumps())
	}
	if describe(got[:2]) != "78 65 " {
		t.Errorf("goes on with %s", describe(got[:2]))
	}
	if n := tl.Bytes(); n > 3*64<<10 {
		t.Errorf("the log holds %d bytes", n)
	}
}

// A reader that waits where nothing has been yet gets the first packet, however it comes between two looks: it has not
// fallen out of the window.
func TestReaderThatWaitsGetsTheFirstPacket(t *testing.T) {
	at := time.Now()
	for range 20000 {
		tl := timeline.New(media(t, pcmu), nil)
		c := tl.Cursor(1)
		c.Join()
		p := audio().packet(true, 1)
		go tl.Write(0, p, at)
		for {
			b, err := c.Next()
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Packets) > 0 {
				break
			}
			if c.Jumps() > 0 {
				t.Fatal("skipped")
			}
			runtime.Gosched()
		}
	}
}

// A budget caps all timelines together: the one that grows gives way.
func TestBudgetCapsAllTimelines(t *testing.T) {
	budget := timeline.NewBudget(512 << 10)
	var all []*timeline.Timeline
	for range 4 {
		all = append(all, timeline.New(media(t, text), &timeline.Config{Budget: budget}))
	}
	for i := range 4000 {
		src := &sourceOf{pt: 98, ssrc: 1, seq: uint16(i)}
		write(t, all[i%4], 0, src.packet(false, make([]byte, 1000)...), begin)
	}
	if n := budget.Used(); n > 512<<10+4*256<<10 { // each may hold two chunks whatever the budget says
		t.Errorf("%d bytes held", n)
	}
	for _, tl := range all {
		tl.Close(nil)
	}
	if n := budget.Used(); n != 0 {
		t.Errorf("%d bytes held after closing", n)
	}
}

// STA-13: a session with some of the tracks steps over the others.
func TestSubsetOfTracks(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	c := tl.Cursor(2)
	c.Join()
	src, snd := video(), audio()
	write(t, tl, 0, src.packet(true, slice), begin)
	write(t, tl, 1, snd.packet(false, 0xaa), begin)
	b, err := c.Next()
	if err != nil || len(b.Packets) != 2 {
		t.Fatalf("%d packets, %v", len(b.Packets), err)
	}
	if b.Packets[1].Track != 1 || b.RTP(1)[12] != 0xaa {
		t.Errorf("second packet is of track %d", b.Packets[1].Track)
	}
}

// STA-04: a video track that is added while others play begins at a random access point.
func TestAddedTrackBeginsAtARandomAccessPoint(t *testing.T) {
	tl := timeline.New(media(t, pcmu+h264), nil)
	c := tl.Cursor(1)
	c.Join()
	c.Select(3)
	src := video()
	write(t, tl, 1, src.packet(true, slice), begin)
	write(t, tl, 0, audio().packet(false, 0xaa), begin)
	src.ts += 3600
	write(t, tl, 1, src.packet(true, idr, first), begin)
	if got := describe(read(t, c)); got != "aa 78 65 " {
		t.Errorf("read %s", got)
	}
}

// RTI-01, RTI-04: the first packet of each track is found; a track that has none yet is not.
func TestFirstPackets(t *testing.T) {
	tl := timeline.New(media(t, h264+pcmu), nil)
	src := video()
	write(t, tl, 0, src.packet(true, idr, first), begin)
	c := tl.Cursor(3)
	c.Join()
	found := map[int]uint16{}
	c.First(100, func(track int, p []byte) { found[track] = rtp.Packet(p).Sequence() })
	want := read(t, c)[0].Sequence()
	if len(found) != 1 || found[0] != want {
		t.Errorf("found %v, want sequence %d of track 0 alone", found, want)
	}
}

// RTP-05, RTP-06: a report names the timestamp of a moment as readers see it, by the source's clock.
func TestReportFollowsTheSourcesClock(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c := tl.Cursor(1)
	c.Join()
	if _, ok := tl.Report(0, begin); ok {
		t.Error("a report of nothing")
	}
	src := video()
	write(t, tl, 0, src.packet(true, idr, first), begin)
	first := read(t, c)[0].Timestamp()
	tl.SenderReport(0, rtp.SenderReport{SSRC: 7, NTP: rtp.NTPTime(begin.Add(-20 * time.Millisecond)), RTPTime: 1000}, begin)
	ts, ok := tl.Report(0, begin.Add(time.Second))
	if want := first + 90000 + 1800; !ok || ts-want+1 > 2 { // a tick of rounding in NTP fractions
		t.Errorf("report %d, want %d", ts, want)
	}
	at, ok := tl.Time(0, ts)
	if d := at.Sub(begin.Add(time.Second)); !ok || d.Abs() > 100*time.Microsecond {
		t.Errorf("time is %v off", d)
	}
}

// A cursor reads what is there before it hears of the end.
func TestCloseComesBehindTheLastPacket(t *testing.T) {
	tl := timeline.New(media(t, text), nil)
	c := tl.Cursor(1)
	c.Join()
	write(t, tl, 0, (&sourceOf{pt: 98}).packet(false, 1), begin)
	gone := errors.New("gone")
	tl.Close(gone)
	b, err := c.Next()
	if err != nil || len(b.Packets) != 1 {
		t.Fatalf("%d packets, %v", len(b.Packets), err)
	}
	c.Advance(1)
	if _, err = c.Next(); err != gone {
		t.Errorf("ended with %v", err)
	}
}

// SEC-01: what is no RTP packet is refused and leaves no trace.
func TestGarbageIsRefused(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	for _, b := range [][]byte{nil, {0x80}, make([]byte, 12), bytes.Repeat([]byte{0xff}, 20)} {
		if err := tl.Write(0, b, begin); err == nil {
			t.Errorf("% x was written", b)
		}
	}
	if err := tl.Write(5, video().packet(true, idr, first), begin); err != timeline.ErrTrack {
		t.Errorf("unknown track: %v", err)
	}
	if n := tl.Packets(); n != 0 {
		t.Errorf("%d packets in the log", n)
	}
}
