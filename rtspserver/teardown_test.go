package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A show is a live presentation of video and audio that a test writes to.
type show struct {
	live         *rtspserver.Live
	video, audio servertest.Source
}

func newShow(w *servertest.World) *show {
	return &show{
		live:  w.Handler.Live("cam", servertest.VideoAudio),
		video: servertest.Source{PayloadType: 96, SSRC: 1}, audio: servertest.Source{PayloadType: 0, SSRC: 2},
	}
}

// write puts a key picture and some sound into the show.
func (s *show) write() {
	servertest.Write(s.live, 0, s.video.Key(1))
	s.audio.Timestamp += 320 // 40 ms, as video
	servertest.Write(s.live, 1, s.audio.Packet(false, 1, 2, 3))
}

// drain reads what a lane has and returns how much that was.
func drain(lane *servertest.Lane) (packets int) {
	for lane.RTP(100*time.Millisecond) != nil {
		packets++
	}
	return packets
}

// wantMedia checks on which lanes media comes when there is some.
func (s *show) wantMedia(t *testing.T, when string, lanes []*servertest.Lane, want ...bool) {
	t.Helper()
	for _, l := range lanes {
		drain(l)
	}
	s.write()
	for i, l := range lanes {
		if got := drain(l) > 0; got != want[i] {
			t.Errorf("%s: media of track %d: %t", when, i, got)
		}
	}
}

// wantOK fails the test unless a request is answered with 200.
func wantOK(t *testing.T, c *servertest.Client, method, path string, headers ...string) *servertest.Response {
	t.Helper()
	resp := c.Do(method, path, headers...)
	if resp.Status != rtsp.StatusOK {
		t.Fatalf("%s %s: %d", method, path, resp.Status)
	}
	return resp
}

// transports are the ways in which two tracks can come.
var transports = [][2]string{{"tcp", "tcp"}, {"udp", "udp"}, {"tcp", "udp"}, {"udp", "tcp"}}

// watchBoth sets both tracks of "cam" up.
func watchBoth(c *servertest.Client, lower [2]string) []*servertest.Lane {
	return []*servertest.Lane{c.Setup("cam/trackID=0", lower[0]), c.Setup("cam/trackID=1", lower[1])}
}

// STA-16, STA-11, STA-04: the tracks of a session may come by different ways. TEARDOWN of one leaves the
// other; it can be set up again, and played, while the other goes on without a gap.
func TestTracksComeAndGoAlone(t *testing.T) {
	for _, lower := range transports {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lanes := watchBoth(c, lower)
			wantOK(t, c, "PLAY", "cam")
			s.wantMedia(t, "PLAY", lanes, true, true)
			wantOK(t, c, "TEARDOWN", "cam/trackID=1")
			s.wantMedia(t, "TEARDOWN of audio", lanes, true, false)
			if got := c.Do("PLAY", "cam/trackID=1").Status; got != rtsp.StatusNotFound {
				t.Errorf("PLAY of a track that is not set up: %d", got)
			}
			lanes[1] = c.Setup("cam/trackID=1", lower[1])
			s.wantMedia(t, "SETUP of audio", lanes, true, false)
			resp := wantOK(t, c, "PLAY", "cam/trackID=1")
			if info := infoOf(t, resp); len(info) != 1 || info[0].URL != w.URL+"/cam/trackID=1" {
				t.Errorf("RTP-Info %+v", info)
			}
			s.wantMedia(t, "PLAY of audio", lanes, true, true)
			wantOK(t, c, "TEARDOWN", "cam/trackID=0")
			s.wantMedia(t, "TEARDOWN of video", lanes, false, true)
			wantOK(t, c, "TEARDOWN", "cam/trackID=1")
			if got := c.Do("PLAY", "cam").Status; got != rtsp.StatusSessionNotFound || w.Server.Stats().Conns != 1 {
				t.Errorf("after the last TEARDOWN: %d", got)
			}
		})
	}
}

// STA-04, STA-11: a track that is added, muted or taken away does not disturb the numbering of another.
func TestOtherTrackHasNoGap(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		lanes := watchBoth(c, [2]string{"tcp", "tcp"})
		wantOK(t, c, "PLAY", "cam")
		for _, step := range [][2]string{{"TEARDOWN", "cam/trackID=1"}, {"SETUP", "cam/trackID=1"}, {"PLAY", "cam/trackID=1"}, {"PAUSE", "cam/trackID=1"}, {"PLAY", "cam"}} {
			s.write()
			wantOK(t, c, step[0], step[1], "Transport: RTP/AVP/TCP;unicast")
			s.write()
		}
		var last rtp.Packet
		for n := range 20 {
			p := rtp.Packet(lanes[0].RTP(time.Second))
			if p == nil || last != nil && p.Sequence() != last.Sequence()+1 {
				t.Fatalf("packet %d: % x after % x", n, p, last)
			}
			last = p
		}
	})
}

// STA-11, SES-06, FRM-09: TEARDOWN of the presentation ends the session with a BYE for each track; its id
// is of no use any more, nothing follows, and the connection goes on.
func TestTeardownEndsTheSession(t *testing.T) {
	for _, lower := range transports {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lanes := watchBoth(c, lower)
			wantOK(t, c, "PLAY", "cam")
			s.write()
			wantOK(t, c, "TEARDOWN", "cam")
			for i, l := range lanes {
				drain(l)
				if !hasBye(l) {
					t.Errorf("%v: no BYE for track %d", lower, i)
				}
			}
			s.wantMedia(t, "TEARDOWN", lanes, false, false)
			for _, m := range []string{"PLAY", "PAUSE", "TEARDOWN", "OPTIONS", "SETUP"} {
				if got := c.Do(m, "cam/trackID=0", "Session: "+c.Session, "Transport: RTP/AVP/TCP;unicast").Status; got != rtsp.StatusSessionNotFound {
					t.Errorf("%s afterwards: %d", m, got)
				}
			}
		})
	}
}

// hasBye tells whether a BYE has come on a lane.
func hasBye(l *servertest.Lane) bool {
	for b := l.RTCP(time.Second); b != nil; b = l.RTCP(time.Second) {
		for p := range rtp.Packets(b) {
			if p.Type() == rtp.BYE {
				return true
			}
		}
	}
	return false
}

// STA-11, ERR-404: TEARDOWN of what the session does not have changes nothing.
func TestTeardownOfAnotherURL(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "tcp", 1)
		for _, path := range []string{"cam/trackID=1", "cam/trackID=7", "cam/trackID=x", "other", "other/trackID=0"} {
			if got := c.Do("TEARDOWN", path).Status; got != rtsp.StatusNotFound {
				t.Errorf("TEARDOWN %s: %d", path, got)
			}
		}
		s.wantMedia(t, "TEARDOWN of others", lane, true)
	})
}

// STA-08: PAUSE of one track mutes it alone; PLAY of it, or of all, brings it back.
func TestPauseOfOneTrackMutesIt(t *testing.T) {
	for _, lower := range transports {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lanes := watchBoth(c, lower)
			wantOK(t, c, "PLAY", "cam")
			for _, step := range []struct {
				method, path string
				video, audio bool
			}{
				{"PAUSE", "cam/trackID=1", true, false},
				{"PAUSE", "cam/trackID=1", true, false},
				{"PLAY", "cam/trackID=1", true, true},
				{"PAUSE", "cam/trackID=0", false, true},
				{"PLAY", "cam", true, true},
				{"PAUSE", "cam/trackID=0", false, true},
				{"PAUSE", "cam/trackID=1", false, false}, // the last one: Ready
				{"PLAY", "cam/trackID=0", true, false},
				{"PLAY", "cam/trackID=1", true, true},
				{"PAUSE", "cam", false, false},
				{"PLAY", "cam", true, true},
			} {
				wantOK(t, c, step.method, step.path)
				s.wantMedia(t, step.method+" "+step.path, lanes, step.video, step.audio)
			}
		})
	}
}

// STA-13: PLAY of the presentation plays the tracks that are set up, whichever these are.
func TestPlayOfSomeTracks(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		for track, name := range []string{"cam/trackID=0", "cam/trackID=1"} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				s, c := newShow(w), w.Dial()
				defer c.Close()
				s.write()
				lane := c.Setup(name, lower)
				info := infoOf(t, wantOK(t, c, "PLAY", "cam"))
				if len(info) != 1 || info[0].URL != w.URL+"/"+name {
					t.Errorf("track %d: RTP-Info %+v", track, info)
				}
				s.write()
				if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.SSRC() != lane.Transport.SSRC[0] || p.Sequence() != info[0].Seq {
					t.Errorf("track %d over %s: % x, RTP-Info %+v", track, lower, p, info)
				}
				if stats := w.Server.Stats(); stats.Panics != 0 {
					t.Error("the server panicked")
				}
			})
		}
	}
}

// STA-09: PAUSE of live media is 200, and PLAY comes back at the live edge.
func TestPauseOfLiveMedia(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lanes := watchBoth(c, [2]string{lower, lower})
			wantOK(t, c, "PLAY", "cam")
			s.wantMedia(t, "PLAY", lanes, true, true)
			wantOK(t, c, "PAUSE", "cam")
			s.wantMedia(t, "PAUSE", lanes, false, false)
			for n := range byte(10) {
				servertest.Write(s.live, 0, s.video.Key(n))
			}
			resp := wantOK(t, c, "PLAY", "cam", "Range: npt=0.000-")
			if got := resp.Header.Get("Range"); got != "npt=now-" {
				t.Errorf("Range %s", got)
			}
			p := rtp.Packet(lanes[0].RTP(time.Second))
			if info := infoOf(t, resp); p == nil || p.Sequence() != info[0].Seq {
				t.Errorf("first packet % x, RTP-Info %+v", p, info)
			}
			if key := lanes[0].RTP(time.Second); key == nil || key[14] != 9 {
				t.Errorf("came back at % x", key)
			}
		})
	}
}
