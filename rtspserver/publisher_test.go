package rtspserver_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A reception is one receiver report that a publisher got.
type reception struct {
	at    time.Time
	from  uint32
	cname string
	block rtp.ReportBlock
}

// receptions takes the receiver reports that have come until now.
func receptions(t *testing.T, lane *servertest.Lane) []reception {
	t.Helper()
	var all []reception
	for b := lane.RTCP(time.Microsecond); b != nil; b = lane.RTCP(time.Microsecond) {
		if err := rtp.ValidateCompound(b); err != nil {
			t.Fatalf("compound % x: %v", b, err)
		}
		r := reception{at: time.Now()}
		for p := range rtp.Packets(b) {
			if p.Type() == rtp.RR {
				r.from = p.SSRC()
				for block := range p.Reports() {
					r.block = block
				}
			}
			if _, name, ok := p.CNAME(); ok {
				r.cname = name
			}
		}
		all = append(all, r)
	}
	return all
}

// ANN-13, RTP-05, RTP-12: a publisher hears every 5 s or less what was lost and how even the rest came, as
// RFC 3550 counts it: 20 ms of media each 20 ms, every other packet 5 ms late, every tenth lost.
func TestReceiverReportsAreTrue(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			lane := c.Publish("cam", servertest.Video, lower)[0]
			src := servertest.Source{PayloadType: 96, Seq: 65000, SSRC: 0xabcd}
			var all []reception
			begin, lost := time.Now(), 0
			for i := range 1000 {
				w.Wait(time.Until(begin.Add(time.Duration(i)*20*time.Millisecond + time.Duration((i-lost)%2)*5*time.Millisecond)))
				src.Timestamp += 1800
				if p := src.Packet(true, 0x41, 0x9a); i%10 != 5 {
					lane.SendRTP(p)
				} else {
					lost++
				}
				all = append(all, receptions(t, lane)...)
			}
			for range 50 {
				w.Wait(100 * time.Millisecond)
				all = append(all, receptions(t, lane)...)
			}
			if len(all) < 5 {
				t.Fatalf("%s: %d reports in 25 s", lower, len(all))
			}
			for i, r := range all[1:] {
				if gap := r.at.Sub(all[i].at); gap > 5*time.Second || r.from != all[0].from || r.cname != all[0].cname {
					t.Errorf("%s: report %d after %v of %08x %q", lower, i+1, gap, r.from, r.cname)
				}
			}
			last := all[len(all)-1].block
			if int(last.TotalLost) != lost || last.HighestSeq != 65000+999 || last.SSRC != src.SSRC {
				t.Errorf("%s: lost %d of %d, highest %d, source %08x", lower, last.TotalLost, lost, last.HighestSeq, last.SSRC)
			}
			if middle := all[2].block; middle.FractionLost < 24 || middle.FractionLost > 27 || middle.Jitter < 440 || middle.Jitter > 460 {
				t.Errorf("%s: fraction %d/256, jitter %d; want 25, 450", lower, middle.FractionLost, middle.Jitter)
			}
		})
	}
}

// ANN-13: a receiver report repeats the middle of the last sender report's time and says how long ago it
// came, so that the publisher can tell the round trip.
func TestReceiverReportAnswersTheSenderReport(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			lane := c.Publish("cam", servertest.Video, lower)[0]
			src := servertest.Source{PayloadType: 96, SSRC: 5}
			lane.SendRTP(src.Key(1))
			ntp := rtp.NTPTime(time.Now())
			lane.SendRTCP(rtp.AppendCNAME(rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 5, NTP: ntp, RTPTime: src.Timestamp}), 5, "cam"))
			sent := time.Now()
			report := rtp.Packets(lane.RTCP(6 * time.Second))
			for p := range report {
				for block := range p.Reports() {
					since := time.Duration(block.DLSR) * time.Second / 65536
					if block.LSR != ntp.Middle() || (time.Since(sent)-since).Abs() > 50*time.Millisecond {
						t.Errorf("%s: LSR %08x of %08x, DLSR %v of %v", lower, block.LSR, ntp.Middle(), since, time.Since(sent))
					}
				}
			}
		})
	}
}

// RTP-12: what arrives over UDP is put in order. A loss holds up what follows until the reorder time of
// the track has passed, not longer and not until the next packet: 100 ms for video, half of it for audio,
// or as the publication says.
func TestGapHoldsTheStreamNoLongerThanTheTimer(t *testing.T) {
	for _, test := range []struct {
		track   int
		reorder time.Duration
		want    time.Duration
	}{
		{0, 0, 100 * time.Millisecond}, {1, 0, 50 * time.Millisecond},
		{0, 40 * time.Millisecond, 40 * time.Millisecond}, {1, 40 * time.Millisecond, 20 * time.Millisecond},
		{0, -1, 0}, {1, -1, 0},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.Reorder = test.reorder
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", servertest.VideoAudio, "udp")[test.track], reader.Watch("cam", "tcp", 2)[test.track]
			src := servertest.Source{PayloadType: []uint8{96, 0}[test.track]}
			in.SendRTP(src.Key(1))
			for p := out.RTP(time.Second); p == nil || p[len(p)-1] != 1; p = out.RTP(time.Second) { // parameter sets
			}
			src.Delta(2) // lost
			in.SendRTP(src.Delta(3))
			sent := time.Now()
			p := out.RTP(time.Second)
			if p == nil || p[len(p)-1] != 3 || time.Since(sent) != test.want {
				t.Errorf("track %d, reorder %v: % x after %v, want %v", test.track, test.reorder, p, time.Since(sent), test.want)
			}
		})
	}
}

// RTP-12: a packet that comes within the reorder time goes out in its place at once; one that comes twice
// goes out once.
func TestReorderedPacketsGoOutInOrder(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", servertest.Audio, "udp")[0], reader.Watch("cam", "tcp", 1)[0]
		var src servertest.Source
		a, b, c, d := src.Packet(true, 1), src.Packet(true, 2), src.Packet(true, 3), src.Packet(true, 4)
		begin := time.Now()
		for _, p := range [][]byte{a, c, b, c, a, d} {
			in.SendRTP(p)
		}
		var got []byte
		for p := rtp.Packet(out.RTP(time.Second)); p != nil; p = out.RTP(time.Second) {
			got = append(got, p.Payload()...)
			if time.Since(begin) > 0 {
				t.Errorf("packet %d waited %v", p.Payload()[0], time.Since(begin))
			}
			if len(got) == 4 {
				break
			}
		}
		if !slices.Equal(got, []byte{1, 2, 3, 4}) {
			t.Errorf("got %v", got)
		}
	})
}

// RTP-12: over a network that loses, repeats and delays packets, readers get every packet that arrived,
// once, in order, with the gaps of those that did not; and the publisher's report counts exactly these.
func TestBadNetworkOfAPublisher(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		lane, out := pub.Publish("cam", servertest.Audio, "udp")[0], reader.Watch("cam", "tcp", 1)[0]
		w.Net.SetLink(servertest.ClientHost, servertest.ServerHost, simnet.Link{
			Delay: 10 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.05, Duplicate: 0.01, Reorder: 0.1, ReorderBy: 30 * time.Millisecond,
		})
		before, src := w.Net.Stats(), servertest.Source{SSRC: 3}
		var got []uint16
		var first uint16
		for i := range 2000 {
			src.Timestamp += 160
			lane.SendRTP(src.Packet(false, byte(i>>8), byte(i)))
			for p := rtp.Packet(out.RTP(20 * time.Millisecond)); p != nil; p = out.RTP(time.Microsecond) {
				n := uint16(p.Payload()[0])<<8 | uint16(p.Payload()[1])
				if len(got) == 0 {
					first = p.Sequence() - n
				}
				if p.Sequence() != first+n {
					t.Fatalf("packet %d has sequence number %d behind %d", n, p.Sequence(), first)
				}
				got = append(got, n)
			}
		}
		w.Wait(time.Second)
		for p := rtp.Packet(out.RTP(time.Microsecond)); p != nil; p = out.RTP(time.Microsecond) {
			got = append(got, uint16(p.Payload()[0])<<8|uint16(p.Payload()[1]))
		}
		stats := w.Net.Stats()
		lost, twice := int(stats.Lost-before.Lost), int(stats.Duplicated-before.Duplicated)
		if lost < 50 || twice < 5 || stats.Reordered-before.Reordered < 100 {
			t.Fatalf("the network was too good: %+v", stats)
		}
		if len(got) != 2000-lost || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%d packets of %d, sorted %v", len(got), 2000-lost, slices.IsSorted(got))
		}
		w.Wait(6 * time.Second)
		reports := receptions(t, lane)
		last := reports[len(reports)-1].block
		if trailing := 1999 - int(got[len(got)-1]); int(last.TotalLost) != lost-trailing-twice {
			t.Errorf("reported %d lost; %d were, %d came twice", last.TotalLost, lost, twice)
		}
	})
}

// SEC-06, RTP-10: media is taken from the negotiated address and port only, and over UDP from one source:
// another SSRC is believed when the first has been silent.
func TestMediaOfStrangersIsDropped(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", servertest.Audio, "udp")[0], reader.Watch("cam", "tcp", 1)[0]
		src, forged := servertest.Source{SSRC: 3}, servertest.Source{SSRC: 4}
		in.SendRTP(src.Packet(true, 1))
		for _, from := range []string{"203.0.113.9:5000", servertest.ClientHost + ":6000"} {
			socket, err := w.Net.ListenPacket(from)
			if err != nil {
				t.Fatal(err)
			}
			src := src
			writeTo(t, socket, servertest.ServerHost+":8000", src.Packet(true, 9)) // right in all but its address
		}
		in.SendRTP(forged.Packet(true, 8)) // right in all but its SSRC
		in.SendRTP(src.Packet(true, 2))
		w.Wait(1500 * time.Millisecond)
		in.SendRTP(forged.Packet(true, 3)) // after silence it is a restarted source
		w.Settle()
		var got []byte
		for p := rtp.Packet(out.RTP(time.Microsecond)); p != nil; p = out.RTP(time.Microsecond) {
			got = append(got, p.Payload()...)
		}
		if !slices.Equal(got, []byte{1, 2, 3}) {
			t.Errorf("readers got %v", got)
		}
	})
}

// FRM-06: what a publisher sends before RECORD, and after PAUSE, is dropped.
func TestMediaOutsideOfRecordingIsDropped(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			pub.Announce("cam", servertest.Audio)
			in := pub.Setup("cam/streamid=1", lower)
			out, src := reader.Watch("cam", "tcp", 1)[0], servertest.Source{}
			step := func(method string) {
				in.SendRTP(src.Packet(true, byte(src.Seq)))
				w.Settle()
				if r := pub.Do(method, "cam"); r.Status != 200 {
					t.Fatalf("%s: %d", method, r.Status)
				}
			}
			for _, method := range []string{"RECORD", "PAUSE", "RECORD", "PAUSE"} {
				step(method)
			}
			var got []byte
			for p := rtp.Packet(out.RTP(time.Second)); p != nil; p = out.RTP(time.Second) {
				got = append(got, p.Payload()...)
			}
			if !slices.Equal(got, []byte{1, 3}) {
				t.Errorf("%s: readers got %v", lower, got)
			}
		})
	}
}

// ANN-14: a publisher that sends nothing for 10 s is given up, and its path is free; one that goes on,
// if only with sender reports, is not.
func TestSilentPublisherIsFreed(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", servertest.Audio, lower)[0], reader.Watch("cam", "tcp", 1)[0]
			src := servertest.Source{SSRC: 1}
			for range 3 {
				in.SendRTP(src.Packet(true, 1))
				w.Wait(8 * time.Second)
				in.SendRTCP(rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 1, NTP: rtp.NTPTime(time.Now())}))
				w.Wait(8 * time.Second)
			}
			in.SendRTP(src.Packet(true, 1))
			silent := time.Now()
			select {
			case err := <-w.Handler.Left:
				if took := time.Since(silent); err == nil || took > 11*time.Second+time.Millisecond || took < 10*time.Second {
					t.Errorf("%s: given up after %v: %v", lower, took, err)
				}
			case <-time.After(20 * time.Second):
				t.Errorf("%s: never given up", lower)
			}
			if !bye(out) {
				t.Errorf("%s: readers got no BYE", lower)
			}
			pub2 := w.Dial()
			defer pub2.Close()
			pub2.Publish("cam", servertest.Audio, lower)
		})
	}
}

// bye reads a reader's control packets up to a BYE.
func bye(lane *servertest.Lane) bool {
	for b := lane.RTCP(3 * time.Second); b != nil; b = lane.RTCP(3 * time.Second) {
		for p := range rtp.Packets(b) {
			if p.Type() == rtp.BYE {
				return true
			}
		}
	}
	return false
}

// SES-07, ANN-14: a publisher that announces, sets up and then does nothing loses its session when the
// session timeout has passed.
func TestAnnouncementWithoutMediaTimesOut(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		c.Announce("cam", servertest.Audio)
		c.Setup("cam/streamid=1", "udp")
		w.Wait(65 * time.Second)
		if n := w.Server.Stats().Sessions; n != 1 {
			t.Errorf("%d sessions before the timeout", n)
		}
		w.Wait(3 * time.Second)
		if n := w.Server.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions after the timeout", n)
		}
	})
}

// ANN-14: a publisher that says goodbye ends its readers at once, over tcp and udp, with a BYE and the
// end of their connections; its cause is nil, that of one whose connection broke is not.
func TestReadersEndWithTheirPublisher(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		for _, teardown := range []bool{true, false} {
			servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
				pub, reader := w.Dial(), w.Dial()
				defer pub.Close()
				defer reader.Close()
				in, out := pub.Publish("cam", servertest.Audio, "tcp")[0], reader.Watch("cam", lower, 1)[0]
				src := servertest.Source{SSRC: 1}
				in.SendRTP(src.Packet(true, 1))
				if out.RTP(time.Second) == nil {
					t.Fatal("no media")
				}
				if teardown {
					pub.Do("TEARDOWN", "cam")
				} else {
					pub.Close()
				}
				if !bye(out) || !reader.Closed() {
					t.Error("no BYE, or the connection stays open")
				}
				if err := <-w.Handler.Left; (err == nil) != teardown {
					t.Errorf("left with %v", err)
				}
			}, servertest.NeedOf(lower))
		}
	}
}

// ANN-14, SES-08: receiver reports that reach a UDP publisher do not depend on its control connection:
// the session outlives it and ends with its media.
func TestPublisherOverUDPOutlivesItsConnection(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub := w.Dial()
		in := pub.Publish("cam", servertest.Audio, "udp")[0]
		pub.Close()
		src := servertest.Source{SSRC: 1}
		for range 20 {
			in.SendRTP(src.Packet(true, 1))
			w.Wait(time.Second)
		}
		if n := w.Server.Stats().Sessions; n != 1 {
			t.Fatalf("%d sessions", n)
		}
		w.Wait(12 * time.Second)
		if n := w.Server.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions without media", n)
		}
	})
}

// ERR-503: a publisher for which there is no session left hears 503, and its path is given back.
func TestRefusedPublisherGivesItsPathBack(t *testing.T) {
	servertest.InMemory(t, func(cfg *rtspserver.Config) { cfg.MaxSessions = 1 }, func(t *testing.T, w *servertest.World) {
		first, second := w.Dial(), w.Dial()
		defer first.Close()
		defer second.Close()
		first.Publish("one", servertest.Audio, "tcp")
		r := second.Do("ANNOUNCE", "two", "Content-Type: application/sdp", "\r\n"+servertest.Audio)
		if r.Status != 503 || r.Header.Get("Retry-After") == "" {
			t.Errorf("%d, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
		}
		select {
		case err := <-w.Handler.Left:
			if err == nil || errors.Is(err, rtspserver.ErrServerClosed) {
				t.Errorf("given back with %v", err)
			}
		default:
			t.Error("the path was not given back")
		}
	})
}

// RTP-01, FRM-15: what is no RTP is dropped, and harms nobody.
func TestGarbageOfAPublisherIsDropped(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", servertest.Audio, lower)[0], reader.Watch("cam", "tcp", 1)[0]
			src := servertest.Source{SSRC: 1}
			for _, b := range []string{"\x80", "hello, world, hello", "\x80\x00\x00\x01", strings.Repeat("\xff", 2000), "\xbf\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\xff"} {
				in.SendRTP([]byte(b))
				in.SendRTCP([]byte(b))
			}
			in.SendRTP(src.Packet(true, 1))
			if p := rtp.Packet(out.RTP(time.Second)); p == nil || p.Payload()[0] != 1 {
				t.Errorf("%s: % x", lower, []byte(p))
			}
		})
	}
}

// writeTo sends a datagram.
func writeTo(t *testing.T, socket rtspserver.PacketConn, to string, b []byte) {
	t.Helper()
	if _, err := socket.WriteToUDPAddrPort(b, netip.MustParseAddrPort(to)); err != nil {
		t.Fatal(err)
	}
}
