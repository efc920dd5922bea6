package rtspserver

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"
)

// RTP-19: ICMP errors that senders are told of, so that the reader of the socket is not, do not pile up where what publishers send
// should come in: with 200 KB of them a socket is deaf for good.
func TestErrorsDoNotDeafenASocket(t *testing.T) {
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	addr := func(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }
	for _, portable := range []bool{false, true} {
		gone, publisher := listen(), listen()
		closed := addr(gone)
		gone.Close()
		server := &Server{cfg: Config{Logger: slog.New(slog.DiscardHandler)}}
		s := &udpSocket{conn: listen(), server: server, peers: map[netip.AddrPort]*peer{}}
		watchErrors(s) // nobody reads: all errors are told to who sends
		if !portable {
			s.system.open(s.conn)
		}
		to := &peer{}
		to.addr.Store(&closed)
		b := batchOf(t, 20, 500)
		for range 600 {
			s.sendTrack(&b, 0, to)
			server.wg.Wait() // in life some time passes
		}
		publisher.WriteToUDPAddrPort([]byte("media"), addr(s.conn.(*net.UDPConn)))
		var heard string
		s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		for buf := make([]byte, 100); heard == ""; {
			n, _, err := s.conn.ReadFromUDPAddrPort(buf)
			if heard = string(buf[:n]); err != nil && !isRefused(err) {
				break
			}
		}
		if heard != "media" {
			t.Errorf("portable %v: what a publisher sends does not come in any more: %q", portable, heard)
		}
	}
}
