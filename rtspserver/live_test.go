package rtspserver_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// parseSDP reads a description.
func parseSDP(t testing.TB, text string) *sdp.Session {
	t.Helper()
	desc, err := sdp.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return desc
}

// SDP-01, SDP-03, SDP-04, SDP-05, RTP-11, RTP-13, RTP-14: what a publisher announces becomes a description by the book: the order of
// RFC 8866, CRLF, a name, an unspecified address of the connection's family, port 0, controls and range;
// without the publisher's directions, group addresses and what else is of its transport, with its other
// attributes.
func TestDescriptionOfALivePresentation(t *testing.T) {
	announced := "v=0\r\no=cam 77 88 IN IP4 192.0.2.10\r\ns= \r\nc=IN IP4 239.1.1.1/64\r\nt=0 0\r\na=sendonly\r\na=tool:x\r\na=control:rtsp://192.0.2.10/x\r\n" +
		"m=video 5004 RTP/AVP/TCP 96\r\nc=IN IP4 239.1.1.2/64\r\nb=AS:2000\r\na=rtpmap:96 H264/90000\r\na=framerate:25\r\na=x-dimensions:640,360\r\na=cliprect:0,0,360,640\r\na=ts-refclk:ntp=/traceable/\r\na=mediaclk:sender\r\na=extmap:1 urn:x\r\na=rtcp-mux\r\na=rtcp:5005\r\na=source-filter: incl IN IP4 239.1.1.2 192.0.2.10\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=sendonly\r\na=control:streamid=0\r\n" +
		"m=audio 5006 RTP/AVP 0\r\na=recvonly\r\na=control:streamid=1\r\n"
	want := []string{
		"v=0", `o=- \d+ 1 IN IP4 127.0.0.1`, `s=\S.*`, "c=IN IP4 0.0.0.0", "t=0 0", `a=control:\*`, "a=range:npt=now-",
		"m=video 0 RTP/AVP 96", "b=AS:2000", "a=framerate:25", "a=x-dimensions:640,360", "a=cliprect:0,0,360,640", "a=ts-refclk:ntp=/traceable/", "a=mediaclk:sender", "a=extmap:1 urn:x", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1", "a=control:trackID=0",
		"m=audio 0 RTP/AVP 0", "a=control:trackID=1", "",
	}
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		c.Announce("cam", announced)
		r := c.Do("DESCRIBE", "cam", "Accept: application/sdp")
		lines := strings.Split(string(r.Body), "\r\n")
		for i, line := range lines {
			if i >= len(want) || !regexp.MustCompile("^"+want[i]+"$").MatchString(line) {
				t.Errorf("line %d: %q", i, line)
			}
		}
		if len(lines) != len(want) {
			t.Errorf("%d lines, want %d:\n%s", len(lines), len(want), r.Body)
		}
	})
}

// SDP-06: the version stays while nothing changes, whoever asks and however often, and so does the id.
func TestVersionOfADescriptionIsStable(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
		c, other := w.Dial(), w.DialAs("192.0.2.11")
		defer c.Close()
		defer other.Close()
		first := describe(c, "cam").Origin
		for i := range 5 {
			servertest.Write(live, 0, src.Key(byte(i)))
			if o := describe(other, "cam").Origin; o != first {
				t.Fatalf("%+v, then %+v", first, o)
			}
		}
		live.Update(parseSDP(t, strings.Replace(servertest.Video, "a=control", "a=framerate:25\r\na=control", 1)))
		if o := describe(c, "cam").Origin; o.Version != first.Version+1 || o.ID != first.ID {
			t.Errorf("%+v, then %+v", first, o)
		}
	})
}

// CON-16, SDP-01: the addresses of a description are of the family by which the client came.
func TestDescriptionOverIPv6(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		ln, err := w.Net.Listen("[2001:db8::1]:554")
		if err != nil {
			t.Fatal(err)
		}
		go w.Server.Serve(ln) // ends with the server
		nc, err := w.Net.Dial(t.Context(), "2001:db8::2", "[2001:db8::1]:554")
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		fmt.Fprintf(nc, "DESCRIBE rtsp://[2001:db8::1]/cam RTSP/1.0\r\nCSeq: 1\r\n\r\n")
		reader := rtsp.NewReader(nc, nil)
		if _, err := reader.Next(); err != nil {
			t.Fatal(err)
		}
		desc := parseSDP(t, string(reader.Response().Body))
		if desc.Connection != "IN IP6 ::" || desc.Origin.AddrType != "IP6" || !netip.MustParseAddr(desc.Origin.Address).Is6() {
			t.Errorf("c=%s, o=%+v", desc.Connection, desc.Origin)
		}
	})
}

// CON-07: a session with one track interleaved and one over UDP is tied to the connection as well; both
// tracks get their media until then.
func TestMixedTransports(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.VideoAudio), servertest.Source{}
		c := w.Dial()
		lanes := []*servertest.Lane{c.Setup("cam/trackID=0", "tcp"), c.Setup("cam/trackID=1", "udp")}
		c.Do("PLAY", "cam")
		video := servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, video.Key(1))
		servertest.Write(live, 1, src.Packet(true, 1))
		for i, lane := range lanes {
			if lane.RTP(time.Second) == nil || lane.RTCP(time.Second) == nil {
				t.Errorf("track %d: no media", i)
			}
		}
		c.Close()
		if !w.Until(time.Second, func() bool { return live.Readers() == 0 }) {
			t.Error("the session goes on")
		}
	}, servertest.UDP)
}

// RTP-03: a source that begins anew, with other numbers and another SSRC, is no seam for readers: the next
// sequence number, and a timestamp as much later as time has passed.
func TestRestartOfTheSourceLeavesNoSeam(t *testing.T) {
	for _, gap := range []time.Duration{40 * time.Millisecond, 5 * time.Second} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{Seq: 65535, Timestamp: 1 << 30, SSRC: 1}
			c := w.Dial()
			defer c.Close()
			out := c.Watch("cam", "udp", 1)[0]
			servertest.Write(live, 0, src.Packet(true, 1))
			before := rtp.Packet(out.RTP(time.Second))
			w.Wait(gap)
			restarted := servertest.Source{Seq: 7, Timestamp: 9, SSRC: 2}
			live.Interrupt()
			servertest.Write(live, 0, restarted.Packet(true, 2))
			after := rtp.Packet(out.RTP(time.Second))
			ticks := uint32(gap.Seconds() * 8000)
			if after.Sequence() != before.Sequence()+1 || after.Timestamp()-before.Timestamp() != ticks || after.SSRC() != before.SSRC() {
				t.Errorf("%v: sequence %d behind %d, %d ticks, SSRC %08x behind %08x", gap, after.Sequence(), before.Sequence(), after.Timestamp()-before.Timestamp(), after.SSRC(), before.SSRC())
			}
		})
	}
}

// ANN-09: when parameters of a live description change, clients that said that they take ANNOUNCE get
// one, others get none; whatever they answer, media goes on.
func TestReadersThatTakeANNOUNCEAreTold(t *testing.T) {
	changed := parseSDP(t, strings.Replace(servertest.Video, "aMuMsg==", "aMuMsw==", 1))
	for _, answer := range []string{"RTSP/1.0 200 OK", "RTSP/1.0 501 Not Implemented", "RTSP/1.0 405 Method Not Allowed", ""} {
		for _, takes := range []string{"Public: OPTIONS, ANNOUNCE, REDIRECT", "Allow: ANNOUNCE", "User-Agent: x"} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
				c := w.Dial()
				defer c.Close()
				c.Do("OPTIONS", "*", takes)
				lane := c.Watch("cam", "udp", 1)[0]
				live.Update(changed)
				w.Settle()
				got := c.Pending()
				if strings.Contains(got, "ANNOUNCE rtsp://192.0.2.1/cam RTSP/1.0\r\n") != strings.Contains(takes, "ANNOUNCE") {
					t.Errorf("%s: %q", takes, got)
				}
				if strings.Contains(takes, "ANNOUNCE") && (!strings.Contains(got, "aMuMsw==") || !strings.Contains(got, "Session: "+c.Session)) {
					t.Errorf("%s: %q", takes, got)
				}
				if answer != "" {
					c.Send(answer + "\r\nCSeq: 1\r\n\r\n")
				}
				servertest.Write(live, 0, src.Key(1))
				if p := rtp.Packet(lane.RTP(time.Second)); p == nil || !strings.HasSuffix(string(p), "\xb3") {
					t.Errorf("%s, answered %q: % x", takes, answer, []byte(p))
				}
			})
		}
	}
}

// ANN-09: other tracks are a new presentation: clients that take ANNOUNCE get one and their tracks go on
// without a jump of numbers, as far as there are still such tracks; the others are sent away with BYE.
func TestChangeOfTracks(t *testing.T) {
	h265 := strings.Replace(servertest.VideoAudio, "H264", "H265", 1)
	for _, test := range []struct {
		name, description, key string
		kept                   []int // tracks that go on
	}{
		{"another codec", h265, "\x26\x01\xaf", []int{0, 1}},
		{"one track less", servertest.Video, "\x65\x88", []int{0}},
		{"one track more", servertest.VideoAudio + "m=application 0 RTP/AVP 98\r\na=rtpmap:98 vnd.x/1000\r\n", "\x65\x88", []int{0, 1}},
	} {
		for _, lower := range []string{"tcp", "udp"} {
			for _, takes := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s over %s, takes ANNOUNCE %v", test.name, lower, takes), func(t *testing.T) {
					servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
						live := w.Handler.Live("cam", servertest.VideoAudio)
						c := w.Dial()
						defer c.Close()
						if takes {
							c.Do("OPTIONS", "*", "Public: ANNOUNCE")
						}
						lanes := c.Watch("cam", lower, 2)
						last := play(t, live, lanes, "\x65\x88", nil, []int{0, 1})
						live.Update(parseSDP(t, test.description))
						w.Settle()
						if !takes {
							if !bye(lanes[0]) || !bye(lanes[1]) || !c.Closed() {
								t.Error("not sent away")
							}
							return
						}
						if r := c.ServerRequest(); r.Method != rtsp.MethodAnnounce || len(parseSDP(t, string(r.Body)).Media) != len(parseSDP(t, test.description).Media) {
							t.Errorf("%s: %s", r.Method, r.Body)
						}
						play(t, live, lanes, test.key, last, test.kept)
						if len(test.kept) == 1 && !bye(lanes[1]) {
							t.Error("no BYE for the track that is gone")
						}
						if r := c.Do("TEARDOWN", "cam"); r.Status != rtsp.StatusOK {
							t.Errorf("TEARDOWN: %d", r.Status)
						}
					})
				})
			}
		}
	}
}

// play sends a packet of each track, of the first one a key picture, and checks that it comes behind the
// last one.
func play(t *testing.T, live *rtspserver.Live, lanes []*servertest.Lane, key string, last []rtp.Packet, tracks []int) []rtp.Packet {
	t.Helper()
	got := make([]rtp.Packet, len(lanes))
	for _, i := range tracks {
		src := servertest.Source{PayloadType: []uint8{96, 0}[i], SSRC: uint32(i), Seq: 100}
		servertest.Write(live, i, src.Packet(true, []byte(key)...))
		for got[i] == nil || got[i].Payload()[0] != key[0] {
			p := rtp.Packet(lanes[i].RTP(time.Second))
			if p == nil {
				t.Fatalf("nothing of track %d", i)
			}
			if last != nil && p.Sequence() != last[i].Sequence()+1 {
				t.Errorf("track %d: sequence %d behind %d", i, p.Sequence(), last[i].Sequence())
			}
			if last != nil {
				last[i] = p
			}
			got[i] = p
		}
	}
	return got
}

// RTP-11: a client that names one port for RTP and RTCP gets both there, and its reports are known by what
// they are wherever it sends them: they keep its session alive.
func TestOnePortForRTPAndRTCP(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		c := w.Dial()
		socket, err := w.Net.ListenPacket(servertest.ClientHost + ":6000")
		if err != nil {
			t.Fatal(err)
		}
		if r := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP;unicast;client_port=6000-6000"); r.Status != rtsp.StatusOK {
			t.Fatalf("SETUP: %d", r.Status)
		}
		c.Do("PLAY", "cam")
		c.Close()
		servertest.Write(live, 0, src.Packet(true, 1))
		kinds := map[bool]int{}
		b := make([]byte, 2000)
		for range 2 {
			socket.SetReadDeadline(time.Now().Add(time.Second))
			n, _, err := socket.ReadFromUDPAddrPort(b)
			if err != nil {
				t.Fatal(err)
			}
			kinds[rtp.IsRTCP(b[:n])]++
		}
		if kinds[true] != 1 || kinds[false] != 1 {
			t.Errorf("%v", kinds)
		}
		for range 20 {
			writeTo(t, socket, servertest.ServerHost+":8000", rtp.AppendReceiverReport(nil, 1))
			w.Wait(10 * time.Second)
		}
		if live.Readers() != 1 {
			t.Error("the session timed out")
		}
	})
}

// RTP-16: a reader that sets up only sound, and one that sets up only the picture, get just that.
func TestReadersOfSomeTracks(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.VideoAudio)
		video, audio := servertest.Source{PayloadType: 96, SSRC: 1}, servertest.Source{SSRC: 2}
		var lanes []*servertest.Lane
		for _, lower := range w.Lowers() {
			for track := range 2 {
				c := w.Dial()
				defer c.Close()
				lanes = append(lanes, c.Setup(fmt.Sprintf("cam/trackID=%d", track), lower))
				c.Do("PLAY", "cam")
			}
		}
		servertest.Write(live, 0, video.Key(1))
		for i := range 5 {
			servertest.Write(live, 1, audio.Packet(true, byte(i)))
			servertest.Write(live, 0, video.Delta(byte(i)))
		}
		for i, lane := range lanes {
			var got []uint8
			for range 5 + (1-i%2)*2 {
				p := rtp.Packet(lane.RTP(time.Second))
				if p == nil {
					t.Fatalf("reader %d: got %x", i, got)
				}
				got = append(got, p.Payload()[0])
			}
			want := [][]uint8{{0x78, 0x65, 0x41, 0x41, 0x41, 0x41, 0x41}, {0, 1, 2, 3, 4}}[i%2]
			if !slices.Equal(got, want) {
				t.Errorf("reader %d: got %x, want %x", i, got, want)
			}
		}
	})
}
