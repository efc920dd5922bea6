package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// infoOf reads the RTP-Info of a response.
func infoOf(t *testing.T, resp *servertest.Response) []rtsp.RTPInfo {
	t.Helper()
	list, err := rtsp.ParseRTPInfo(resp.Header.Values("RTP-Info"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// RTI-01, RTI-04, RTI-10: every client is told the sequence number of the packet with which it begins
// itself, and a timestamp of the same instant for both tracks.
func TestRTPInfoIsOfTheFirstPackets(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s := newShow(w)
			for range 3 {
				for range 5 {
					s.write()
					w.Wait(40 * time.Millisecond)
				}
				c := w.Dial()
				defer c.Close()
				lanes := watchBoth(c, [2]string{lower, lower})
				info := infoOf(t, wantOK(t, c, "PLAY", "cam"))
				if len(info) != 2 {
					t.Fatalf("RTP-Info %+v", info)
				}
				s.write() // sound begins at the live edge
				for track, lane := range lanes {
					p := rtp.Packet(lane.RTP(time.Second))
					if !info[track].HasSeq || !info[track].HasRTPTime || info[track].RTPTime == 0 {
						t.Errorf("track %d: %+v", track, info[track])
					}
					if off := rtp.TimestampDiff(p.Timestamp(), info[track].RTPTime); p.Sequence() != info[track].Seq || off < -1 || off > 320 {
						t.Errorf("track %d begins with sequence %d, timestamp %d; RTP-Info %+v", track, p.Sequence(), p.Timestamp(), info[track])
					}
				}
			}
		})
	}
}

// RTI-02, RTI-03, URL-04: an entry has the URL of the SETUP to the byte; the order is that of the SDP,
// whatever that of the SETUPs.
func TestRTPInfoRepeatsTheSetupURL(t *testing.T) {
	for _, urls := range [][2]string{
		{"cam/trackID=0", "cam/trackID=1"},
		{"cam?x=1/trackID=0", "cam?x=1/trackID=1"},
		{"cam/trackID=0?x=1&y=2", "/cam//trackID=1/?x=1"},
		{"%63am/trackID=0/", "cam/?x=1/trackID=1/"},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			s.write()
			video, audio := w.URL+"/"+urls[0], w.URL+"/"+urls[1]
			c.Setup(audio, "tcp")
			c.Setup(video, "tcp")
			info := infoOf(t, wantOK(t, c, "PLAY", "cam"))
			if len(info) != 2 || info[0].URL != video || info[1].URL != audio {
				t.Errorf("RTP-Info %+v", info)
			}
		})
	}
}

// RTI-04: nothing is said of a track of which nothing is known.
func TestRTPInfoDoesNotGuess(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		watchBoth(c, [2]string{"tcp", "tcp"})
		if resp := wantOK(t, c, "PLAY", "cam"); resp.Header.Has("RTP-Info") {
			t.Errorf("without any packet: %s", resp.Header.Get("RTP-Info"))
		}
		wantOK(t, c, "PAUSE", "cam")
		servertest.Write(s.live, 0, s.video.Key(1))
		if info := infoOf(t, wantOK(t, c, "PLAY", "cam")); len(info) != 1 || info[0].URL != w.URL+"/cam/trackID=0" {
			t.Errorf("with a packet of video only: %+v", info)
		}
	})
}

// RTI-01, RNG-11: a PLAY that changes nothing, or seeks where there is nothing to seek, tells the next
// packet of each track.
func TestRTPInfoWhilePlaying(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		lanes := watchBoth(c, [2]string{"tcp", "tcp"})
		wantOK(t, c, "PLAY", "cam")
		for _, ask := range []string{"npt=0.000-", "npt=now-", "npt=0-", "npt=5-10"} {
			s.write()
			w.Settle()
			info := infoOf(t, wantOK(t, c, "PLAY", "cam", "Range: "+ask))
			for _, lane := range lanes {
				drain(lane)
			}
			s.write()
			for track, lane := range lanes {
				if p := rtp.Packet(lane.RTP(time.Second)); len(info) != 2 || p == nil || p.Sequence() != info[track].Seq {
					t.Errorf("%s: track %d goes on with % x, RTP-Info %+v", ask, track, p, info)
				}
			}
		}
	})
}

// RNG-11, RNG-07: live media takes whatever range players send and says that it plays from now on.
func TestRangeOfLiveMedia(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		newShow(w)
		for ask, want := range map[string]string{
			"": "npt=now-", "npt=0.000-": "npt=now-", "npt=0-": "npt=now-", "npt=now-": "npt=now-", "npt=3-9": "npt=now-",
			"smpte=0:00:01:00-": "npt=now-", "clock=19961108T143720.25Z-": "clock=20000101T000000Z-",
		} {
			c := w.Dial()
			c.Setup("cam/trackID=0", "tcp")
			var headers []string
			if ask != "" {
				headers = append(headers, "Range: "+ask)
			}
			if got := wantOK(t, c, "PLAY", "cam", headers...).Header.Get("Range"); got != want {
				t.Errorf("%q: %s, want %s", ask, got, want)
			}
			c.Close()
		}
	})
}
