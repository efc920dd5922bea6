package rtspserver

import (
	"errors"
	"net"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// maxDatagram is the largest UDP payload there is (FRM-15: cameras send more than a frame).
const maxDatagram = 65535

// A udpPair is an RTP and an RTCP socket: the one that most sessions share, or one of a session's own.
type udpPair struct {
	server    *Server
	rtp, rtcp *udpSocket
	own       bool // of one transport, closed with it
	wg        sync.WaitGroup
	mu        sync.Mutex // held by claim; taken before those of the sockets
}

// A udpSocket is one UDP socket and the peers that are served on it.
type udpSocket struct {
	conn   PacketConn
	rtcp   bool
	server *Server
	system systemUDP
	shared bool // by sessions, not one's own

	draining atomic.Bool // its errors are about to be read, see told

	// guarded by mu
	mu       sync.RWMutex
	peers    map[netip.AddrPort]*peer
	expected map[netip.Addr][]*peer // from which nothing has come yet
}

// A peer is the far end of one transport's RTP or RTCP.
type peer struct {
	transport *transport
	rtcp      bool
	addr      atomic.Pointer[netip.AddrPort]
	whole     atomic.Bool  // its path takes no runs of packets, see systemUDP
	refused   atomic.Int64 // Unix nanoseconds of the first ICMP since it was last heard
	learned   bool         // guarded by the socket's mu: something has come from it
}

// ServePackets gives the server a pair of UDP sockets that sessions share, and serves them until the
// server is closed; it returns [ErrServerClosed] then, and closes them. Without it UDP is refused (461).
func (s *Server) ServePackets(rtpConn, rtcpConn PacketConn) error {
	return s.BeginPackets(rtpConn, rtcpConn)()
}

// BeginPackets is the first half of [Server.ServePackets]: when it returns UDP is served, so that whoever connects then is
// not refused it. The other half is what it returns, which must be called.
func (s *Server) BeginPackets(rtpConn, rtcpConn PacketConn) (wait func() error) {
	pair := newUDPPair(s, rtpConn, rtcpConn)
	pair.rtp.shared = true
	if err := s.share(pair); err != nil {
		rtpConn.Close()
		rtcpConn.Close()
		return func() error { return err }
	}
	return func() error {
		pair.wg.Wait()
		if s.isClosed() {
			return ErrServerClosed
		}
		return net.ErrClosed
	}
}

// share has sessions share a pair from now on, the only one.
func (s *Server) share(pair *udpPair) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrServerClosed
	case s.udp != nil:
		return errors.New("rtspserver: has UDP sockets already")
	}
	s.udp = pair
	s.cfg.Logger.Info("UDP", "local", pair.rtp.conn.LocalAddr(), "segmentation", pair.rtp.system.segments())
	s.begin()
	pair.serve()
	return nil
}

func newUDPPair(s *Server, rtpConn, rtcpConn PacketConn) *udpPair {
	socket := func(conn PacketConn, rtcp bool) *udpSocket {
		u := &udpSocket{
			conn: conn, rtcp: rtcp, server: s,
			peers: map[netip.AddrPort]*peer{}, expected: map[netip.Addr][]*peer{},
		}
		if !rtcp && !s.cfg.PortableIO {
			u.system.open(conn)
		}
		return u
	}
	return &udpPair{server: s, rtp: socket(rtpConn, false), rtcp: socket(rtcpConn, true)}
}

// serve starts reading both sockets.
func (p *udpPair) serve() {
	p.wg.Go(p.rtp.serve)  // ends when the socket is closed
	p.wg.Go(p.rtcp.serve) // ends when the socket is closed
}

func (p *udpPair) close() {
	p.rtp.conn.Close()
	p.rtcp.conn.Close()
	p.wg.Wait()
}

func (p *udpPair) ports() rtsp.PortPair {
	port := func(s *udpSocket) uint16 {
		ap, _ := netip.ParseAddrPort(s.conn.LocalAddr().String())
		return ap.Port()
	}
	return rtsp.PortPair{RTP: port(p.rtp), RTCP: port(p.rtcp), Set: true}
}

// remove frees the two peers of a transport, and the pair when it was its own.
func (p *udpPair) remove(t *transport) {
	p.rtp.remove(t.rtp)
	p.rtcp.remove(t.rtcp)
	if p.own {
		p.rtp.conn.Close()
		p.rtcp.conn.Close()
		p.server.later(p.wg.Wait)
	}
}

// pairFor puts a transport on a pair of sockets: the shared one, unless another transport has the same
// ports, or one of the same address has not been heard yet. Behind a NAT the two could not be told apart
// then, so it gets a pair of its own, by whose ports they can. There is no NAT on loopback. Ports that
// another transport has are never taken from it: what comes from there goes on to be its own (SEC-02).
func (s *Server) pairFor(c *Conn, t *transport, rtpAddr, rtcpAddr netip.AddrPort) error {
	s.mu.Lock()
	shared, closed := s.udp, s.closed
	s.mu.Unlock()
	if shared == nil || closed {
		return errNotHere
	}
	if shared.claim(t, rtpAddr, rtcpAddr) {
		return nil
	}
	rtpConn, rtcpConn, err := s.cfg.ListenPair(c.local.Addr())
	if err != nil { // TRN-27: no ports is no reason to give up UDP
		return unavailable(err)
	}
	own := newUDPPair(s, rtpConn, rtcpConn)
	own.own = true
	own.claim(t, rtpAddr, rtcpAddr)
	own.serve()
	return nil
}

// claim makes a transport's peers known, unless they could be mistaken for those of another. It is one
// step, so that two SETUPs at once do not both find nobody.
func (p *udpPair) claim(t *transport, rtpAddr, rtcpAddr netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	host := rtpAddr.Addr()
	taken := p.rtp.has(rtpAddr, t) || p.rtcp.has(rtcpAddr, t)
	unheard := !host.IsLoopback() && (p.rtp.expects(host, t) || p.rtcp.expects(host, t))
	if taken || unheard {
		return false
	}
	t.udp = p
	t.rtp, t.rtcp = p.rtp.expect(t, rtpAddr, false), p.rtcp.expect(t, rtcpAddr, true)
	return true
}

// ListenFreePair opens a pair of UDP sockets on a free even port and the odd one above it, at an address or, when
// local is the zero Addr, at all of them.
func ListenFreePair(local netip.Addr) (PacketConn, PacketConn, error) {
	for range 100 {
		first, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
		if err != nil {
			return nil, nil, err
		}
		port := first.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		if port%2 == 0 {
			second, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, port+1)))
			if err == nil {
				return first, second, nil
			}
		}
		first.Close()
	}
	return nil, nil, errors.New("rtspserver: no free pair of UDP ports")
}

// expect makes a peer known under the address that SETUP named.
func (s *udpSocket) expect(t *transport, addr netip.AddrPort, rtcp bool) *peer {
	p := &peer{transport: t, rtcp: rtcp}
	p.addr.Store(&addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[addr] = p
	s.expected[addr.Addr()] = append(s.expected[addr.Addr()], p)
	return p
}

// has tells whether another peer is at an address.
func (s *udpSocket) has(addr netip.AddrPort, t *transport) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.peers[addr]
	return p != nil && !t.replaces(p.transport)
}

// expects tells whether another peer of this address has not been heard yet.
func (s *udpSocket) expects(host netip.Addr, t *transport) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.expected[host], func(p *peer) bool { return !t.replaces(p.transport) })
}

func (s *udpSocket) remove(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if addr := *p.addr.Load(); s.peers[addr] == p {
		delete(s.peers, addr)
	}
	s.unexpect(p)
}

func (s *udpSocket) unexpect(p *peer) {
	host := p.addr.Load().Addr()
	list := slices.DeleteFunc(s.expected[host], func(q *peer) bool { return q == p })
	if len(list) == 0 {
		delete(s.expected, host)
	} else {
		s.expected[host] = list
	}
}

// serve reads datagrams until the socket is closed.
func (s *udpSocket) serve() {
	watchErrors(s)
	buf := make([]byte, maxDatagram)
	var batch *udpBatch // of the socket that sessions share; one of a session's own seldom has a second datagram waiting
	if s.shared {
		batch = s.system.newBatch()
	}
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			if !drainErrors(s) {
				s.server.pause(time.Millisecond)
			}
			if s.server.ctx.Err() != nil {
				return
			}
		default:
			from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
			heard := s.datagram(buf[:n], from)
			more := batch.more()
			if more < 0 {
				drainErrors(s)
			}
			for i := range more { // none when it is negative
				b, next := batch.at(i)
				if session := s.datagram(b, next); session != heard {
					s.flush(heard, from)
					heard, from = session, next
				}
			}
			s.flush(heard, from)
		}
	}
}

// flush shows readers what a session has sent, once for a run of its datagrams; nil sent nothing.
func (s *udpSocket) flush(session *Session, from netip.AddrPort) {
	defer s.contain(from)
	if session != nil {
		session.flush()
	}
}

// datagram takes one datagram, from a peer or from one who may be. It returns the session that is to be
// flushed behind it, if there is one.
func (s *udpSocket) datagram(b []byte, from netip.AddrPort) *Session {
	defer s.contain(from)
	s.mu.RLock()
	p := s.peers[from]
	fresh := p != nil && !p.learned
	s.mu.RUnlock()
	if p == nil || fresh {
		if p = s.learn(p, from); p == nil {
			return nil
		}
	}
	p.refused.Store(0)
	if rtp.IsPunch(b) { // only meant to open a NAT (NAT-01)
		p.transport.session.touch(time.Now())
		return nil
	}
	rtcp := p.rtcp || rtp.IsRTCP(b)
	p.transport.session.receive(p.transport.track, rtcp, b, time.Now())
	return p.transport.session
}

// learn settles who it is that is heard for the first time. A port that a NAT rewrote is believed only
// when exactly one peer of that address has not been heard (NAT-02): otherwise anybody behind the same
// address could take another's media.
func (s *udpSocket) learn(p *peer, from netip.AddrPort) *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p == nil {
		waiting := s.expected[from.Addr()]
		if len(waiting) != 1 || s.peers[from] != nil {
			return nil
		}
		p = waiting[0]
		delete(s.peers, *p.addr.Load())
		s.peers[from] = p
		s.server.cfg.Logger.Info("peer is behind a NAT", "session", p.transport.session.id[:8], "expected", *p.addr.Load(), "from", from)
	}
	s.unexpect(p)
	p.learned = true
	p.addr.Store(&from)
	return p
}

// contain keeps a panic to the datagram that caused it.
func (s *udpSocket) contain(from netip.AddrPort) {
	if v := recover(); v != nil {
		s.server.panicked("a datagram", v, debug.Stack(), "remote", from)
	}
}

// told is called by who sends and is told of an ICMP error there: then the reader of the socket is not, which would drain the queue
// of errors else. What lies in that queue takes the place of what publishers send: full, it would let nothing of theirs in any more.
func (s *udpSocket) told() {
	if s.draining.CompareAndSwap(false, true) {
		s.server.later(func() {
			s.draining.Store(false) // what comes from here on is told again
			drainErrors(s)
		})
	}
}

// unreachable takes an ICMP error for a destination. A reader's RTP port that stays closed for a second
// ends it; a closed RTCP port alone does not: some players have none.
func (s *udpSocket) unreachable(dst netip.AddrPort, now time.Time) {
	if s.rtcp {
		return
	}
	s.mu.RLock()
	p := s.peers[dst]
	s.mu.RUnlock()
	if p == nil || p.transport.session.role != reads {
		return
	}
	first := time.Unix(0, p.refused.Load())
	switch age := now.Sub(first); {
	case age > unreachableMemory:
		p.refused.Store(now.UnixNano())
	case age >= unreachableAfter:
		p.refused.Store(now.UnixNano())
		s.server.later(func() { p.transport.session.end(errUnreachable) })
	}
}

// An RTP port is given up when ICMP errors for it come this long after the first, which is forgotten
// when none has followed.
const (
	unreachableAfter  = time.Second
	unreachableMemory = 5 * time.Second
)
