package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
)

// RTP-03, RTP-05, scorecard 12: a publisher has one picture ten hours ahead and one behind, its clock is set and its timestamps wrap. Readers
// stay, get every picture, later than the one before and hardly later than it came, and reports that say when that was.
func TestTimestampTorture(t *testing.T) {
	const hours, frame = 10 * 3600 * 90000 % (1 << 32), 40 * time.Millisecond
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			camera := c.Publish("cam", servertest.Video, lower)[0]
			src := servertest.Source{PayloadType: 96, SSRC: 1, Timestamp: 1<<32 - 900*3600}
			camera.SendRTP(src.Key(0))
			w.Wait(frame)
			viewer := w.Dial()
			defer viewer.Close()
			lane := viewer.Watch("cam", lower, 1)[0]
			for first := lane.RTP(time.Second); first[12]&31 != 5; first = lane.RTP(time.Second) {
			}
			begin, clock, last, report := time.Now(), src.Timestamp, uint32(0), rtp.SenderReport{}
			for i := range 1500 {
				w.Wait(time.Until(begin.Add(time.Duration(i) * frame)))
				if i%100 == 60 {
					camera.SendRTCP(rtp.AppendCNAME(rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 1, NTP: rtp.NTPTime(time.Now()), RTPTime: clock + 3600}), 1, "cam"))
				}
				clock += 3600
				switch src.Timestamp = clock; i {
				case 300:
					src.Timestamp += hours
				case 600:
					src.Timestamp -= hours
				case 1100:
					clock -= hours
					src.Timestamp = clock
				}
				camera.SendRTP(src.Packet(true, 0x41, 0x9a, byte(i)))
				got := rtp.Packet(lane.RTP(frame / 2))
				if got == nil || got.Payload()[2] != byte(i) {
					t.Fatalf("%s: picture %d has not come: % x", lower, i, []byte(got))
				}
				if d := got.Timestamp() - last; i > 0 && d != 3600 {
					t.Errorf("%s: picture %d is %d after the one before", lower, i, int32(d))
				}
				last = got.Timestamp()
				for b := lane.RTCP(time.Microsecond); b != nil; b = lane.RTCP(time.Microsecond) {
					for p := range rtp.Packets(b) {
						if sr, ok := p.SenderReport(); ok {
							report = sr
						}
					}
				}
				shown := report.NTP.Time().Add(time.Duration(int32(last-report.RTPTime)) * time.Second / 90000)
				if off := time.Since(shown); report.NTP != 0 && off.Abs() > 10*time.Millisecond {
					t.Errorf("%s: picture %d is %v off by the reports", lower, i, off)
				}
			}
		})
	}
}
