package timeline_test

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/hostile"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// FuzzHostileSource writes whatever a source may send, of every payload format, and reads it as two readers do: one that was there
// before, and one that begins at once. SEC-01: nothing panics or hangs, what goes out is RTP of our own numbers, and it takes no more
// memory than twice what came, and a share of the log for each packet.
func FuzzHostileSource(f *testing.F) {
	all := hostile.Recordings(f)
	for i := range all {
		f.Add(uint8(i), false, all[i].Script(8))
		f.Add(uint8(i), true, all[i].Script(1000))
	}
	f.Fuzz(func(t *testing.T, which uint8, small bool, script []byte) {
		media, cfg := all[int(which)%len(all)].Media(t), &timeline.Config{Window: 64 << 10, MaxPacket: 1400}
		if small {
			cfg.MaxPacket = 200
		}
		payloadType := media.FormatList()[0].PayloadType
		in := 0
		var packets []rtp.Packet
		for _, p := range hostile.Packets(script, payloadType) {
			in += len(p)
			packets = append(packets, p)
		}
		tl := timeline.New([]*sdp.Media{media}, cfg)
		steady := tl.Cursor(1)
		steady.Join()
		out := 0
		cost := hostile.Cost(func() {
			for i, p := range packets {
				tl.Write(0, p, time.Unix(int64(i), 0))
				out += drain(t, tl, steady)
			}
			late := tl.Cursor(1)
			if b := late.Begin(timeline.StartInstant); b != nil {
				drain(t, tl, b)
			}
		})
		if bound := uint64(2*in + 200*int(tl.Packets()) + 300<<10); cost > bound {
			t.Errorf("%d bytes of memory for %d bytes in %d packets, of which %d were made: at most %d", cost, in, len(packets), tl.Packets(), bound)
		}
		if bound := 2*in + 40*int(tl.Packets()) + 128<<10; out > bound {
			t.Errorf("%d bytes went out for %d: at most %d", out, in, bound)
		}
	})
}

// drain reads all there is, and returns how many bytes.
func drain(t *testing.T, tl *timeline.Timeline, c interface {
	Next() (timeline.Batch, error)
	Advance(int)
}) (size int) {
	for {
		b, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Packets) == 0 {
			return size
		}
		for i := range b.Packets {
			p := rtp.Packet(b.RTP(i))
			if err := p.Validate(); err != nil || p.SSRC() != tl.SSRC(0) {
				t.Fatalf("% .40x goes out: %v", []byte(p), err)
			}
			size += len(p)
		}
		c.Advance(len(b.Packets))
	}
}

// A source cannot have its readers sent much for little: key pictures of a few bytes, each of another time, in front of which all the
// parameter sets that it once sent would go again. A key picture of a stream that is one has its sets in front.
func TestParameterSetsAreNotMultiplied(t *testing.T) {
	tl := timeline.New(media(t, h264), nil)
	c, src := tl.Cursor(1), video()
	c.Join()
	in, out, bare := 0, 0, 0
	send := func(body ...byte) {
		p := src.packet(true, body...)
		in += len(p)
		write(t, tl, 0, p, time.Unix(1, 0))
		for _, p := range read(t, c) {
			out += len(p)
		}
	}
	for id := range 32 { // SPS of every id, padded, which a decoder would have to keep
		set := append([]byte{0x67, 66, 0xC0, 30}, spsOf(id)...)
		send(append(set, bytes.Repeat([]byte{0x55}, 900)...)...)
	}
	for range 20_000 {
		src.ts += 3000
		before := tl.Packets()
		send(idr, first, 0x80)
		if tl.Packets() == before+1 {
			bare++
		}
	}
	if out > 2*in+128<<10 || bare == 0 {
		t.Errorf("%d bytes went out for %d, %d pictures without sets", out, in, bare)
	}
}

// spsOf is how the rest of an SPS begins that has an id: an unsigned Exp-Golomb code (ITU-T H.264 §9.1), from the left.
func spsOf(id int) []byte {
	return binary.BigEndian.AppendUint16(nil, uint16(id+1)<<(16-2*bits.Len(uint(id+1))+1))
}
