package timeline_test

import (
	"errors"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

// PLD-05: parameter sets of a newer description go in front of the next key picture; a description that
// says the same changes nothing of what was learned since.
func TestRedescribedParameterSets(t *testing.T) {
	const other = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsw==\r\n"
	for description, want := range map[string]byte{h264: 0xb2, other: 0xb3} {
		tl := timeline.New(media(t, h264), nil)
		c, src := tl.Cursor(1), video()
		c.Join()
		tl.Redescribe(media(t, description))
		write(t, tl, 0, src.packet(true, idr, first), begin)
		if params := read(t, c)[0].Payload(); params[len(params)-1] != want {
			t.Errorf("% x, want the last byte %02x", params, want)
		}
	}
}

// RTP-03: who comes after an interruption is believed whatever payload type it begins with; a second source
// beside the one that is there is not.
func TestPayloadTypeOfASource(t *testing.T) {
	const two = "m=audio 0 RTP/AVP 97 98\r\na=rtpmap:97 x/8000\r\na=rtpmap:98 y/8000\r\n"
	tl := timeline.New(media(t, two), nil)
	c := tl.Cursor(1)
	c.Join()
	main, beside := &sourceOf{pt: 98, ssrc: 1}, &sourceOf{pt: 99, ssrc: 2}
	again, moved := &sourceOf{pt: 98, ssrc: 3}, &sourceOf{pt: 98, ssrc: 4}
	write(t, tl, 0, main.packet(true, 1), begin)
	write(t, tl, 0, beside.packet(true, 0xee), begin)
	tl.Interrupt()
	write(t, tl, 0, again.packet(true, 2), begin.Add(time.Second))
	write(t, tl, 0, beside.packet(true, 0xee), begin.Add(time.Second))
	write(t, tl, 0, moved.packet(true, 3), begin.Add(2*time.Second))
	if got := describe(read(t, c)); got != "01 02 03 " {
		t.Errorf("read %s", got)
	}
}

// A timeline that is closed takes nothing more, and gives its memory back.
func TestClosedTimelineTakesNothing(t *testing.T) {
	budget := timeline.NewBudget(1 << 20)
	tl := timeline.New(media(t, pcmu), &timeline.Config{Budget: budget})
	src, gone := audio(), errors.New("gone")
	write(t, tl, 0, src.packet(true, 1), begin)
	tl.Close(gone)
	if err := tl.Write(0, src.packet(true, make([]byte, 40000)...), begin); !errors.Is(err, gone) {
		t.Errorf("Write: %v", err)
	}
	if budget.Used() != 0 {
		t.Errorf("%d bytes are kept", budget.Used())
	}
}

// RTP-05: a packet whose header is longer than others is marked, so that its payload can be counted.
func TestLongHeadersAreMarked(t *testing.T) {
	tl := timeline.New(media(t, pcmu), nil)
	c := tl.Cursor(1)
	c.Join()
	write(t, tl, 0, rtp.Packet("\x80\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\xd5"), begin)
	write(t, tl, 0, rtp.Packet("\x81\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x09\xd5"), begin)
	b, err := c.Next()
	if err != nil || len(b.Packets) != 2 {
		t.Fatalf("%d packets, %v", len(b.Packets), err)
	}
	if b.Packets[0].Flags&timeline.LongHeader != 0 || b.Packets[1].Flags&timeline.LongHeader == 0 {
		t.Errorf("flags %b and %b", b.Packets[0].Flags, b.Packets[1].Flags)
	}
}
