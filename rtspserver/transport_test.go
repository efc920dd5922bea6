package rtspserver_test

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// specs are what clients propose and what the answer is: a pattern, or the status of the refusal.
var specs = []struct {
	propose string
	status  rtsp.StatusCode
	answer  string
}{
	// TRN-01, TRN-18, TRN-19: the first of the list that can be served
	{"RTP/AVP;multicast, RTP/AVP;unicast;client_port=5000-5001", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=0-1", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVP/TCP;unicast;interleaved=0-1,RTP/AVP;unicast;client_port=5000-5001", 200, `RTP/AVP/TCP;unicast;interleaved=0-1`},
	{"RTP/AVP;multicast", 461, ""}, {"RTP/AVP;multicast;port=5000-5001;ttl=15", 461, ""},
	{"RTP/AVP/TCP;multicast;interleaved=0-1", 461, ""}, {"RTP/AVP;multicast;ttl=300", 461, ""},
	// TRN-03: any case; profiles that nobody knows are skipped
	{"rtp/avp/udp;UNICAST;Client_Port=5000-5001", 200, `RTP/AVP(/UDP)?;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVP/UDP;unicast;client_port=5000-5001", 200, `RTP/AVP(/UDP)?;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVPF;unicast;client_port=5000-5001", 200, `RTP/AVPF;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVPF/TCP;unicast", 200, `RTP/AVPF/TCP;unicast;interleaved=0-1`},
	{"RAW/RAW/UDP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast", 200, `RTP/AVP/TCP;unicast;interleaved=0-1`},
	{"RAW/RAW/UDP;unicast;client_port=5000-5001", 461, ""}, {"MP2T/H2221/UDP;unicast;client_port=5000-5001", 461, ""},
	{"x-real-rdt/udp;client_port=6970", 461, ""}, {"RTP/SAVP;unicast;client_port=5000-5001", 461, ""},
	// TRN-05: blanks and quotes anywhere
	{`RTP/AVP ; unicast ; client_port = 5000-5001 ; mode = "PLAY"`, 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	{`RTP/AVP/TCP;unicast;mode=play`, 200, `RTP/AVP/TCP;unicast;interleaved=0-1`},
	// TRN-06: unicast is what a client means that does not say
	{"RTP/AVP/TCP;interleaved=0-1", 200, `RTP/AVP/TCP;unicast;interleaved=0-1`},
	{"RTP/AVP;client_port=5000-5001", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	// TRN-07, TRN-09, TRN-10: channels
	{"RTP/AVP/TCP;unicast", 200, `RTP/AVP/TCP;unicast;interleaved=0-1`},
	{"RTP/AVP/TCP;unicast;interleaved=0-3", 200, `RTP/AVP/TCP;unicast;interleaved=0-3`},
	{"RTP/AVP/TCP;unicast;interleaved=2", 200, `RTP/AVP/TCP;unicast;interleaved=2-3`},
	{"RTP/AVP/TCP;unicast;interleaved=254-255", 200, `RTP/AVP/TCP;unicast;interleaved=254-255`},
	{"RTP/AVP/TCP;unicast;interleaved=256-257", 461, ""},
	// TRN-11: ports
	{"RTP/AVP;unicast;client_port=5000", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVP;unicast;client_port=5000-5000", 200, `RTP/AVP;unicast;client_port=5000-5000;server_port=8000-8001`},
	{"RTP/AVP;unicast;client_port=0-1", 461, ""}, {"RTP/AVP;unicast;client_port=65535-65536", 461, ""},
	{"RTP/AVP;unicast", 461, ""}, {"", 461, ""},
	// TRN-16, TRN-23, TRN-25: what is ignored, and what is not
	{"RTP/AVP;unicast;destination=203.0.113.9;client_port=5000-5001", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	{"RTP/AVP;unicast;client_port=5000-5001;layers=2", 461, ""},
	{"RTP/AVP;unicast;client_port=5000-5001;layers=1;x-dynamic=1", 200, `RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001`},
	// TRN-21, TRN-22: modes
	{"RTP/AVP/TCP;unicast;mode=record", 405, ""}, {`RTP/AVP/TCP;unicast;mode="PLAY,RECORD"`, 405, ""},
	{"RTP/AVP/TCP;unicast;mode=record;append", 405, ""},
}

// TRN-01, TRN-02, TRN-03, TRN-04, TRN-05, TRN-06, TRN-07, TRN-09, TRN-10, TRN-11, TRN-12, TRN-16, TRN-18,
// TRN-19, TRN-20, TRN-21, TRN-22, TRN-23, ERR-461: exactly one transport is answered, in the form that
// every client reads, or none and then there is no session.
func TestTransportIsSettled(t *testing.T) {
	form := regexp.MustCompile(`^RTP/[A-Z]+(/TCP)?(;[a-z_]+(=[^; ]+)?)+$`)
	for _, s := range specs {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.Live("cam", servertest.Video)
			c := w.Dial()
			defer c.Close()
			resp := c.Do("SETUP", "cam/trackID=0", "Transport: "+s.propose)
			got := resp.Header.Values("Transport")
			if resp.Status != s.status || (s.status == rtsp.StatusOK) != (len(got) == 1) || w.Server.Stats().Sessions != len(got) {
				t.Fatalf("%s: %d, Transport %q, %d sessions", s.propose, resp.Status, got, w.Server.Stats().Sessions)
			}
			if (s.status == rtsp.StatusMethodNotAllowed) != resp.Header.Has("Allow") {
				t.Errorf("%s: Allow %q", s.propose, resp.Header.Get("Allow"))
			}
			if s.status == rtsp.StatusOK && (!form.MatchString(got[0]) || !regexp.MustCompile("^"+s.answer+";ssrc=[0-9A-F]{8}$").MatchString(got[0])) {
				t.Errorf("%s: answered %s, want %s", s.propose, got[0], s.answer)
			}
		})
	}
}

// TRN-24, TRN-25: headers about bandwidth and packet size do no harm.
func TestSetupIgnoresBlocksizeAndBandwidth(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("cam/trackID=0", "tcp", "Blocksize: 500", "Bandwidth: 4000")
	})
}

// TRN-08, TRN-07: channels that the connection has in use already are not given twice; freed ones are
// free again, and 128 pairs are all there are (TRN-10).
func TestChannelsAreUnique(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c, seen := w.Dial(), map[uint8]bool{}
		defer c.Close()
		ids := make([]string, 128)
		for n := range ids {
			c.Session = ""
			ch := c.SetupAs("cam/trackID=0", "RTP/AVP/TCP;unicast;interleaved=0-1").Transport.Interleaved
			if seen[ch.RTP] || seen[ch.RTCP] {
				t.Fatalf("SETUP %d: channels %+v again", n, ch)
			}
			seen[ch.RTP], seen[ch.RTCP], ids[n] = true, true, c.Session
		}
		c.Session = ""
		full := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast").Status
		c.Do("TEARDOWN", "cam", "Session: "+ids[77])
		c.Session = ""
		if again := c.Setup("cam/trackID=0", "tcp"); full != rtsp.StatusUnsupportedTransport || again.Transport.Interleaved.RTP != 154 {
			t.Errorf("full: %d, then %+v", full, again.Transport.Interleaved)
		}
	})
}

// TRN-26, STA-04: a SETUP of a track that is set up replaces its transport, in any combination, before and
// while it plays; what it had is free again.
func TestSetupReplacesTheTransport(t *testing.T) {
	for _, lower := range transports {
		for _, playing := range []bool{false, true} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				s, c := newShow(w), w.Dial()
				defer c.Close()
				first := c.Setup("cam/trackID=0", lower[0])
				if playing {
					wantOK(t, c, "PLAY", "cam")
				}
				second := c.Setup("cam/trackID=0", lower[1])
				resp := wantOK(t, c, "PLAY", "cam")
				servertest.Write(s.live, 0, s.video.Key(1))
				if second.RTP(time.Second) == nil || len(resp.Header.Values("Session")) != 1 {
					t.Errorf("%v: no media by the new way", lower)
				}
				if first.Transport.Interleaved != second.Transport.Interleaved && first.RTP(time.Second) != nil {
					t.Errorf("%v: media by the old way", lower)
				}
				if lower == [2]string{"tcp", "tcp"} && first.Transport.Interleaved != second.Transport.Interleaved {
					t.Errorf("channels %+v, then %+v", first.Transport.Interleaved, second.Transport.Interleaved)
				}
			})
		}
	}
}

// TRN-26, ERR-X2, STA-02: a SETUP that is refused leaves the transport that a track has.
func TestRefusedSetupLeavesTheTransport(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lane := c.Watch("cam", lower, 1)
			for _, bad := range []string{"RTP/AVP;multicast", "RTP/AVP;unicast;client_port=0-1", "RTP/AVP/TCP;unicast;mode=record"} {
				if got := c.Do("SETUP", "cam/trackID=0", "Transport: "+bad).Status; got == rtsp.StatusOK {
					t.Errorf("%s: %d", bad, got)
				}
				s.wantMedia(t, bad, lane, true)
			}
		})
	}
}

// TRN-12, TRN-13: over UDP media comes from the port pair that the answer names, even and odd, and from the
// address of the connection.
func TestMediaComesFromTheAnsweredPorts(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		rtpConn, rtcpConn, port := w.Packets(servertest.ClientHost)
		defer rtpConn.Close()
		defer rtcpConn.Close()
		resp := wantOK(t, c, "SETUP", "cam/trackID=0", fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", port, port+1))
		answer, _ := rtsp.ParseTransports(resp.Header.Values("Transport"))
		ports := answer[0].ServerPort
		if ports.RTP%2 != 0 || ports.RTCP != ports.RTP+1 {
			t.Errorf("server_port %+v", ports)
		}
		wantOK(t, c, "PLAY", "cam")
		s.write()
		server, _ := netip.ParseAddrPort(c.Conn.RemoteAddr().String())
		for conn, want := range map[rtspserver.PacketConn]uint16{rtpConn: ports.RTP, rtcpConn: ports.RTCP} {
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			_, from, err := conn.ReadFromUDPAddrPort(make([]byte, 2000))
			if err != nil || from != netip.AddrPortFrom(server.Addr(), want) {
				t.Errorf("from %v, want port %d; %v", from, want, err)
			}
		}
	}, servertest.UDP)
}

// TRN-11: with one port for both, RTP and RTCP come to it.
func TestOnePortForBoth(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		conn, other, port := w.Packets(servertest.ClientHost)
		defer conn.Close()
		defer other.Close()
		wantOK(t, c, "SETUP", "cam/trackID=0", fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", port, port))
		wantOK(t, c, "PLAY", "cam")
		s.write()
		kinds := map[bool]int{}
		for range 3 {
			b := make([]byte, 2000)
			conn.SetReadDeadline(time.Now().Add(time.Second))
			n, _, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				t.Fatal(err)
			}
			kinds[rtp.IsRTCP(b[:n])]++
		}
		if kinds[true] == 0 || kinds[false] == 0 {
			t.Errorf("RTCP and RTP: %v", kinds)
		}
	})
}

// TRN-14: the SSRC of the answer is that of the packets, in eight hexadecimal digits.
func TestAnsweredSSRCIsThatOfThePackets(t *testing.T) {
	for _, lower := range transports {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lanes := watchBoth(c, lower)
			wantOK(t, c, "PLAY", "cam")
			s.write()
			for i, l := range lanes {
				p := rtp.Packet(l.RTP(time.Second))
				if want := fmt.Sprintf(";ssrc=%08X", p.SSRC()); !strings.Contains(l.Response.Header.Get("Transport"), want) {
					t.Errorf("track %d: %s, want %s", i, l.Response.Header.Get("Transport"), want)
				}
			}
		})
	}
}

// TRN-16, SEC-03: media goes to the client's own address, whatever destination it names.
func TestDestinationIsNotObeyed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		victim, victimRTCP, port := w.Packets("203.0.113.9")
		defer victim.Close()
		defer victimRTCP.Close()
		lane := c.SetupAs("cam/trackID=0", fmt.Sprintf("RTP/AVP;unicast;destination=203.0.113.9;client_port=%d-%d", port, port+1))
		wantOK(t, c, "PLAY", "cam")
		s.write()
		victim.SetReadDeadline(time.Now().Add(time.Second))
		if _, _, err := victim.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil || lane.Transport.Destination != "" {
			t.Error("a third party was sent media")
		}
	})
}

// TRN-27, ERR-503: when there is no port pair left it is 503, and what was taken for the session is given
// back.
func TestNoPortsLeft(t *testing.T) {
	change := func(c *rtspserver.Config) {
		c.ListenPair = func(netip.Addr) (rtspserver.PacketConn, rtspserver.PacketConn, error) {
			return nil, nil, errors.New("no ports")
		}
	}
	servertest.InMemory(t, change, func(t *testing.T, w *servertest.World) {
		s, c := newShow(w), w.Dial()
		defer c.Close()
		c.Setup("cam/trackID=0", "udp") // on the shared pair
		resp := c.Do("SETUP", "cam/trackID=1", "Transport: RTP/AVP;unicast;client_port=7000-7001")
		if resp.Status != rtsp.StatusServiceUnavailable || !resp.Header.Has("Retry-After") {
			t.Errorf("%d", resp.Status)
		}
		lanes := []*servertest.Lane{c.Setup("cam/trackID=0", "udp"), c.Setup("cam/trackID=1", "tcp")}
		wantOK(t, c, "PLAY", "cam")
		s.wantMedia(t, "PLAY", lanes, true, true)
	})
}

// TRN-27: the port pairs of sessions are given back when they end, by TEARDOWN or timeout.
func TestPortsAreGivenBack(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		newShow(w)
		c := w.Dial()
		defer c.Close()
		before := len(w.Net.Open())
		for n := range 6 {
			c.Session = ""
			lanes := watchBoth(c, [2]string{"udp", "udp"})
			if n%2 == 0 {
				wantOK(t, c, "TEARDOWN", "cam")
			}
			lanes[0].Close()
			lanes[1].Close()
		}
		during := len(w.Net.Open())
		w.Wait(70 * time.Second)
		if after := len(w.Net.Open()); during <= before || after != before {
			t.Errorf("%d sockets, then %d, then %d: %v", before, during, after, w.Net.Open())
		}
	})
}
