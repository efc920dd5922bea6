package rtspserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// A dialect is how a program publishes: what follows the path in the URL of ANNOUNCE and of each SETUP,
// and what its Transport looks like.
type dialect struct {
	name, announce string
	controls       [2]string // as announced
	setups         [2]string
	tcp, udp       string
}

func dialects() []dialect {
	ffmpeg := dialect{
		name: "ffmpeg", controls: [2]string{"streamid=0", "streamid=1"}, setups: [2]string{"/streamid=0", "/streamid=1"},
		tcp: "RTP/AVP/TCP;unicast;interleaved=%n;mode=record", udp: "RTP/AVP/UDP;unicast;client_port=%d-%d;mode=record",
	}
	query := ffmpeg // ffmpeg appends the control behind the query
	query.name, query.announce = "ffmpeg with a query", "?user=a&key=b"
	query.setups = [2]string{"?user=a&key=b/streamid=0", "?user=a&key=b/streamid=1"}
	gstreamer := dialect{
		name: "GStreamer", controls: [2]string{"stream=0", "stream=1"}, setups: [2]string{"/stream=0", "/stream=1"},
		tcp: "RTP/AVP/TCP;unicast;interleaved=%n;mode=RECORD", udp: "RTP/AVP;unicast;client_port=%d-%d;mode=RECORD",
	}
	queried := gstreamer // GStreamer puts the control in front of the query
	queried.name, queried.announce = "GStreamer with a query", "?user=a"
	queried.setups = [2]string{"/stream=0?user=a", "/stream=1?user=a"}
	bare := gstreamer
	bare.name, bare.tcp, bare.udp = "no mode", "RTP/AVP/TCP;unicast;interleaved=%n", "RTP/AVP;unicast;client_port=%d-%d"
	return []dialect{ffmpeg, query, gstreamer, queried, bare}
}

// publish goes through a dialect's whole sequence, with SETUPs that name no session.
func (d dialect) publish(c *servertest.Client, lower string) [2]*servertest.Lane {
	description := strings.NewReplacer("streamid=0", d.controls[0], "streamid=1", d.controls[1]).Replace(servertest.VideoAudio)
	c.Announce("cam"+d.announce, description)
	var lanes [2]*servertest.Lane
	for i := range lanes {
		c.Session = ""
		spec := map[string]string{"tcp": d.tcp, "udp": d.udp}[lower]
		lanes[i] = c.SetupAs("cam"+d.setups[i], strings.Replace(spec, "%n", []string{"0-1", "2-3"}[i], 1))
	}
	if r := c.Do("RECORD", "cam"+d.announce, "Range: npt=0.000-"); r.Status != rtsp.StatusOK {
		c.W.T.Fatalf("RECORD: %d", r.Status)
	}
	return lanes
}

// ANN-01, ANN-02, ANN-04, URL-04: what ffmpeg and GStreamer send to publish two tracks, with and without
// a query, reaches a reader of both, whatever carries it.
func TestPublishersOfAllDialects(t *testing.T) {
	for _, d := range dialects() {
		for _, lower := range []string{"tcp", "udp"} {
			t.Run(d.name+" over "+lower, func(t *testing.T) {
				servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
					pub, reader := w.Dial(), w.Dial()
					defer pub.Close()
					defer reader.Close()
					in := d.publish(pub, lower)
					out := reader.Watch("cam", "tcp", 2)
					video, audio := servertest.Source{PayloadType: 96, SSRC: 1}, servertest.Source{SSRC: 2}
					in[0].SendRTP(video.Key(7))
					in[1].SendRTP(audio.Packet(true, 0xd5, 0x55))
					out[0].RTP(time.Second) // parameter sets
					if p := rtp.Packet(out[0].RTP(time.Second)); p == nil || p.Payload()[2] != 7 || !p.Marker() {
						t.Errorf("video: % x", []byte(p))
					}
					if p := rtp.Packet(out[1].RTP(time.Second)); p == nil || p.Payload()[0] != 0xd5 || p.PayloadType() != 0 {
						t.Errorf("audio: % x", []byte(p))
					}
				}, servertest.NeedOf(lower))
			})
		}
	}
}

// ANN-04: RECORD is a mode in any spelling; PLAY is not one of a publisher, nor RECORD one of a reader.
func TestModeOfSETUP(t *testing.T) {
	for _, test := range []struct {
		mode string
		want rtsp.StatusCode
	}{
		{";mode=record", 200}, {`;mode="RECORD"`, 200}, {";mode=receive", 200}, {"", 200}, {";mode=Record", 200},
		{`;mode="PLAY"`, 405},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			c.Announce("cam", servertest.Video)
			r := c.Do("SETUP", "cam/streamid=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"+test.mode)
			if r.Status != test.want {
				t.Errorf("mode %q: %d, want %d", test.mode, r.Status, test.want)
			}
			if test.want == 405 && !strings.Contains(r.Header.Get("Allow"), "SETUP") {
				t.Errorf("Allow: %q", r.Header.Get("Allow"))
			}
		})
	}
}

// TRN-21, ANN-04: nothing can be recorded that was not announced.
func TestRecordModeNeedsAnAnnouncement(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		r := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast;mode=record")
		if r.Status != rtsp.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
			t.Errorf("%d, Allow %q", r.Status, r.Header.Get("Allow"))
		}
	})
}

// ANN-03, ERR-415: an ANNOUNCE carries SDP; what is none is refused, and the connection goes on.
func TestAnnouncedDescriptionIsChecked(t *testing.T) {
	unknown := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=t\r\nt=0 0\r\nm=application 0 RTP/AVP 98\r\na=rtpmap:98 vnd.x/1000\r\n"
	for _, test := range []struct {
		name, kind, body string
		want             rtsp.StatusCode
	}{
		{"SDP", "application/sdp", servertest.Video, 200},
		{"parameters and case of the type", "Application/SDP; charset=utf-8", servertest.Video, 200},
		{"unknown codec", "application/sdp", unknown, 200},
		{"another type", "text/plain", servertest.Video, 415},
		{"no SDP", "application/sdp", "hello", 400},
		{"no media", "application/sdp", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=t\r\nt=0 0\r\n", 400},
		{"empty", "application/sdp", "", 400},
		{"65 media", "application/sdp", "v=0\r\ns=t\r\n" + strings.Repeat("m=audio 0 RTP/AVP 0\r\n", 65), 400},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			if r := c.Do("ANNOUNCE", "cam", "Content-Type: "+test.kind, "\r\n"+test.body); r.Status != test.want {
				t.Errorf("%s: %d, want %d", test.name, r.Status, test.want)
			}
			if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
				t.Errorf("%s: OPTIONS afterwards: %d", test.name, r.Status)
			}
		})
	}
}

// ANN-03, ERR-415: an ANNOUNCE without a Content-Type is no description.
func TestAnnounceWithoutTypeIsRefused(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		if r := c.Do("ANNOUNCE", "cam", "\r\n"+servertest.Video); r.Status != rtsp.StatusUnsupportedMediaType {
			t.Errorf("%d", r.Status)
		}
	})
}

// ANN-05: RECORD with one of two tracks set up: the other stays silent, the stream goes on.
func TestRecordWithoutAllTracks(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.Dial()
		defer pub.Close()
		defer reader.Close()
		pub.Announce("cam", servertest.VideoAudio)
		in := pub.SetupAs("cam/streamid=1", "RTP/AVP/TCP;unicast;mode=record")
		if r := pub.Do("RECORD", "cam", "Range: npt=0.000-"); r.Status != rtsp.StatusOK || r.Header.Get("Range") == "" {
			t.Fatalf("RECORD: %d", r.Status)
		}
		out := reader.Watch("cam", "tcp", 2)
		src := servertest.Source{SSRC: 2}
		in.SendRTP(src.Packet(true, 1))
		if p := out[1].RTP(time.Second); p == nil {
			t.Error("no audio")
		}
	})
}

// ANN-05, STA-10: RECORD without a Range, and a second one, are 200; RECORD before any SETUP is not valid.
func TestRecordStates(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		if r := c.Do("RECORD", "cam"); r.Status != rtsp.StatusSessionNotFound {
			t.Errorf("RECORD without a session: %d", r.Status)
		}
		c.Announce("cam", servertest.Video)
		c.SetupAs("cam/streamid=0", "RTP/AVP/TCP;unicast;mode=record")
		for range 2 {
			if r := c.Do("RECORD", "cam"); r.Status != rtsp.StatusOK || r.Header.Has("Range") {
				t.Errorf("RECORD: %d", r.Status)
			}
		}
		if r := c.Do("PLAY", "cam"); r.Status != rtsp.StatusMethodNotValidInThisState {
			t.Errorf("PLAY while Recording: %d", r.Status)
		}
	})
}

// ANN-06: a path has one publisher; the second is told so when it announces, and can go elsewhere.
func TestSecondPublisherIsRefused(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		first, second := w.Dial(), w.DialAs("192.0.2.11")
		defer first.Close()
		defer second.Close()
		first.Publish("cam", servertest.Video, "tcp")
		if r := second.Do("ANNOUNCE", "cam", "Content-Type: application/sdp", "\r\n"+servertest.Video); r.Status != rtsp.StatusForbidden {
			t.Errorf("second publisher: %d", r.Status)
		}
		second.Publish("cam2", servertest.Video, "tcp")
	})
}

// ANN-07: a publisher without permission hears of it at ANNOUNCE, and nothing is reserved.
func TestPermissionIsAskedAtANNOUNCE(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.OnPublish = func(r *rtspserver.Request, _ *sdp.Session) error {
			if r.Query != "key=right" {
				return &rtsp.StatusError{Code: rtsp.StatusForbidden}
			}
			return nil
		}
		c := w.Dial()
		defer c.Close()
		if r := c.Do("ANNOUNCE", "cam?key=wrong", "Content-Type: application/sdp", "\r\n"+servertest.Video); r.Status != rtsp.StatusForbidden {
			t.Errorf("wrong key: %d", r.Status)
		}
		if r := c.Do("SETUP", "cam/streamid=0", "Transport: RTP/AVP/TCP;unicast;mode=record"); r.Status == rtsp.StatusOK {
			t.Error("SETUP after a refused ANNOUNCE succeeded")
		}
		c.Announce("cam?key=right", servertest.Video)
	})
}

// ANN-08: a description may change its parameters while recording; readers see the new ones, under a
// higher version. Other tracks are not valid then, and change nothing.
func TestAnnouncementIsUpdated(t *testing.T) {
	other := strings.Replace(servertest.Video, "aMuMsg==", "aMuMsw==", 1)
	for _, test := range []struct {
		name, description string
		want              rtsp.StatusCode
	}{
		{"same", servertest.Video, 200},
		{"other parameters", other, 200},
		{"other codec", strings.Replace(servertest.Video, "H264", "H265", 1), 455},
		{"one more track", servertest.VideoAudio, 455},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			in := c.Publish("cam", servertest.Video, "tcp")
			src := servertest.Source{PayloadType: 96}
			in[0].SendRTP(src.Key(1))
			w.Settle()
			before := describe(c, "cam")
			if r := c.Do("ANNOUNCE", "cam", "Content-Type: application/sdp", "\r\n"+test.description); r.Status != test.want {
				t.Errorf("%s: %d, want %d", test.name, r.Status, test.want)
			}
			after := describe(c, "cam")
			changed := test.name == "other parameters"
			if got := after.Origin.Version > before.Origin.Version; got != changed {
				t.Errorf("%s: version %d, then %d", test.name, before.Origin.Version, after.Origin.Version)
			}
			if got := strings.Contains(sprop(after), "aMuMsw=="); got != changed {
				t.Errorf("%s: sprop-parameter-sets %s", test.name, sprop(after))
			}
		})
	}
}

// describe asks for a description.
func describe(c *servertest.Client, path string) *sdp.Session {
	c.W.T.Helper()
	r := c.Do("DESCRIBE", path, "Accept: application/sdp")
	desc, err := sdp.Parse(r.Body)
	if r.Status != rtsp.StatusOK || err != nil {
		c.W.T.Fatalf("DESCRIBE: %d, %v", r.Status, err)
	}
	return desc
}

func sprop(desc *sdp.Session) string {
	return desc.Media[0].FormatList()[0].Params.Get("sprop-parameter-sets")
}

// ANN-08, PLD-05: parameter sets that a new announcement brings reach readers with the next key picture.
func TestUpdatedParameterSetsReachReaders(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.Dial()
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", servertest.Video, "tcp"), reader.Watch("cam", "tcp", 1)
		src := servertest.Source{PayloadType: 96}
		in[0].SendRTP(src.Key(1))
		first := rtp.Packet(out[0].RTP(time.Second)).Payload()
		out[0].RTP(time.Second)
		pub.Announce("cam", strings.Replace(servertest.Video, "aMuMsg==", "aMuMsw==", 1))
		in[0].SendRTP(src.Key(2))
		second := rtp.Packet(out[0].RTP(time.Second)).Payload()
		if first[len(first)-1] != 0xb2 || second[len(second)-1] != 0xb3 {
			t.Errorf("parameter sets % x, then % x", first, second)
		}
	})
}

// ANN-01: what was announced and never set up is given back with the connection, and an announcement
// that replaces another on its connection takes its place.
func TestAnnouncementLivesOnItsConnection(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		c.Announce("cam", servertest.Video)
		c.Session = ""
		c.Announce("cam", servertest.VideoAudio)
		c.Session = ""
		c.Announce("cam2", servertest.Video)
		w.Wait(3 * time.Second)
		if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK || w.Server.Stats().Sessions != 1 {
			t.Errorf("OPTIONS: %d, %d sessions", r.Status, w.Server.Stats().Sessions)
		}
		c.Close()
		w.Wait(time.Second)
		if n := w.Server.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions without a connection", n)
		}
	})
}

// ANN-12: no byte comes to a publisher before the answer to its SETUP.
func TestNothingPrecedesTheAnswerToSETUP(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		c.Announce("cam", servertest.Video)
		w.Wait(10 * time.Second)
		before := len(c.Received())
		c.SetupAs("cam/streamid=0", "RTP/AVP/TCP;unicast;mode=record")
		if got := c.Received()[before:]; !strings.HasPrefix(got, "RTSP/1.0 200") {
			t.Errorf("%q", got)
		}
	})
}
