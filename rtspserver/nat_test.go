package rtspserver_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// The hosts of a home and the address that they have in common.
const (
	home   = "203.0.113.1"
	inside = "10.0.0.2"
	beside = "10.0.0.3"
)

func behindNAT(t *testing.T, body func(t *testing.T, w *servertest.World)) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		if _, err := w.Net.AddNAT(home, nil, inside, beside); err != nil {
			t.Fatal(err)
		}
		live, src := w.Handler.Live("cam", servertest.VideoAudio), servertest.Source{}
		servertest.Write(live, 1, src.Packet(true, 1))
		body(t, w)
	})
}

// punches are what clients send to open a NAT: ffmpeg, live555 in both byte orders, go2rtc, and nothing.
func punches() []string {
	return []string{
		"\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\x80\xc9\x00\x01\x00\x00\x00\x00",
		"\xfe\xed\xfa\xce", "\xce\xfa\xed\xfe", "\x80\x00\x00\x00", "",
	}
}

// NAT-01, NAT-02: a punch from the client's address and another port says where media goes, for RTP and
// RTCP each by itself. Before it nothing gets through.
func TestPortBehindANATIsLearned(t *testing.T) {
	for _, punch := range punches() {
		behindNAT(t, func(t *testing.T, w *servertest.World) {
			c := w.DialAs(inside)
			defer c.Close()
			lane, src := c.Watch("cam", "udp", 1)[0], servertest.Source{PayloadType: 96}
			live := w.Handler.Get("cam").(*rtspserver.Live)
			servertest.Write(live, 0, src.Key(1))
			if lane.RTP(6*time.Second) != nil || lane.RTCP(time.Second) != nil {
				t.Fatal("the NAT lets everything in")
			}
			lane.SendRTP([]byte(punch))
			w.Settle()
			servertest.Write(live, 0, src.Key(2))
			if lane.RTP(time.Second) == nil {
				t.Errorf("no media after the punch % x", punch)
			}
			if lane.RTCP(6*time.Second) != nil {
				t.Error("control follows media to a port that was not heard of")
			}
			lane.SendRTCP([]byte(punch))
			if lane.RTCP(6*time.Second) == nil {
				t.Errorf("no control after the punch % x", punch)
			}
		})
	}
}

// NAT-01, ANN-13: a punch of a publisher is no media: its readers see nothing of it.
func TestPunchIsNoMedia(t *testing.T) {
	for _, punch := range punches() {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", servertest.Audio, "udp")[0], reader.Watch("cam", "tcp", 1)[0]
			in.SendRTP([]byte(punch))
			in.SendRTCP([]byte(punch))
			w.Wait(5 * time.Second)
			if got := receptions(t, in); len(got) != 0 {
				t.Errorf("report on a punch: %+v", got)
			}
			if p := out.RTP(time.Second); p != nil {
				t.Errorf("punch was relayed: % x", p)
			}
		})
	}
}

// NAT-02: a publisher behind a NAT is heard, from its first packet on.
func TestPublisherBehindANAT(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		pub, reader := w.DialAs(inside), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("pub", servertest.VideoAudio, "udp"), reader.Watch("pub", "tcp", 2)
		for i, kind := range []uint8{96, 0} {
			src := servertest.Source{PayloadType: kind, SSRC: uint32(i)}
			in[i].SendRTP(src.Key(1))
			if out[i].RTP(time.Second) == nil {
				t.Errorf("nothing of track %d", i)
			}
		}
	})
}

// NAT-02, SEC-03: what comes from another address is never believed, whatever its port.
func TestPortIsNotLearnedFromAnotherAddress(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		c := w.DialAs(inside)
		defer c.Close()
		c.Watch("cam", "udp", 1)
		thief, err := w.Net.ListenPacket("203.0.113.9:5000")
		if err != nil {
			t.Fatal(err)
		}
		writeTo(t, thief, servertest.ServerHost+":8000", []byte{0x80, 0, 0, 0})
		writeTo(t, thief, servertest.ServerHost+":8001", []byte{0x80, 0, 0, 0})
		thief.SetReadDeadline(time.Now().Add(6 * time.Second))
		if n, _, err := thief.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil {
			t.Errorf("%d bytes went to a stranger", n)
		}
	})
}

// NAT-02: once a peer has been heard its port stays: a second punch from the same address and another port
// takes nothing away from it.
func TestLearnedPortStays(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		c := w.DialAs(inside)
		defer c.Close()
		lane := c.Watch("cam", "udp", 2)[1]
		lane.SendRTP([]byte{0x80, 0, 0, 0})
		lane.SendRTCP([]byte{0x80, 0, 0, 0})
		w.Settle()
		thief, err := w.Net.ListenPacket(beside + ":7000")
		if err != nil {
			t.Fatal(err)
		}
		port := lane.Transport.ServerPort
		writeTo(t, thief, fmt.Sprintf("%s:%d", servertest.ServerHost, port.RTP), []byte{0x80, 0, 0, 0})
		writeTo(t, thief, fmt.Sprintf("%s:%d", servertest.ServerHost, port.RTCP), []byte{0x80, 0, 0, 0})
		w.Settle()
		if lane.RTCP(6*time.Second) == nil {
			t.Error("the reader lost its reports")
		}
		thief.SetReadDeadline(time.Now().Add(6 * time.Second))
		if n, _, err := thief.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil {
			t.Errorf("%d bytes went to its neighbour", n)
		}
	})
}

// NAT-02: two sessions of one address are told apart: while the first has not been heard the second gets a
// pair of ports of its own, and each gets its own media. The pair is free again when its session ends.
func TestSessionsOfOneAddressAreToldApart(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		a, b := w.DialAs(inside), w.DialAs(beside)
		defer a.Close()
		defer b.Close()
		first, second := a.Setup("cam/trackID=1", "udp"), b.Setup("cam/trackID=1", "udp")
		if first.Transport.ServerPort.RTP != 8000 || second.Transport.ServerPort.RTP == 8000 {
			t.Fatalf("server ports %v and %v", first.Transport.ServerPort, second.Transport.ServerPort)
		}
		if p := second.Transport.ServerPort; p.RTP%2 != 0 || p.RTCP != p.RTP+1 {
			t.Errorf("pair of its own: %v", p)
		}
		second.SendRTP([]byte{0x80, 0, 0, 0}) // the second is heard first
		first.SendRTP([]byte{0x80, 0, 0, 0})
		w.Settle()
		a.Do("PLAY", "cam")
		b.Do("PLAY", "cam")
		for i, lane := range []*servertest.Lane{first, second} {
			writeAudio(w, byte(i))
			p := rtp.Packet(lane.RTP(time.Second))
			if p == nil || p.SSRC() != lane.Transport.SSRC[0] {
				t.Errorf("session %d: % x", i, []byte(p))
			}
		}
		b.Do("TEARDOWN", "cam")
		w.Settle()
		for _, name := range w.Net.Open() {
			if strings.Contains(name, netip.AddrPortFrom(netip.MustParseAddr(servertest.ServerHost), second.Transport.ServerPort.RTP).String()) {
				t.Errorf("left open: %s", name)
			}
		}
	})
}

// writeAudio writes one packet of sound to the presentation cam.
func writeAudio(w *servertest.World, n byte) {
	src := servertest.Source{Seq: uint16(n) + 2}
	servertest.Write(w.Handler.Get("cam").(*rtspserver.Live), 1, src.Packet(true, n))
}

// NAT-02: a session whose predecessor of the same address has been heard shares the common ports; so do
// sessions of different addresses.
func TestSessionsShareTheCommonPorts(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		hosts := []string{inside, beside, "192.0.2.11", "192.0.2.12"}
		for _, host := range hosts {
			c := w.DialAs(host)
			defer c.Close()
			lane := c.Setup("cam/trackID=1", "udp")
			if lane.Transport.ServerPort.RTP != 8000 {
				t.Errorf("%s: server ports %v", host, lane.Transport.ServerPort)
			}
			lane.SendRTP([]byte{0x80, 0, 0, 0})
			lane.SendRTCP([]byte{0x80, 0, 0, 0})
			w.Settle()
		}
	})
}

// NAT-02: it is the same when they set up at the same moment.
func TestSessionsThatBeginAtOnceAreToldApart(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		clients := make([]*servertest.Client, 20)
		for i := range clients {
			clients[i] = w.DialAs(inside)
			defer clients[i].Close()
		}
		for i, c := range clients {
			c.Request("SETUP", "cam/trackID=1", fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", 5000+2*i, 5001+2*i))
		}
		ports := map[uint16]bool{}
		for _, c := range clients {
			specs, err := rtsp.ParseTransports(c.Response().Header.Values("Transport"))
			if err != nil || len(specs) != 1 {
				t.Fatal(err)
			}
			ports[specs[0].ServerPort.RTP] = true
		}
		if len(ports) != len(clients) {
			t.Errorf("%d sessions have %d pairs of ports", len(clients), len(ports))
		}
	})
}

// NAT-02: both tracks of one session are learned, though they come from one address: the second has ports
// of its own until the first is heard.
func TestTracksOfOneSessionAreToldApart(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		c := w.DialAs(inside)
		defer c.Close()
		lanes := []*servertest.Lane{c.Setup("cam/trackID=0", "udp"), c.Setup("cam/trackID=1", "udp")}
		for _, lane := range lanes {
			lane.SendRTP([]byte{0x80, 0, 0, 0})
			lane.SendRTCP([]byte{0x80, 0, 0, 0})
		}
		w.Settle()
		c.Do("PLAY", "cam")
		src := servertest.Source{PayloadType: 96}
		servertest.Write(w.Handler.Get("cam").(*rtspserver.Live), 0, src.Key(1))
		writeAudio(w, 1)
		for i, lane := range lanes {
			if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.SSRC() != lane.Transport.SSRC[0] {
				t.Errorf("track %d: % x", i, []byte(p))
			}
			if lane.RTCP(6*time.Second) == nil {
				t.Errorf("track %d: no reports", i)
			}
		}
	})
}

// NAT-02: where two have not been heard, a packet from a port that neither has named is believed to be of
// neither: both keep the ports that they named. On loopback, where all share the common pair.
func TestAmbiguousPortIsNotLearned(t *testing.T) {
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		a, b := w.Dial(), w.Dial()
		defer a.Close()
		defer b.Close()
		lanes := []*servertest.Lane{a.Watch("cam", "udp", 1)[0], b.Watch("cam", "udp", 1)[0]}
		stranger, control, _ := w.Packets(servertest.ClientHost)
		defer stranger.Close()
		defer control.Close()
		ports := lanes[0].Transport.ServerPort
		for range 3 {
			writeTo(t, stranger, fmt.Sprintf("127.0.0.1:%d", ports.RTP), []byte{0x80, 0, 0, 0})
		}
		w.Wait(100 * time.Millisecond)
		servertest.Write(live, 0, src.Packet(true, 1))
		for i, lane := range lanes {
			if lane.RTP(time.Second) == nil {
				t.Errorf("reader %d lost its media", i)
			}
		}
	})
}

// NAT-02: a NAT that gives each destination a port of its own is no different.
func TestSymmetricNAT(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		if _, err := w.Net.AddNAT(home, &simnet.NATOptions{Symmetric: true}, inside); err != nil {
			t.Fatal(err)
		}
		w.Handler.Live("cam", servertest.VideoAudio)
		c := w.DialAs(inside)
		defer c.Close()
		lane := c.Setup("cam/trackID=1", "udp")
		lane.SendRTP([]byte{0x80, 0, 0, 0})
		w.Settle()
		c.Do("PLAY", "cam")
		writeAudio(w, 1)
		if lane.RTP(time.Second) == nil {
			t.Error("no media")
		}
	})
}

// RTP-10, SES-08: RTCP of a reader from its negotiated port, or from behind a NAT, keeps its session alive;
// a stranger's does not.
func TestReceiverReportsKeepASessionAlive(t *testing.T) {
	behindNAT(t, func(t *testing.T, w *servertest.World) {
		a, b := w.DialAs(inside), w.DialAs("192.0.2.11")
		alive := a.Watch("cam", "udp", 1)[0]
		b.Watch("cam", "udp", 1)
		a.Close()
		b.Close()
		stranger, err := w.Net.ListenPacket("203.0.113.9:5000")
		if err != nil {
			t.Fatal(err)
		}
		for range 15 {
			w.Wait(10 * time.Second)
			rr := rtp.AppendReceiverReport(nil, 1, rtp.ReportBlock{SSRC: alive.Transport.SSRC[0]})
			alive.SendRTCP(rr)
			writeTo(t, stranger, servertest.ServerHost+":8001", rr)
		}
		if sessions := w.Server.Sessions(); len(sessions) != 1 {
			t.Errorf("%d sessions", len(sessions))
		}
	})
}

// NAT-04, CON-14: what ffmpeg does when no UDP packet comes: PAUSE, then SETUP over TCP on the same
// connection without a Session, which is another session, and PLAY.
func TestFallbackFromUDPToTCP(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		c.Watch("cam", "udp", 1)
		if r := c.Do("PAUSE", "cam"); r.Status != 200 {
			t.Errorf("PAUSE: %d", r.Status)
		}
		first := c.Session
		c.Session = ""
		lane := c.Watch("cam", "tcp", 1)[0]
		if c.Session == first {
			t.Error("the old session was used again")
		}
		servertest.Write(live, 0, src.Packet(true, 1))
		if lane.RTP(time.Second) == nil {
			t.Error("no media")
		}
		c.Session = first
		if r := c.Do("TEARDOWN", "cam"); r.Status != 200 {
			t.Errorf("TEARDOWN of the old session: %d", r.Status)
		}
	}, servertest.UDP)
}

// NAT-05: ICE is not spoken: such a proposal is 461, and the next one is taken.
func TestICEIsRefused(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		c := w.Dial()
		defer c.Close()
		const ice = "RTP/AVP/D-ICE;unicast;ICE-ufrag=8hhY;ICE-Password=asd88fgpdd777uzjYhagZg"
		if r := c.Do("SETUP", "cam/trackID=0", "Transport: "+ice); r.Status != 461 {
			t.Errorf("D-ICE: %d", r.Status)
		}
		if r := c.Do("SETUP", "cam/trackID=0", "Transport: "+ice+",RTP/AVP/TCP;unicast"); r.Status != 200 {
			t.Errorf("D-ICE or TCP: %d", r.Status)
		}
	})
}
