package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

// RTI-01, RTI-10, RTP-05: who comes in the middle of a long group of pictures gets all of it within a moment, each picture a
// tick behind the other, as RTP-Info says; what follows goes on from there without a jump, and reports agree.
func TestStartIsInstant(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live := w.Handler.Live("cam", servertest.VideoAudio)
			video, audio := servertest.Source{PayloadType: 96, SSRC: 1}, servertest.Source{SSRC: 2}
			servertest.Write(live, 0, video.Key(0))
			servertest.Write(live, 1, audio.Packet(true, 1))
			for range 99 {
				w.Wait(40 * time.Millisecond)
				audio.Timestamp += 320
				servertest.Write(live, 0, video.Delta(1))
				servertest.Write(live, 1, audio.Packet(false, 1))
			}
			c := w.Dial()
			defer c.Close()
			lanes := watchBoth(c, [2]string{lower, lower})
			info := infoOf(t, wantOK(t, c, "PLAY", "cam"))
			begun := time.Now()
			var all []rtp.Packet
			for p := lanes[0].RTP(20 * time.Millisecond); p != nil; p = lanes[0].RTP(20 * time.Millisecond) {
				all = append(all, p)
			}
			if len(all) < 100 || time.Since(begun) > 40*time.Millisecond {
				t.Fatalf("%s: %d packets of the past in %v", lower, len(all), time.Since(begun))
			}
			if all[0].Sequence() != info[0].Seq {
				t.Errorf("%s: begins with %d, announced is %d", lower, all[0].Sequence(), info[0].Seq)
			}
			edge := all[len(all)-1].Timestamp()
			for i, p := range all[1:] {
				if d := p.Timestamp() - all[i].Timestamp(); p.Sequence() != all[i].Sequence()+1 || d > 1 || edge-all[0].Timestamp() != 99 {
					t.Fatalf("%s: packet %d is %d ticks later, its number %d behind %d", lower, i+1, d, p.Sequence(), all[i].Sequence())
				}
			}
			w.Wait(time.Until(begun.Add(40 * time.Millisecond)))
			servertest.Write(live, 0, video.Delta(1))
			audio.Timestamp += 320
			servertest.Write(live, 1, audio.Packet(false, 2))
			next, sound := rtp.Packet(lanes[0].RTP(time.Second)), rtp.Packet(lanes[1].RTP(time.Second))
			if next.Timestamp() != edge+3600 {
				t.Errorf("%s: behind the burst %d ticks", lower, next.Timestamp()-edge)
			}
			if sound.Payload()[0] != 2 || sound.Sequence() != info[1].Seq {
				t.Errorf("%s: sound begins with % x, announced is %d", lower, sound, info[1].Seq)
			}
			for p := range rtp.Packets(lanes[0].RTCP(time.Second)) {
				if sr, ok := p.SenderReport(); ok {
					captured := sr.NTP.Time().Add(time.Duration(int32(edge-sr.RTPTime)) * time.Second / 90000)
					if off := captured.Sub(begun); off < -60*time.Millisecond || off > 20*time.Millisecond {
						t.Errorf("%s: by the report the newest picture was taken %v after PLAY", lower, off)
					}
				}
			}
		})
	}
}

// A reader may ask for another start than that of the path: with the next key picture, or with whatever comes.
func TestStartOfAPresentation(t *testing.T) {
	for start, want := range map[timeline.Start]byte{timeline.StartKeyframe: 0x65, timeline.StartLive: 0x41} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live := w.Handler.Live("cam", servertest.VideoAudio)
			w.Handler.Put("cam", live.Starting(start))
			video := servertest.Source{PayloadType: 96, SSRC: 1}
			servertest.Write(live, 0, video.Key(1))
			c := w.Dial()
			defer c.Close()
			lane := c.Watch("cam", "tcp", 1)[0]
			if p := lane.RTP(time.Second); p != nil {
				t.Errorf("%v: the past is sent: % x", start, p)
			}
			servertest.Write(live, 0, video.Delta(2))
			servertest.Write(live, 0, video.Key(3))
			first := rtp.Packet(lane.RTP(time.Second))
			for first != nil && first.Payload()[0]&31 > 5 { // parameter sets
				first = lane.RTP(time.Second)
			}
			if first == nil || first.Payload()[0] != want {
				t.Errorf("%v: begins with % x", start, first)
			}
		})
	}
}

// Over UDP a large group of pictures is spread over time, so that a socket with the usual buffer of 208 KiB, which has room
// for about ninety packets, can take it.
func TestBurstOverUDPIsPaced(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.VideoAudio)
		video := servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, video.Key(1))
		payload := make([]byte, 1300)
		payload[0], payload[1] = 0x41, 0x9a
		for range 3000 {
			video.Timestamp += 100
			servertest.Write(live, 0, video.Packet(true, payload...))
		}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "udp", 1)[0]
		var came []time.Time
		for lane.RTP(time.Second) != nil {
			came = append(came, time.Now())
		}
		if len(came) < 3000 {
			t.Fatalf("%d packets", len(came))
		}
		const room = 60
		for i := range came[room:] {
			if d := came[i+room].Sub(came[i]); d < 3*time.Millisecond {
				t.Fatalf("%d packets within %v", room, d)
			}
		}
		if d := came[len(came)-1].Sub(came[0]); d > time.Second {
			t.Errorf("4 MB took %v", d)
		}
	})
}
