package rtspserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/baton-rtsp/baton/rtsp"
)

// Multicast has a [Live] presentation sent to a group as well: one packet, however many readers ask for it with
// RTP/AVP;multicast (RFC 2326 §12.39). It leaves by the interface on which the first of them has come.
type Multicast struct {
	// Group is the address, or a range of which the presentation gets one that is free.
	Group netip.Prefix
	// Port is that of the first track's RTP, even; RTCP has the next, and other tracks have those behind. 0 means 5004.
	Port uint16
	// TTL is how many routers packets may pass, 1 to 255; 0 means 1: none.
	TTL int
	// SSM tells receivers to take packets of this server only (RFC 4570, RFC 4607).
	SSM bool
}

// Valid says what is wrong with it, nil if nothing is.
func (m *Multicast) Valid() error {
	switch {
	case !m.Group.IsValid() || !m.Group.Addr().IsMulticast() || !m.Group.Masked().Addr().IsMulticast():
		return fmt.Errorf("%v is no multicast address", m.Group)
	case m.Port%2 != 0 || m.Port > 65535-2*maxMulticastTracks:
		return fmt.Errorf("port %d is odd, or too high", m.Port)
	case m.TTL < 0 || m.TTL > 255:
		return fmt.Errorf("ttl %d is not within 1 to 255", m.TTL)
	}
	return nil
}

// filter is the a=source-filter that names the only source there is (RFC 4570 §3).
func (m *Multicast) filter(source netip.Addr) string {
	group, family := "*", "IP6"
	if m.Group.IsSingleIP() {
		group = m.Group.Addr().String()
	}
	if source.Is4() {
		family = "IP4"
	}
	return fmt.Sprintf(" incl IN %s %s %s", family, group, source)
}

const (
	defaultMulticastPort = 5004
	maxMulticastTracks   = 32
	maxGroups            = 1 << 12 // addresses of a range that are tried
)

var errNoGroup = errors.New("no multicast group is free")

// multicast puts the track on the group of its presentation (TRN-17).
func (t *transport) multicast(c *Conn, spec rtsp.Transport) error {
	live := liveOf(t.session.presentation)
	if live == nil || live.cfg.Multicast == nil || t.track >= maxMulticastTracks || t.session.role != reads {
		return errNotHere
	}
	if live.cfg.Multicast.Group.Addr().Is4() != c.local.Addr().Unmap().Is4() {
		return errNotHere
	}
	caster, err := c.server.join(live, c.local.Addr().Unmap(), t)
	if err != nil {
		return &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Err: err}
	}
	t.caster = caster
	port := caster.port + 2*uint16(t.track)
	t.spec = rtsp.Transport{
		Profile: spec.Profile, Lower: rtsp.LowerUDP, Delivery: rtsp.DeliveryMulticast, Destination: caster.group.String(),
		Port: rtsp.PortPair{RTP: port, RTCP: port + 1, Set: true}, TTL: caster.ttl, Mode: answerMode(spec.Mode),
	}
	t.spec.Source = caster.local.String()
	return nil
}

// liveOf is the live presentation behind one, nil if there is none.
func liveOf(p Presentation) *Live {
	switch p := p.(type) {
	case *Live:
		return p
	case startingLive:
		return p.Live
	}
	return nil
}

// A castKey says who sends what by which interface.
type castKey struct {
	live  *Live
	local netip.Addr
}

// join finds the caster of a presentation, or makes one for its first reader.
func (s *Server) join(live *Live, local netip.Addr, t *transport) (*caster, error) {
	s.castMu.Lock()
	defer s.castMu.Unlock()
	key := castKey{live, local}
	c := s.casters[key]
	if c == nil || c.past() {
		if err := live.cfg.Multicast.Valid(); err != nil {
			return nil, err
		}
		group, err := s.groupFor(key)
		if err != nil {
			return nil, err
		}
		if c, err = newCaster(s, key, group); err != nil {
			return nil, err
		}
		s.casters[key] = c
	}
	c.members[t] = false
	return c, nil
}

// groupFor is an address that no other presentation has.
func (s *Server) groupFor(key castKey) (netip.Addr, error) {
	taken := map[netip.Addr]bool{}
	for k, c := range s.casters {
		if k.live == key.live {
			return c.group, nil
		}
		taken[c.group] = true
	}
	prefix := key.live.cfg.Multicast.Group
	addr := prefix.Addr()
	for range maxGroups {
		if !prefix.Contains(addr) {
			break
		}
		if !taken[addr] {
			return addr, nil
		}
		addr = addr.Next()
	}
	return netip.Addr{}, errNoGroup
}

// leave takes a reader's track out of its group. The group is given back behind its last.
func (s *Server) leave(c *caster, t *transport) {
	s.castMu.Lock()
	defer s.castMu.Unlock()
	delete(c.members, t)
	if len(c.members) == 0 {
		if s.casters[c.key] == c { // else another is in its place
			delete(s.casters, c.key)
		}
		c.close()
		return
	}
	c.refresh()
}

// cast has a track of a session sent to its group, or no longer.
func (s *Server) cast(c *caster, t *transport, on bool) {
	s.castMu.Lock()
	defer s.castMu.Unlock()
	if _, member := c.members[t]; member {
		c.members[t] = on
		c.refresh()
	}
}

// openGroup opens a socket that sends to a group by the interface of an address.
func openGroup(group, local netip.Addr, ttl int) (*net.UDPConn, error) {
	network := "udp4"
	if group.Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, &net.UDPAddr{IP: local.AsSlice(), Zone: local.Zone()})
	if err != nil {
		return nil, err
	}
	link, err := interfaceOf(local)
	if err == nil && group.Is4() {
		p := ipv4.NewPacketConn(conn)
		err = errors.Join(p.SetMulticastInterface(link), p.SetMulticastTTL(ttl), p.SetMulticastLoopback(true))
	} else if err == nil {
		p := ipv6.NewPacketConn(conn)
		err = errors.Join(p.SetMulticastInterface(link), p.SetMulticastHopLimit(ttl), p.SetMulticastLoopback(true))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// interfaceOf is the interface that has an address.
func interfaceOf(local netip.Addr) (*net.Interface, error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range links {
		addrs, err := links[i].Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(local.AsSlice()) {
				return &links[i], nil
			}
		}
	}
	return nil, fmt.Errorf("no interface has the address %v", local)
}
