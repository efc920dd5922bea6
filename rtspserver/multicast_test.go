package rtspserver_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// loopback is the interface of the machine's own addresses.
func loopback(t *testing.T) *net.Interface {
	t.Helper()
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for i := range links {
		if links[i].Flags&net.FlagLoopback != 0 {
			return &links[i]
		}
	}
	t.Skip("no loopback interface")
	return nil
}

// A member listens to a group.
type member struct {
	t *testing.T
	c *net.UDPConn
}

func listen(t *testing.T, network, group string, port int) *member {
	t.Helper()
	c, err := net.ListenMulticastUDP(network, loopback(t), &net.UDPAddr{IP: net.ParseIP(group), Port: port})
	if err != nil {
		t.Skipf("no multicast here: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return &member{t, c}
}

// next is the next packet, nil when none comes for a while.
func (m *member) next(d time.Duration) []byte {
	b := make([]byte, 2000)
	m.c.SetReadDeadline(time.Now().Add(d))
	n, err := m.c.Read(b)
	if err != nil {
		return nil
	}
	return b[:n]
}

// group is where the tests' presentation is sent, to ports of the test's own.
const group = "239.255.77.7"

// freeEven finds an even port that nobody uses, with room behind.
func freeEven(t *testing.T) uint16 {
	t.Helper()
	for {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{})
		if err != nil {
			t.Fatal(err)
		}
		port := c.LocalAddr().(*net.UDPAddr).Port
		c.Close()
		if port%2 == 0 && port < 65000 {
			return uint16(port)
		}
	}
}

// TRN-17, TRN-19, SES-12, RTP-04, RTP-09: readers who ask for multicast share one group: a packet is sent once however many they
// are, with reports beside it, until the last of them has left.
func TestMulticast(t *testing.T) {
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		port := freeEven(t)
		live := rtspserver.NewLive(servertest.Parse(servertest.Video), &rtspserver.LiveConfig{
			Multicast: &rtspserver.Multicast{Group: netip.MustParsePrefix(group + "/32"), Port: port, TTL: 3, SSM: true},
		})
		w.Handler.Put("cam", live)
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1))
		media, reports := listen(t, "udp4", group, int(port)), listen(t, "udp4", group, int(port)+1)

		a, b := w.Dial(), w.Dial()
		defer a.Close()
		defer b.Close()
		for _, c := range []*servertest.Client{a, b} {
			resp := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP;multicast")
			specs, err := rtsp.ParseTransports(resp.Header.Values("Transport"))
			if resp.Status != 200 || err != nil || len(specs) != 1 {
				t.Fatalf("%s", resp.Raw)
			}
			if s := specs[0]; s.Delivery != rtsp.DeliveryMulticast || s.Destination != group || s.TTL != 3 || s.Source != "127.0.0.1" ||
				s.Port.RTP != port || s.Port.RTCP != port+1 || s.ClientPort.Set || len(s.SSRC) > 0 {
				t.Errorf("Transport: %s", resp.Header.Get("Transport"))
			}
			c.Session, _, _ = rtsp.ParseSession(resp.Header.Get("Session"))
		}
		if media.next(50*time.Millisecond) != nil {
			t.Error("media before PLAY")
		}
		wantOK(t, a, "PLAY", "cam")
		wantOK(t, b, "PLAY", "cam")
		servertest.Write(live, 0, src.Key(2))
		var got []rtp.Packet
		for p := media.next(300 * time.Millisecond); p != nil; p = media.next(100 * time.Millisecond) {
			got = append(got, p)
		}
		if len(got) != 2 || got[1].Sequence() != got[0].Sequence()+1 || got[1].Payload()[0] != 0x65 || got[0].SSRC() != live.Timeline().SSRC(0) {
			t.Errorf("two readers, %d packets of a key picture with its parameter sets: % x", len(got), got)
		}
		if r := reports.next(time.Second); rtp.ValidateCompound(r) != nil || rtp.RTCP(r).Type() != rtp.SR {
			t.Errorf("report: % x", r)
		}

		wantOK(t, a, "PAUSE", "cam")
		servertest.Write(live, 0, src.Delta(3))
		if media.next(time.Second) == nil {
			t.Error("the pause of one reader stops the other")
		}
		wantOK(t, b, "TEARDOWN", "cam")
		servertest.Write(live, 0, src.Delta(4))
		if p := media.next(50 * time.Millisecond); p != nil {
			t.Errorf("nobody plays, and % x comes", p)
		}
		wantOK(t, a, "TEARDOWN", "cam")
		bye := false
		for r := reports.next(time.Second); r != nil && !bye; r = reports.next(time.Second) {
			for p := range rtp.Packets(r) {
				bye = bye || p.Type() == rtp.BYE
			}
		}
		if !bye || live.Readers() != 0 {
			t.Errorf("BYE %v, %d readers are left", bye, live.Readers())
		}
	})
}

// ANN-09: when a presentation gets other tracks its group ends with those who played it, and who comes then gets the new
// ones, although a member that has paused is still there.
func TestMulticastOfOtherTracks(t *testing.T) {
	for range 10 { // who hears of the change first is another each time
		multicastOfOtherTracks(t)
	}
}

func multicastOfOtherTracks(t *testing.T) {
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		port := freeEven(t)
		live := rtspserver.NewLive(servertest.Parse(servertest.Video), &rtspserver.LiveConfig{
			Multicast: &rtspserver.Multicast{Group: netip.MustParsePrefix(group + "/32"), Port: port},
		})
		w.Handler.Put("cam", live)
		media := listen(t, "udp4", group, int(port))
		join := func() *servertest.Client {
			c := w.Dial()
			t.Cleanup(c.Close)
			resp := wantOK(t, c, "SETUP", "cam/trackID=0", "Transport: RTP/AVP;multicast")
			c.Session, _, _ = rtsp.ParseSession(resp.Header.Get("Session"))
			wantOK(t, c, "PLAY", "cam")
			return c
		}
		plays, pauses := join(), join()
		wantOK(t, pauses, "PAUSE", "cam")
		live.Update(servertest.Parse(servertest.VideoAudio))
		if !w.Until(time.Second, func() bool { return !alive(w, plays.Session) }) || !alive(w, pauses.Session) {
			t.Error("who plays goes on, or who has paused is gone")
		}
		join()
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1))
		if media.next(time.Second) == nil {
			t.Error("who comes behind the change gets nothing")
		}
	})
}

// TRN-01, TRN-18, ERR-461: multicast is refused where it is not offered, and over TCP; the next proposal counts then.
func TestMulticastThatIsNotOffered(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		for transport, want := range map[string]rtsp.StatusCode{
			"RTP/AVP;multicast": 461, "RTP/AVP/TCP;multicast": 461, "RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1": 200,
		} {
			c.Session = ""
			if got := c.Do("SETUP", "cam/trackID=0", "Transport: "+transport).Status; got != want {
				t.Errorf("%s: %d, want %d", transport, got, want)
			}
		}
	})
}

// Of a range each presentation gets a group of its own; when there is none left it is 503. A description tells the source.
func TestMulticastRange(t *testing.T) {
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		listen(t, "udp4", group, 0) // skips where there is no multicast
		seen := map[string]bool{}
		for i, want := range []rtsp.StatusCode{200, 200, 503} {
			name := "cam" + string(rune('0'+i))
			w.Handler.Put(name, rtspserver.NewLive(servertest.Parse(servertest.Video), &rtspserver.LiveConfig{
				Multicast: &rtspserver.Multicast{Group: netip.MustParsePrefix("239.255.78.0/31"), SSM: true},
			}))
			c := w.Dial()
			defer c.Close()
			if body := string(c.Do("DESCRIBE", name).Body); !strings.Contains(body, "a=source-filter: incl IN IP4 * 127.0.0.1\r\n") {
				t.Errorf("%s", body)
			}
			c.Session = ""
			resp := c.Do("SETUP", name+"/trackID=0", "Transport: RTP/AVP;multicast")
			if resp.Status != want {
				t.Errorf("%s: %d, want %d", name, resp.Status, want)
			}
			if specs, err := rtsp.ParseTransports(resp.Header.Values("Transport")); err == nil && len(specs) == 1 {
				seen[specs[0].Destination] = true
			}
		}
		if len(seen) != 2 {
			t.Errorf("groups %v", seen)
		}
	})
}

// IPv6 needs an interface that does multicast, which loopback usually is not; what is sent here does not leave it.
func TestMulticastOverIPv6(t *testing.T) {
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	const within = "ff11::77" // interface-local (RFC 4291 §2.7)
	for i := range links {
		local, ok := v6Of(&links[i])
		if !ok || links[i].Flags&net.FlagMulticast == 0 {
			continue
		}
		port := freeEven(t)
		in, err := net.ListenMulticastUDP("udp6", &links[i], &net.UDPAddr{IP: net.ParseIP(within), Port: int(port)})
		if err != nil {
			continue
		}
		defer in.Close()
		out, err := rtspserver.OpenGroup(netip.MustParseAddr(within), local, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if _, err := out.WriteToUDPAddrPort([]byte("here"), netip.AddrPortFrom(netip.MustParseAddr(within), port)); err != nil {
			t.Fatal(err)
		}
		if got := (&member{t, in}).next(time.Second); string(got) != "here" {
			t.Errorf("got %q", got)
		}
		return
	}
	t.Skip("no interface with IPv6 and multicast")
}

// v6Of is an IPv6 address of an interface.
func v6Of(link *net.Interface) (netip.Addr, bool) {
	addrs, err := link.Addrs()
	if err != nil || link.Flags&net.FlagUp == 0 {
		return netip.Addr{}, false
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() == nil {
			addr, _ := netip.AddrFromSlice(n.IP)
			if addr.IsLinkLocalUnicast() {
				addr = addr.WithZone(link.Name)
			}
			return addr, true
		}
	}
	return netip.Addr{}, false
}

func TestMulticastIsChecked(t *testing.T) {
	for _, bad := range []rtspserver.Multicast{
		{}, {Group: netip.MustParsePrefix("10.0.0.1/32")}, {Group: netip.MustParsePrefix("239.0.0.0/8"), Port: 5005},
		{Group: netip.MustParsePrefix("239.0.0.0/8"), TTL: 256}, {Group: netip.MustParsePrefix("224.0.0.0/2")},
	} {
		if bad.Valid() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if err := (&rtspserver.Multicast{Group: netip.MustParsePrefix("ff15::/112"), Port: 6000, TTL: 8}).Valid(); err != nil {
		t.Error(err)
	}
}
