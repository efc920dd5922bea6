package rtspclient

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// readBuffer is what a socket asks the system for: room for a group of pictures.
const readBuffer = 2 << 20

// A PacketConn is a UDP socket, such as *[net.UDPConn].
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
	SetReadDeadline(t time.Time) error
	LocalAddr() net.Addr
	Close() error
}

// A udpPair is the sockets of one track.
type udpPair struct {
	track     *Track
	rtp, rtcp *udpSocket
}

// A udpSocket is one of them.
type udpSocket struct {
	conn PacketConn
	rtcp bool
	from netip.Addr                     // only what comes from there counts; the zero Addr: from everywhere
	to   atomic.Pointer[netip.AddrPort] // nil: not known yet
}

func newUDPPair(t *Track, first, second PacketConn) *udpPair {
	return &udpPair{track: t, rtp: &udpSocket{conn: first}, rtcp: &udpSocket{conn: second, rtcp: true}}
}

func (p *udpPair) of(rtcp bool) *udpSocket {
	if rtcp {
		return p.rtcp
	}
	return p.rtp
}

// ports are those that the client receives on.
func (p *udpPair) ports() rtsp.PortPair {
	port := func(s *udpSocket) uint16 { return uint16(s.conn.LocalAddr().(*net.UDPAddr).Port) }
	return rtsp.PortPair{RTP: port(p.rtp), RTCP: port(p.rtcp), Set: true}
}

// meet settles who the peer is. Ports that the server has not named are learned from what comes (TRN-12).
func (p *udpPair) meet(server netip.Addr, ports rtsp.PortPair) {
	p.rtp.from, p.rtcp.from = server, server
	if !ports.Set {
		return
	}
	first, second := netip.AddrPortFrom(server, ports.RTP), netip.AddrPortFrom(server, ports.RTCP)
	p.rtp.to.Store(&first)
	p.rtcp.to.Store(&second)
}

func (s *udpSocket) peer() netip.AddrPort {
	if a := s.to.Load(); a != nil {
		return *a
	}
	return netip.AddrPort{}
}

// serve starts reading.
func (p *udpPair) serve() {
	c := p.track.client
	c.wg.Go(func() { p.read(p.rtp) })  // ends when the socket is closed
	c.wg.Go(func() { p.read(p.rtcp) }) // ends when the socket is closed
}

// read takes datagrams until the socket is closed. Its deadline is the time until which what came too early may wait.
func (p *udpPair) read(s *udpSocket) {
	t := p.track
	b := make([]byte, 65535)
	var now time.Time
	armed := false // a deadline is set
	out := func(pkt []byte) { t.packet(pkt, now) }
	receive := plain(s.conn)
	if t.client.cfg.Trace != nil {
		receive = stamped(s.conn)
	}
	for {
		n, from, at, err := receive(b)
		if now = time.Now(); at.IsZero() {
			at = now
		}
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			p.datagram(s, b[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), at, now, out)
		case !errors.Is(err, os.ErrDeadlineExceeded): // such as an ICMP error of what was sent
			select {
			case <-t.client.done:
				return
			case <-time.After(time.Millisecond):
			}
		}
		if s.rtcp {
			continue
		}
		t.reorder.Expire(now, out)
		if at, waiting := t.reorder.Deadline(); waiting || armed {
			s.conn.SetReadDeadline(at) // the zero time when nothing waits
			armed = waiting
		}
		t.client.cfg.Flush()
	}
}

// plain reads without a time of the kernel: at is zero.
func plain(conn PacketConn) func(b []byte) (n int, from netip.AddrPort, at time.Time, err error) {
	return func(b []byte) (int, netip.AddrPort, time.Time, error) {
		n, from, err := conn.ReadFromUDPAddrPort(b)
		return n, from, time.Time{}, err
	}
}

// datagram takes what came at a time by the kernel's clock, and was read now.
func (p *udpPair) datagram(s *udpSocket, b []byte, from netip.AddrPort, at, now time.Time, out func([]byte)) {
	t := p.track
	if s.from.IsValid() && from.Addr() != s.from {
		return
	}
	if s.to.Load() == nil {
		s.to.Store(&from)
	}
	rtcp := s.rtcp || rtp.IsRTCP(b)
	if t.client.cfg.Trace != nil {
		t.client.cfg.Trace(Trace{At: at, Track: t.index, RTCP: rtcp, Lower: t.lower, Local: s.conn.LocalAddr(), Remote: net.UDPAddrFromAddrPort(from), Data: b})
	}
	switch {
	case rtp.IsPunch(b):
	case rtcp:
		t.control(b, now)
	default:
		t.reorder.Push(b, now, out)
	}
}

func (p *udpPair) send(b []byte, rtcp bool) error {
	s := p.of(rtcp)
	to := s.peer()
	if !to.IsValid() {
		return nil // nobody to send to yet
	}
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// The datagrams that open a way through a NAT (NAT-03): an RTP header of SSRC 0, and an empty receiver report.
var (
	punchRTP  = append([]byte{0x80}, make([]byte, rtp.HeaderSize-1)...)
	punchRTCP = []byte{0x80, 0xc9, 0, 1, 0, 0, 0, 0}
)

func (p *udpPair) punch() {
	p.send(punchRTP, false)
	p.send(punchRTCP, true)
}

func (p *udpPair) close() {
	p.rtp.conn.Close()
	p.rtcp.conn.Close()
}

// punch opens ways for the tracks that come over UDP.
func (c *Client) punch() {
	for _, t := range c.own() {
		if t.lower == UDP {
			t.pair.punch()
		}
	}
}

// listenPair is the default of Config.ListenPair.
func (c *Config) listenPair(local netip.Addr) (PacketConn, PacketConn, error) {
	for port := int(c.ClientPort) &^ 1; port <= 65534; port += 2 {
		first, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, uint16(port))))
		if err != nil {
			if c.ClientPort == 0 {
				return nil, nil, err
			}
			continue
		}
		if got := first.LocalAddr().(*net.UDPAddr).Port; got%2 == 0 {
			second, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, uint16(got+1))))
			if err == nil {
				first.SetReadBuffer(readBuffer)
				return first, second, nil
			}
		}
		first.Close()
		if c.ClientPort == 0 {
			port = -2 // any other
		}
	}
	return nil, nil, errors.New("rtspclient: no free pair of UDP ports")
}

// listenGroup is the default of Config.ListenGroup.
func listenGroup(rtp, rtcp netip.AddrPort) (PacketConn, PacketConn, error) {
	first, err := net.ListenMulticastUDP("udp", nil, net.UDPAddrFromAddrPort(rtp))
	if err != nil {
		return nil, nil, err
	}
	second, err := net.ListenMulticastUDP("udp", nil, net.UDPAddrFromAddrPort(rtcp))
	if err != nil {
		first.Close()
		return nil, nil, err
	}
	first.SetReadBuffer(readBuffer)
	return first, second, nil
}
