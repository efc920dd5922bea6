package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// RTP-16, RTI-01, FRM-08: a reader of a live presentation gets the newest key picture with its parameter
// sets, then what follows, numbered as RTP-Info says.
func TestReaderOfLiveMedia(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		t.Run(lower, func(t *testing.T) {
			servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
				live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96, SSRC: 1}
				servertest.Write(live, 0, src.Delta(0), src.Key(1), src.Delta(2))
				c := w.Dial()
				defer c.Close()
				lane := c.Setup("cam/trackID=0", lower)
				resp := c.Do("PLAY", "cam", "Range: npt=0.000-")
				if resp.Status != rtsp.StatusOK {
					t.Fatalf("PLAY: %d", resp.Status)
				}
				info, err := rtsp.ParseRTPInfo(resp.Header.Values("RTP-Info"))
				if err != nil || len(info) != 1 {
					t.Fatalf("RTP-Info %q: %v", resp.Header.Get("RTP-Info"), err)
				}
				servertest.Write(live, 0, src.Delta(3))
				for i, want := range []byte{0x78, 0x65, 0x41, 0x41} {
					p := rtp.Packet(lane.RTP(time.Second))
					if p == nil {
						t.Fatalf("packet %d did not come", i)
					}
					if p.Payload()[0] != want || p.Sequence() != info[0].Seq+uint16(i) || p.SSRC() != lane.Transport.SSRC[0] {
						t.Errorf("packet %d: %x, sequence %d, SSRC %08x", i, p.Payload(), p.Sequence(), p.SSRC())
					}
				}
				if sr := lane.RTCP(time.Second); rtp.ValidateCompound(sr) != nil {
					t.Errorf("sender report: % x", sr)
				}
				if resp := c.Do("TEARDOWN", "cam"); resp.Status != rtsp.StatusOK {
					t.Errorf("TEARDOWN: %d", resp.Status)
				}
			}, servertest.NeedOf(lower))
		})
	}
}
