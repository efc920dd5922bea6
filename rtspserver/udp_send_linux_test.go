package rtspserver

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// batchOf makes a log of n packets of equal size and reads it.
func batchOf(t *testing.T, n, size int) timeline.Batch {
	t.Helper()
	desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=t\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline.New(desc.Media, nil)
	t.Cleanup(func() { tl.Close(io.EOF) })
	c := tl.Cursor(1)
	c.Join()
	for i := range n {
		p := rtp.AppendHeader(nil, rtp.Header{Sequence: uint16(i), Timestamp: uint32(160 * i), SSRC: 1})
		if err := tl.Write(0, append(p, bytes.Repeat([]byte{byte(i)}, size)...), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b, err := c.Next()
	if err != nil || len(b.Packets) != n {
		t.Fatalf("%d packets, %v", len(b.Packets), err)
	}
	return b
}

// A kernel that does not cut runs gets packet by packet what it was to cut, and what follows: from all when the route
// is to blame (EIO), from one peer when its path is (EINVAL, EMSGSIZE). Nothing is lost by finding out. All families.
func TestRunsThatTheKernelRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		network, from, to string
		errno             error
		gso, whole        bool // afterwards
	}{
		"IPv4":                {"udp4", "127.0.0.1", "127.0.0.1", nil, true, false},
		"IPv6":                {"udp6", "::1", "::1", nil, true, false},
		"IPv4 through IPv6":   {"udp", "::", "127.0.0.1", nil, true, false},
		"no checksum offload": {"udp4", "127.0.0.1", "127.0.0.1", unix.EIO, false, false},
		"path is narrow":      {"udp4", "127.0.0.1", "127.0.0.1", unix.EINVAL, true, true},
		"message too long":    {"udp6", "::1", "::1", unix.EMSGSIZE, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			listen := func(network, host string) *net.UDPConn {
				c, err := net.ListenUDP(network, &net.UDPAddr{IP: net.ParseIP(host)})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				return c
			}
			receiver, sender := listen("udp", test.to), listen(test.network, test.from)
			cfg := Config{Logger: slog.New(slog.DiscardHandler)}
			s := &udpSocket{conn: sender, server: &Server{cfg: cfg}}
			if s.system.open(sender); !s.system.gso.Load() {
				t.Fatal("this kernel has no UDP_SEGMENT")
			}
			calls := 0
			run := newUDPRun()
			run.call = func(fd uintptr) {
				if calls++; test.errno != nil && run.msg.Controllen > 0 {
					run.err = test.errno
					return
				}
				run.err = run.send(fd)
			}
			s.system.give(run)
			to := &peer{}
			dst := receiver.LocalAddr().(*net.UDPAddr).AddrPort()
			dst = netip.AddrPortFrom(dst.Addr().Unmap(), dst.Port())
			to.addr.Store(&dst)

			const packets = 20
			b := batchOf(t, packets, 500)
			for range 2 { // the second time it is known
				s.sendTrack(&b, 0, to)
			}
			want := 2
			if test.errno != nil {
				want = 1 + 2*packets
			}
			if calls != want || s.system.gso.Load() != test.gso || to.whole.Load() != test.whole || s.server.stats.unsent.Load() != 0 {
				t.Errorf("%d calls, not %d; runs %v, whole %v, %d unsent", calls, want, s.system.gso.Load(), to.whole.Load(), s.server.stats.unsent.Load())
			}
			buf := make([]byte, 2048)
			for i := range 2 * packets {
				receiver.SetReadDeadline(time.Now().Add(5 * time.Second))
				n, err := receiver.Read(buf)
				if err != nil || !bytes.Equal(buf[:n], b.RTP(i%packets)) {
					t.Fatalf("datagram %d: %d bytes, %v", i, n, err)
				}
			}
		})
	}
}

// What a full send buffer does not take is counted.
func TestUnsentIsCounted(t *testing.T) {
	s := &udpSocket{server: &Server{cfg: Config{Logger: slog.New(slog.DiscardHandler)}}}
	sender, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	s.conn = sender
	s.system.open(sender)
	run := newUDPRun()
	run.call = func(uintptr) { run.err = unix.EAGAIN }
	s.system.give(run)
	to := &peer{}
	dst := sender.LocalAddr().(*net.UDPAddr).AddrPort()
	to.addr.Store(&dst)
	b := batchOf(t, 5, 500)
	s.sendTrack(&b, 0, to)
	if n := s.server.stats.unsent.Load(); n != 5 {
		t.Errorf("%d unsent", n)
	}
}
