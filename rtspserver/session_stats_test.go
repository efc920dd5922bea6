package rtspserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// statsOf is the look at the only session of a role.
func statsOf(t *testing.T, w *servertest.World, publishes bool) rtspserver.SessionStats {
	t.Helper()
	for _, s := range w.Server.Sessions() {
		if s.Publishes() == publishes {
			return s.Stats()
		}
	}
	t.Fatal("there is no such session")
	return rtspserver.SessionStats{}
}

// A session tells what it is, and what it has sent or received; what it has lost is what the client says, or what is
// missing in the publisher's numbers.
func TestSessionsTellWhatTheyDo(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		p, r := w.Dial(), w.Dial()
		defer p.Close()
		defer r.Close()
		in := p.Publish("cam", servertest.Audio, w.Other())[0]
		out := r.Watch("cam", "tcp", 1)[0]
		src := servertest.Source{}
		for i := range 3 {
			if i == 1 {
				src.Packet(true, 9) // is lost
			}
			in.SendRTP(src.Packet(true, 1, 2, 3))
			if out.RTP(time.Second) == nil {
				t.Fatalf("packet %d does not come", i)
			}
		}
		out.SendRTCP(rtp.AppendReceiverReport(nil, 7, rtp.ReportBlock{SSRC: out.Transport.SSRC[0], TotalLost: 5}))
		if !w.Until(time.Second, func() bool { return statsOf(t, w, false).Lost == 5 }) {
			t.Errorf("the reader has lost %d", statsOf(t, w, false).Lost)
		}
		for _, publishes := range []bool{false, true} {
			s := statsOf(t, w, publishes)
			id, state, kind := r.Session, rtspserver.Playing, w.Interleaved()
			if publishes {
				id, state = p.Session, rtspserver.Recording
				if w.Other() == "udp" {
					kind = "udp"
				}
			}
			if s.Handle == id || !strings.HasPrefix(id, s.Handle) || s.Path != "cam" || s.State != state || !s.Remote.IsValid() || s.Since.IsZero() {
				t.Errorf("%+v of session %s", s, id)
			}
			if len(s.Transports) != 1 || s.Transports[0] != kind || s.Packets != 3 || s.Bytes != 9 {
				t.Errorf("%+v, want three packets of three bytes over %s", s, kind)
			}
			if publishes && s.Lost != 1 {
				t.Errorf("the publisher has lost %d", s.Lost)
			}
		}
	})
}

// What a transport has sent still counts when another has taken its place, and nothing does twice.
func TestSessionsCountOverAllTheirTransports(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "tcp", 1)[0]
		servertest.Write(live, 0, src.Packet(true, 1))
		if lane.RTP(time.Second) == nil {
			t.Fatal("no media")
		}
		c.Do("PAUSE", "cam")
		next := c.Setup("cam/trackID=0", "udp")
		c.Do("PLAY", "cam")
		servertest.Write(live, 0, src.Packet(true, 1))
		if next.RTP(time.Second) == nil {
			t.Fatal("no media over UDP")
		}
		if s := statsOf(t, w, false); s.Packets < 2 || s.Bytes != s.Packets || s.Transports[0] != "udp" {
			t.Errorf("%+v\n%s", s, c.Transcript())
		}
	})
}
