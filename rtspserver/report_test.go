package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// RTP-04, RTP-05: the first sender report comes within 100 ms of PLAY, the next every 5 s; each is a whole
// compound of SR and SDES, with one CNAME for all tracks and the counts of what was sent.
func TestSenderReports(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live := w.Handler.Live("cam", servertest.VideoAudio)
			video, audio := servertest.Source{PayloadType: 96, SSRC: 1}, servertest.Source{SSRC: 2}
			servertest.Write(live, 0, video.Key(1))
			servertest.Write(live, 1, audio.Packet(false, 1, 2))
			c := w.Dial()
			defer c.Close()
			lanes := c.Watch("cam", lower, 2)
			servertest.Write(live, 1, audio.Packet(false, 1, 2)) // older sound is not sent
			begin := time.Now()
			names, sent := map[string]bool{}, [2]int{2, 1} // parameter sets and key; audio
			octets := [2]int{len(lanes[0].RTP(time.Second)) - 12 + 3, 2}
			for round := range 4 {
				for i, lane := range lanes {
					b := lane.RTCP(time.Until(begin.Add(time.Duration(round)*5*time.Second + 100*time.Millisecond)))
					if rtp.ValidateCompound(b) != nil || rtp.RTCP(b).Type() != rtp.SR {
						t.Fatalf("%s: report %d of track %d: % x", lower, round, i, b)
					}
					for p := range rtp.Packets(b) {
						if sr, ok := p.SenderReport(); ok {
							if sr.SSRC != lane.Transport.SSRC[0] || round > 0 && (int(sr.Packets) != sent[i] || int(sr.Octets) != octets[i]) {
								t.Errorf("%s: report %d of track %d: %+v, want %d packets, %d octets", lower, round, i, sr, sent[i], octets[i])
							}
							if skew := time.Since(sr.NTP.Time()); skew.Abs() > 100*time.Millisecond {
								t.Errorf("%s: wall clock is %v off", lower, skew)
							}
						}
						if ssrc, name, ok := p.CNAME(); ok && ssrc == lane.Transport.SSRC[0] {
							names[name] = true
						}
					}
				}
				servertest.Write(live, 0, video.Delta(2))
				servertest.Write(live, 1, audio.Packet(false, 1, 2))
				sent, octets = [2]int{sent[0] + 1, sent[1] + 1}, [2]int{octets[0] + 3, octets[1] + 2}
			}
			if len(names) != 1 {
				t.Errorf("%s: CNAMEs %v", lower, names)
			}
		})
	}
}

// RTP-04: a reader that waits for the first packet of a presentation gets a report within 100 ms of it.
func TestSenderReportOfALateSource(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "udp", 1)[0]
		if b := lane.RTCP(7300 * time.Millisecond); b != nil {
			t.Errorf("report of what is not known: % x", b)
		}
		servertest.Write(live, 0, src.Packet(true, 1))
		if b := lane.RTCP(100 * time.Millisecond); b == nil {
			t.Error("no report")
		}
	})
}

// RTP-09: BYE comes for each track when a session or a presentation ends, and not on PAUSE.
func TestBYEEndsEachTrack(t *testing.T) {
	ends := map[string]func(c *servertest.Client, live *rtspserver.Live){
		"TEARDOWN": func(c *servertest.Client, _ *rtspserver.Live) { c.Request("TEARDOWN", "cam") },
		"end":      func(_ *servertest.Client, live *rtspserver.Live) { live.End(nil) },
		"kick":     func(c *servertest.Client, _ *rtspserver.Live) { c.W.Server.Sessions()[0].Kick() },
	}
	for name, end := range ends {
		for _, lower := range []string{"tcp", "udp"} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				live, src := w.Handler.Live("cam", servertest.VideoAudio), servertest.Source{}
				servertest.Write(live, 1, src.Packet(true, 1))
				c := w.Dial()
				defer c.Close()
				lanes := c.Watch("cam", lower, 2)
				c.Do("PAUSE", "cam")
				w.Wait(6 * time.Second)
				for b := lanes[1].RTCP(time.Millisecond); b != nil; b = lanes[1].RTCP(time.Millisecond) {
					for p := range rtp.Packets(b) {
						if p.Type() == rtp.BYE {
							t.Errorf("%s: BYE on PAUSE", lower)
						}
					}
				}
				c.Do("PLAY", "cam")
				end(c, live)
				for i, lane := range lanes {
					if !bye(lane) {
						t.Errorf("%s over %s: no BYE for track %d", name, lower, i)
					}
				}
			})
		}
	}
}

// A camera sends two tracks by a wall clock of its own, audio late by as much as its encoder takes.
type camera struct {
	t            *testing.T
	lanes        []*servertest.Lane
	video, audio servertest.Source
	skew         time.Duration // of its wall clock against ours
	begin        time.Time
}

const (
	videoRate, audioRate = 90000, 8000
	audioDelay           = 180 * time.Millisecond
)

// ticks is the timestamp of a moment: each track's clock has an origin of its own.
func (c *camera) ticks(rate int, at time.Time) uint32 {
	return uint32(0xfffff000) + uint32(at.Sub(c.begin).Seconds()*float64(rate))
}

// send sends what was captured now as video, and some time ago as audio; report tells what time it is.
func (c *camera) send(report bool) {
	now := time.Now()
	c.video.Timestamp, c.audio.Timestamp = c.ticks(videoRate, now), c.ticks(audioRate, now.Add(-audioDelay))
	c.lanes[0].SendRTP(c.video.Packet(true, 0x65, 0x88, 1))
	c.lanes[1].SendRTP(c.audio.Packet(true, 1))
	if !report {
		return
	}
	for i, rate := range []int{videoRate, audioRate} {
		c.lanes[i].SendRTCP(rtp.AppendSenderReport(nil, rtp.SenderReport{
			SSRC: uint32(i + 1), NTP: rtp.NTPTime(now.Add(c.skew)), RTPTime: c.ticks(rate, now),
		}))
	}
}

// A viewer follows the reports of one track.
type viewer struct {
	lane   *servertest.Lane
	rate   int
	report rtp.SenderReport
	last   rtp.Packet
}

// follow takes what has come.
func (v *viewer) follow() {
	for b := v.lane.RTCP(time.Microsecond); b != nil; b = v.lane.RTCP(time.Microsecond) {
		for p := range rtp.Packets(b) {
			if sr, ok := p.SenderReport(); ok {
				v.report = sr
			}
		}
	}
	for p := v.lane.RTP(time.Microsecond); p != nil; p = v.lane.RTP(time.Microsecond) {
		v.last = p
	}
}

// captured is when, by the reports, the last packet was captured.
func (v *viewer) captured() time.Time {
	ticks := int32(v.last.Timestamp() - v.report.RTPTime)
	return v.report.NTP.Time().Add(time.Duration(float64(ticks) / float64(v.rate) * float64(time.Second)))
}

// RTP-05, RTP-06: the clock of a publisher is passed through. Over an hour, and when its wall clock is
// wrong by hours or is set in between, sound and picture stay together within 5 ms; a wall clock that is
// nearly right is believed, one that is not gives way to ours.
func TestLipSync(t *testing.T) {
	for _, test := range []struct {
		name        string
		skew, later time.Duration
		want        time.Duration // of what readers are told, against the capture by our clock
	}{
		{"right", 0, 0, 0},
		{"a little fast", 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond},
		{"never set", -50 * 365 * 24 * time.Hour, -50 * 365 * 24 * time.Hour, 0},
		{"set in between", -time.Hour, 0, 0},
		{"jumps an hour", 0, time.Hour, 0},
	} {
		for _, lower := range []string{"tcp", "udp"} {
			t.Run(test.name+" over "+lower, func(t *testing.T) {
				servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
					pub, reader := w.Dial(), w.DialAs("192.0.2.11")
					defer pub.Close()
					defer reader.Close()
					cam := &camera{t: t, skew: test.skew, begin: time.Now(), video: servertest.Source{PayloadType: 96, SSRC: 1}, audio: servertest.Source{SSRC: 2}}
					cam.lanes = pub.Publish("cam", servertest.VideoAudio, lower)
					cam.send(true)
					w.Settle()
					lanes := reader.Watch("cam", lower, 2)
					video, audio := viewer{lane: lanes[0], rate: videoRate}, viewer{lane: lanes[1], rate: audioRate}
					for second := 0; second < 3600; second += 4 {
						if second == 1800 {
							cam.skew = test.later
						}
						w.Wait(4 * time.Second)
						cam.send(second%8 == 0)
						lanes[1].SendRTCP(rtp.AppendReceiverReport(nil, 9)) // alive
						w.Settle()
						video.follow()
						audio.follow()
						if second < 20 {
							continue
						}
						if off := video.captured().Sub(audio.captured()) - audioDelay; off.Abs() > 5*time.Millisecond {
							t.Fatalf("after %d s sound is %v off the picture", second, off)
						}
						if off := time.Until(video.captured()) - test.want; off.Abs() > 50*time.Millisecond {
							t.Fatalf("after %d s the wall clock is %v off", second, off)
						}
					}
				})
			})
		}
	}
}
