package paths_test

import (
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// ANN-14, RTP-03: a publisher that vanishes and comes back within the hold time finds its readers there, by
// whatever transport each of them goes; sequence numbers go on, and timestamps by as much as time has passed.
func TestReturningPublisherFindsItsReaders(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			pub := w.Dial()
			in := pub.Publish("cam", servertest.VideoAudio, lower)
			var lanes [][]*servertest.Lane
			for _, l := range []string{"tcp", "udp"} {
				c := w.DialAs(other)
				defer c.Close()
				lanes = append(lanes, c.Watch("cam", l, 2))
			}
			video, audio := servertest.Source{PayloadType: 96, SSRC: 1, Seq: 500}, servertest.Source{SSRC: 2, Seq: 65534}
			first := time.Now()
			in[0].SendRTP(video.Key(1))
			in[1].SendRTP(audio.Packet(true, 1))
			w.Settle()
			var last [2][2]rtp.Packet
			for i := range lanes {
				lanes[i][0].RTP(time.Second) // parameter sets
				last[i] = [2]rtp.Packet{lanes[i][0].RTP(time.Second), lanes[i][1].RTP(time.Second)}
			}
			vanish(w, pub, lower)
			w.Wait(7 * time.Second)
			again := w.Dial()
			defer again.Close()
			in = again.Publish("cam", servertest.VideoAudio, lower)
			video, audio = servertest.Source{PayloadType: 96, SSRC: 9, Seq: 7, Timestamp: 3}, servertest.Source{SSRC: 8, Seq: 9}
			begin := time.Now()
			in[0].SendRTP(video.Packet(true, 0x41, 2))
			in[1].SendRTP(audio.Packet(true, 2))
			for i := range lanes {
				for track, rate := range []float64{90000, 8000} {
					p := rtp.Packet(lanes[i][track].RTP(time.Second))
					if p == nil {
						t.Fatalf("%s: reader %d lost track %d", lower, i, track)
					}
					before := last[i][track]
					if p.Sequence() != before.Sequence()+1 || p.SSRC() != before.SSRC() {
						t.Errorf("%s: reader %d, track %d: sequence %d behind %d", lower, i, track, p.Sequence(), before.Sequence())
					}
					elapsed := float64(p.Timestamp()-before.Timestamp()) / rate
					if d := elapsed - begin.Sub(first).Seconds(); d > 0.01 || d < -0.01 {
						t.Errorf("%s: reader %d, track %d: %v s later by timestamp, %v by the clock", lower, i, track, elapsed, begin.Sub(first))
					}
				}
			}
		})
	}
}

// vanish has a publisher go without a word. Over UDP it is missed when its packets are.
func vanish(w *servertest.World, pub *servertest.Client, lower string) {
	pub.Close()
	if lower == "udp" {
		w.Wait(12 * time.Second)
	}
	w.Settle()
}

// ANN-14: when the hold time is over, readers get BYE and the path is free; without one, at once.
func TestHoldExpires(t *testing.T) {
	for _, hold := range []time.Duration{0, 3 * time.Second, 10 * time.Second} {
		serve(t, func(_ string, s *config.PathSettings) { s.Hold = hold }, nil, func(t *testing.T, w *servertest.World) {
			pub, reader, c := w.Dial(), w.DialAs(other), w.DialAs(other)
			defer reader.Close()
			defer c.Close()
			pub.Publish("cam", servertest.Audio, "tcp")
			lane := reader.Watch("cam", "tcp", 1)[0]
			begin := time.Now()
			pub.Close()
			w.Settle()
			if want := map[bool]rtsp.StatusCode{true: 200, false: 404}[hold > 0]; status(c, "cam") != want {
				t.Errorf("hold %v: not %d", hold, want)
			}
			at, ok := bye(lane, 20*time.Second)
			if !ok || at.Sub(begin) < hold || at.Sub(begin) > hold+10*time.Millisecond || !reader.Closed() {
				t.Errorf("hold %v: BYE %v after %v", hold, ok, at.Sub(begin))
			}
			if got := status(c, "cam"); got != rtsp.StatusNotFound {
				t.Errorf("hold %v: DESCRIBE afterwards: %d", hold, got)
			}
		})
	}
}

// ANN-14: each time a publisher vanishes the hold time begins anew.
func TestHoldBeginsAnew(t *testing.T) {
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		reader := w.DialAs(other)
		defer reader.Close()
		var lane *servertest.Lane
		var gone time.Time
		for range 3 {
			pub := w.Dial()
			pub.Publish("cam", servertest.Audio, "tcp")
			if lane == nil {
				lane = reader.Watch("cam", "tcp", 1)[0]
			}
			w.Wait(time.Second)
			pub.Close()
			gone = time.Now()
			w.Wait(7 * time.Second)
		}
		if at, ok := bye(lane, 20*time.Second); !ok || at.Sub(gone).Round(time.Second) != 10*time.Second {
			t.Errorf("BYE %v after %v", ok, at.Sub(gone))
		}
	})
}

// ANN-14: TEARDOWN by the publisher ends its readers at once, whatever the hold time.
func TestTeardownByThePublisherEndsItsReaders(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs(other)
			defer pub.Close()
			defer reader.Close()
			pub.Publish("cam", servertest.Audio, lower)
			lane := reader.Watch("cam", lower, 1)[0]
			begin := time.Now()
			if r := pub.Do("TEARDOWN", "cam"); r.Status != rtsp.StatusOK {
				t.Fatalf("TEARDOWN: %d", r.Status)
			}
			if at, ok := bye(lane, time.Second); !ok || at.Sub(begin) > 10*time.Millisecond {
				t.Errorf("%s: BYE %v after %v", lower, ok, at.Sub(begin))
			}
			if got := status(pub, "cam"); got != rtsp.StatusNotFound {
				t.Errorf("%s: DESCRIBE afterwards: %d", lower, got)
			}
		})
	}
}

// ANN-09, ANN-14: a publisher that comes back with other tracks: readers that take ANNOUNCE get one and go
// on, the others get BYE.
func TestPublisherReturnsWithOtherTracks(t *testing.T) {
	h265 := strings.Replace(servertest.Video, "H264", "H265", 1)
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		pub, takes, plain := w.Dial(), w.DialAs(other), w.DialAs(other)
		defer takes.Close()
		defer plain.Close()
		in := pub.Publish("cam", servertest.Video, "tcp")
		takes.Do("OPTIONS", "*", "Public: ANNOUNCE")
		a, b := takes.Watch("cam", "tcp", 1)[0], plain.Watch("cam", "tcp", 1)[0]
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		in[0].SendRTP(src.Key(1))
		a.RTP(time.Second)
		last := rtp.Packet(a.RTP(time.Second))
		pub.Close()
		w.Wait(2 * time.Second)
		again := w.Dial()
		defer again.Close()
		in = again.Publish("cam", h265, "tcp")
		if r := takes.ServerRequest(); r.Method != rtsp.MethodAnnounce || !strings.Contains(string(r.Body), "H265") {
			t.Errorf("%s", r.Append(nil))
		}
		if _, ok := bye(b, time.Second); !ok || !plain.Closed() {
			t.Error("a reader that takes no ANNOUNCE was not sent away")
		}
		in[0].SendRTP(src.Packet(true, 0x26, 0x01, 0xaf))
		if p := rtp.Packet(a.RTP(time.Second)); p == nil || p.Payload()[0] != 0x26 || p.Sequence() != last.Sequence()+1 || p.SSRC() != last.SSRC() {
			t.Errorf("% x behind % x", []byte(p), []byte(last))
		}
	})
}

// PLD-05: a publisher that comes back with other parameter sets in its SDP: readers get these, not the old.
func TestPublisherReturnsWithOtherParameters(t *testing.T) {
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs(other)
		defer reader.Close()
		pub.Publish("cam", servertest.Video, "tcp")
		lane := reader.Watch("cam", "tcp", 1)[0]
		pub.Close()
		w.Settle()
		again := w.Dial()
		defer again.Close()
		in := again.Publish("cam", strings.Replace(servertest.Video, "aMuMsg==", "aMuMsw==", 1), "tcp")
		src := servertest.Source{PayloadType: 96}
		in[0].SendRTP(src.Key(1))
		if p := lane.RTP(time.Second); p == nil || p[len(p)-1] != 0xb3 {
			t.Errorf("% x", p)
		}
	})
}

// ANN-06: a second publisher is refused, or takes over where the path allows it: the first one is
// disconnected, readers stay, and nothing of the first comes after the second's.
func TestTakeover(t *testing.T) {
	for _, hold := range []time.Duration{0, 10 * time.Second} {
		for _, takeover := range []bool{false, true} {
			set := func(_ string, s *config.PathSettings) { s.Takeover, s.Hold = takeover, hold }
			serve(t, set, nil, func(t *testing.T, w *servertest.World) {
				first, second, reader := w.Dial(), w.DialAs("192.0.2.12"), w.DialAs(other)
				defer first.Close()
				defer second.Close()
				defer reader.Close()
				in := first.Publish("cam", servertest.Audio, "udp")[0]
				lane := reader.Watch("cam", "tcp", 1)[0]
				src := servertest.Source{SSRC: 1}
				in.SendRTP(src.Packet(true, 1))
				before := rtp.Packet(lane.RTP(time.Second))
				if !takeover {
					if got := announce(second, "cam", servertest.Audio).Status; got != rtsp.StatusForbidden {
						t.Errorf("second publisher: %d", got)
					}
					return
				}
				in2 := second.Publish("cam", servertest.Audio, "tcp")[0]
				if !first.Closed() {
					t.Error("the first publisher is still connected")
				}
				in.SendRTP(src.Packet(true, 9))
				src2 := servertest.Source{SSRC: 2, Seq: 1000}
				in2.SendRTP(src2.Packet(true, 2))
				w.Wait(5 * time.Second)
				p := rtp.Packet(lane.RTP(time.Second))
				if p == nil || p.Payload()[0] != 2 || p.Sequence() != before.Sequence()+1 {
					t.Errorf("hold %v: % x behind % x", hold, []byte(p), []byte(before))
				}
				if p := lane.RTP(time.Second); p != nil {
					t.Errorf("and % x", p)
				}
			})
		}
	}
}

// ANN-06, ERR-405: a name that is there without a publisher cannot be published; Allow says what can be done.
func TestReadOnlyNames(t *testing.T) {
	serve(t, nil, mediaFolder(t), func(t *testing.T, w *servertest.World) {
		for _, path := range []string{"clock", "clock.mjpeg", "movie.mjpeg", "film.mjpeg", "sub/film.Mjpeg"} {
			c := w.Dial()
			defer c.Close()
			r := announce(c, path, servertest.Video)
			if r.Status != rtsp.StatusMethodNotAllowed || !strings.Contains(r.Header.Get("Allow"), "PLAY") || strings.Contains(r.Header.Get("Allow"), "RECORD") {
				t.Errorf("%s: %d, Allow %q", path, r.Status, r.Header.Get("Allow"))
			}
		}
	})
}

// ANN-07: an empty path, and one that is too long, cannot be published; others can, whatever is in them.
func TestPathsThatCanBePublished(t *testing.T) {
	for path, want := range map[string]rtsp.StatusCode{
		"": 403, strings.Repeat("a", 513): 403, strings.Repeat("a", 512): 200, "a/b/c": 200, "%D0%9A": 200, "no.such.mjpeg": 200, "clock/2": 200,
	} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			if got := announce(c, path, servertest.Video).Status; got != want {
				t.Errorf("%.20q: %d, want %d", path, got, want)
			}
		})
	}
}

// RED-01, RED-04: a path that is elsewhere says so to readers and publishers, and to nobody else.
func TestRedirectedPath(t *testing.T) {
	location, err := config.ParseURL("rtsp://other.example/cam")
	if err != nil {
		t.Fatal(err)
	}
	set := func(path string, s *config.PathSettings) {
		if path == "old" {
			s.Redirect = location
		}
	}
	serve(t, set, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for _, r := range []*servertest.Response{
			c.Do("DESCRIBE", "old"), announce(c, "old", servertest.Video), c.Do("SETUP", "old/trackID=0", "Transport: RTP/AVP/TCP;unicast"),
		} {
			if r.Status != rtsp.StatusFound || r.Header.Get("Location") != "rtsp://other.example/cam" {
				t.Errorf("%s", r.Raw)
			}
		}
		if got := status(c, "clock"); got != rtsp.StatusOK {
			t.Errorf("another path: %d", got)
		}
	})
}
