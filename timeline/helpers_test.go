package timeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// media parses media sections, without the lines that every description has.
func media(t testing.TB, sections string) []*sdp.Media {
	t.Helper()
	s, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=t\r\nt=0 0\r\n" + sections))
	if err != nil {
		t.Fatal(err)
	}
	return s.Media
}

const (
	// SPS and PPS of a 640×360 baseline stream, as a publisher puts them in its SDP.
	h264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\n"
	pcmu = "m=audio 0 RTP/AVP 0\r\n"
	text = "m=application 0 RTP/AVP 98\r\na=rtpmap:98 vnd.x/1000\r\n"
)

// NAL unit types of H.264 that tests send.
const (
	slice = 0x41
	idr   = 0x65
	first = 0x88 // the byte behind it: first macroblock of the picture
)

// A sourceOf makes the packets of one track of a source.
type sourceOf struct {
	pt   uint8
	seq  uint16
	ts   uint32
	ssrc uint32
}

func (s *sourceOf) packet(marker bool, body ...byte) rtp.Packet {
	p := rtp.AppendHeader(nil, rtp.Header{Marker: marker, PayloadType: s.pt, Sequence: s.seq, Timestamp: s.ts, SSRC: s.ssrc})
	s.seq++
	return append(p, body...)
}

func video() *sourceOf { return &sourceOf{pt: 96, seq: 65530, ts: 1000, ssrc: 7} }
func audio() *sourceOf { return &sourceOf{pt: 0, seq: 9, ts: 5, ssrc: 8} }

// write appends and fails the test when that fails.
func write(t testing.TB, tl *timeline.Timeline, track int, p rtp.Packet, at time.Time) {
	t.Helper()
	if err := tl.Write(track, p, at); err != nil {
		t.Fatal(err)
	}
}

// read takes everything that a cursor can get now.
func read(t testing.TB, c *timeline.Cursor) []rtp.Packet {
	t.Helper()
	var all []rtp.Packet
	for {
		b, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Packets) == 0 {
			return all
		}
		for i := range b.Packets {
			all = append(all, b.RTP(i))
		}
		c.Advance(len(b.Packets))
	}
}

// describe names packets by the first byte of their payload, for comparing.
func describe(packets []rtp.Packet) string {
	s := ""
	for _, p := range packets {
		s += fmt.Sprintf("%02x ", p.Payload()[0])
	}
	return s
}

// running runs shards until the test ends.
func running(t testing.TB, n int) *timeline.Shards {
	t.Helper()
	shards := timeline.NewShards(n)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { shards.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return shards
}
