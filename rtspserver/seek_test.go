package rtspserver_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A flood is a presentation that always has something to send: packets that say in which second of it
// they were asked for.
type flood struct{ stored }

func (f *flood) Open() (rtspserver.Playback, error) { return &flooding{}, nil }

type flooding struct {
	second byte
	seq    uint16
}

func (p *flooding) SSRC(int) uint32                                 { return 1 }
func (p *flooding) Select(uint64)                                   {}
func (p *flooding) Attach(*timeline.Seat)                           {}
func (p *flooding) Report(int, time.Time) (time.Time, uint32, bool) { return time.Time{}, 0, false }
func (p *flooding) Close()                                          {}
func (p *flooding) Advance(n int)                                   { p.seq += uint16(n) }
func (p *flooding) Pause(time.Time, *rtsp.Range) (rtsp.Range, bool, error) {
	return rtsp.Range{}, true, nil
}

func (p *flooding) Play(_ time.Time, r *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	if r.Range != nil {
		p.second = byte(r.Range.Start.Offset / time.Second)
	}
	return &rtspserver.PlayResult{}, nil
}

func (p *flooding) Next(time.Time) (timeline.Batch, time.Time, error) {
	const size = 1000
	b := []byte{'$', 0, size >> 8, size & 0xFF}
	b = rtp.AppendHeader(b, rtp.Header{PayloadType: 96, Sequence: p.seq, SSRC: 1})
	b = append(b, p.second)
	b = append(b, make([]byte, timeline.FrameOverhead+size-len(b))...)
	return timeline.Batch{Bytes: b, Packets: []timeline.Packet{{Size: size}}}, time.Time{}, nil
}

// FRM-08: what is asked for comes behind the answer to PLAY, even when the stream is running already.
func TestNoMediaOfASeekPrecedesItsAnswer(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		desc, err := sdp.Parse([]byte(servertest.Video))
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("flood", &flood{stored{desc: rtspserver.Description{SDP: desc}}})
		c := w.Dial()
		defer c.Close()
		c.Setup("flood/trackID=0", "tcp")
		wantOK(t, c, "PLAY", "flood")
		for second := range byte(40) {
			c.Request("PLAY", "flood", "Range: npt="+strconv.Itoa(int(second))+"-")
			for n := 0; ; n++ { // Frame stops at the answer
				f, ok := c.Frame(10 * time.Second)
				if !ok {
					break
				}
				if f.Payload[12] == second && second > 0 {
					t.Fatalf("seek %d: its media came before the answer", second)
				}
			}
			if f, ok := c.Frame(10 * time.Second); !ok || f.Payload[12] != second {
				t.Fatalf("seek %d: other media behind the answer", second)
			}
		}
	})
}
