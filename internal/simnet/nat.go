package simnet

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// A Filter says whose datagrams a NAT lets in through a port it has given (RFC 4787 §5).
type Filter uint8

const (
	// FilterPort lets in only who was sent to before: the same address and port.
	FilterPort Filter = iota
	// FilterHost lets in every port of an address that was sent to before.
	FilterHost
	// FilterNone lets in everybody.
	FilterNone
)

// NATOptions says what a NAT is like. The zero value is what most homes have: one outside port
// for each inside port, open only for those who were sent to.
type NATOptions struct {
	// Symmetric gives another outside port for each destination.
	Symmetric bool
	// Filter says who is let in.
	Filter Filter
	// Timeout is how long an outside port lives after the last datagram going out; 0 is for ever.
	Timeout time.Duration
}

// A NAT is a box that hides hosts behind one address. Outgoing datagrams and connections get its
// address and a port of its choice, never the one they had; nothing else comes in.
type NAT struct {
	net     *Network
	addr    netip.Addr
	options NATOptions
	random  *rand.Rand

	// guarded by net.mu
	byInside  map[mappingKey]*mapping
	byOutside map[uint16]*mapping
}

// A mappingKey is what gets an outside port: a socket, and of a symmetric NAT one destination.
type mappingKey struct{ from, to netip.AddrPort }

// A mapping is one outside port.
type mapping struct {
	key   mappingKey
	port  uint16
	peers map[netip.AddrPort]struct{} // sent to; of FilterHost, with port 0
	used  time.Time
}

// AddNAT puts the inside hosts behind a NAT with the address outside. Options may be nil. From
// then on nobody but those hosts reaches them at their own addresses. The outside address can not
// be one of a host in front of or behind this or another NAT.
func (n *Network) AddNAT(outside string, o *NATOptions, inside ...string) (*NAT, error) {
	addr, err := parseHost(outside)
	if err != nil {
		return nil, err
	}
	b := &NAT{
		net: n, addr: addr, random: newRandom(n.options.Seed, "nat "+outside),
		byInside: make(map[mappingKey]*mapping), byOutside: make(map[uint16]*mapping),
	}
	if o != nil {
		b.options = *o
	}
	hosts := make([]netip.Addr, len(inside))
	for i, text := range inside {
		if hosts[i], err = parseHost(text); err != nil {
			return nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, host := range append(hosts, addr) {
		if n.inside[host] != nil || n.outside[host] != nil || i < len(hosts) && host == addr {
			return nil, fmt.Errorf("host %s is at a NAT already", host)
		}
	}
	n.outside[addr] = b
	for _, host := range hosts {
		n.inside[host] = b
	}
	return b, nil
}

// Rebind forgets all outside ports for datagrams, as a box does that restarts: what goes out next
// comes from other ports. Connections stay.
func (b *NAT) Rebind() {
	b.net.mu.Lock()
	defer b.net.mu.Unlock()
	clear(b.byInside)
	// Kept as taken, so that no port comes back with another meaning.
	for port := range b.byOutside {
		b.byOutside[port] = nil
	}
}

// translate returns what a datagram's source looks like to its receiver, and the receiver's own
// address; false if it does not get there.
func (n *Network) translate(from, to netip.AddrPort) (source, target netip.AddrPort, ok bool) {
	source, target = from, to
	mine, theirs := n.inside[from.Addr()], n.inside[to.Addr()]
	if theirs != nil && theirs != mine {
		return source, target, false // a private address
	}
	if mine != nil && theirs == nil {
		source = mine.outbound(from, to)
	}
	if box := n.outside[to.Addr()]; box != nil {
		target, ok = box.inbound(source, to.Port())
		return source, target, ok
	}
	return source, target, true
}

// outbound returns the outside address of from for what it sends to to.
func (b *NAT) outbound(from, to netip.AddrPort) netip.AddrPort {
	key := mappingKey{from: from}
	if b.options.Symmetric {
		key.to = to
	}
	m := b.byInside[key]
	if m != nil && b.over(m) {
		delete(b.byOutside, m.port)
		m = nil
	}
	if m == nil {
		m = &mapping{key: key, port: b.freePort(from.Port()), peers: make(map[netip.AddrPort]struct{})}
		b.byInside[key], b.byOutside[m.port] = m, m
	}
	m.used = time.Now()
	m.peers[b.peer(to)] = struct{}{}
	return netip.AddrPortFrom(b.addr, m.port)
}

// inbound returns who is behind an outside port, if from is let in.
func (b *NAT) inbound(from netip.AddrPort, port uint16) (netip.AddrPort, bool) {
	m := b.byOutside[port]
	if m == nil || b.over(m) {
		return netip.AddrPort{}, false
	}
	_, known := m.peers[b.peer(from)]
	return m.key.from, known || b.options.Filter == FilterNone
}

// over tells whether a mapping has timed out.
func (b *NAT) over(m *mapping) bool {
	return b.options.Timeout > 0 && time.Since(m.used) >= b.options.Timeout
}

// peer is what of an address the filter looks at.
func (b *NAT) peer(addr netip.AddrPort) netip.AddrPort {
	if b.options.Filter == FilterHost {
		return netip.AddrPortFrom(addr.Addr(), 0)
	}
	return addr
}

// freePort takes and returns a port that nobody has, other than own.
func (b *NAT) freePort(own uint16) uint16 {
	for {
		port := uint16(1024 + b.random.IntN(1<<16-1024))
		if _, taken := b.byOutside[port]; !taken && port != own {
			b.byOutside[port] = nil
			return port
		}
	}
}

// dialThrough returns what the source of a connection looks like to the one who accepts it, and
// the NAT that has given it a port, nil if none has.
func (n *Network) dialThrough(from, to netip.AddrPort) (netip.AddrPort, *NAT) {
	b := n.inside[from.Addr()]
	if b == nil || n.inside[to.Addr()] != nil {
		return from, nil
	}
	return netip.AddrPortFrom(b.addr, b.freePort(from.Port())), b
}
