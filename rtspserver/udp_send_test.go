package rtspserver_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
)

// RTP-01: a burst of packets of equal and of other sizes, of two tracks in turn and more than one call of
// the system takes, arrives whole: each packet a datagram of its own, in the order of its track.
func TestBurstOverUDPArrivesPacketByPacket(t *testing.T) {
	for _, portable := range []bool{false, true} {
		t.Run(fmt.Sprintf("portable=%v", portable), func(t *testing.T) {
			servertest.OnLoopback(t, portable, nil, func(t *testing.T, w *servertest.World) {
				live := w.Handler.Live("cam", servertest.VideoAudio)
				c := w.Dial()
				defer c.Close()
				lanes := c.Watch("cam", "udp", 2)
				video, audio := servertest.Source{PayloadType: 96}, servertest.Source{}
				servertest.Write(live, 0, video.Key(0))
				want := [2][][]byte{}
				for i := range 75 { // what a receive buffer of 208 KiB holds
					size := 1000
					if i%20 > 15 {
						size = 100 + i // a run ends with a shorter one, and longer ones begin another
					}
					v := append([]byte{0x41, 0x9a}, bytes.Repeat([]byte{byte(i)}, size)...)
					a := bytes.Repeat([]byte{byte(i)}, 160)
					want[0], want[1] = append(want[0], v), append(want[1], a)
					live.Write(0, video.Packet(true, v...), time.Now())
					live.Write(1, audio.Packet(false, a...), time.Now())
				}
				live.Flush()
				for track, lane := range lanes {
					for i, payload := range want[track] {
						got := lane.RTP(5 * time.Second)
						for track == 0 && i == 0 && got != nil && rtp.Packet(got).Payload()[0] != 0x41 {
							got = lane.RTP(5 * time.Second) // parameter sets and the key picture
						}
						if got == nil || !bytes.Equal(rtp.Packet(got).Payload(), payload) {
							t.Fatalf("track %d, packet %d: %d bytes, not %d of the payload", track, i, len(got), len(payload))
						}
					}
				}
			})
		})
	}
}
