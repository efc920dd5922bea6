package simnet

import (
	"net/netip"
	"slices"
	"sync"
)

// Options says what a Network is like. The zero value of each field is its default.
type Options struct {
	// Seed determines all that is left to chance: what links do to each datagram, which ports a
	// NAT gives. The same seed and the same datagrams from one socket to another meet the same
	// fate, whatever other sockets do meanwhile.
	Seed uint64
	// Window is how many bytes one direction of a connection holds before its writer blocks.
	// Default 64 KiB; Conn.SetReadBuffer changes it for one connection.
	Window int
	// Backlog is how many connections wait for Accept before Dial blocks. Default 128.
	Backlog int
	// Queue is how many datagrams that have arrived wait in a PacketConn; more are dropped.
	// Default 1024.
	Queue int
	// Link is what happens between hosts of which SetLink says nothing.
	Link Link
}

// A Network connects hosts. A host exists by being named.
type Network struct {
	options Options // constant

	mu        sync.Mutex // guards all that follows, and the state of all that is open
	closed    bool
	changed   signal // for Dial: a listener, its backlog or a link is not what it was
	links     map[route]Link
	listeners map[netip.AddrPort]*listener
	conns     map[*Conn]struct{}
	dialed    map[netip.AddrPort]struct{} // local ends of Dial
	packets   map[netip.AddrPort]*PacketConn
	nextPort  map[netip.Addr]uint16
	inside    map[netip.Addr]*NAT // by a host behind it
	outside   map[netip.Addr]*NAT // by its own address
	stats     Stats
}

// Stats counts the datagrams of a Network.
type Stats struct {
	Sent        uint64 // written by a PacketConn
	Delivered   uint64 // reached a PacketConn, repeated ones included
	Lost        uint64 // taken by a link's Loss or by its being down
	Duplicated  uint64 // came twice
	Reordered   uint64 // held back, so that later ones overtook it
	Overflowed  uint64 // found the receiver's queue full
	Unreachable uint64 // had no receiver, or were refused by a NAT
}

// New returns a Network without hosts. Options may be nil; they are copied. It panics if a link
// makes no sense.
func New(o *Options) *Network {
	n := &Network{
		links:     make(map[route]Link),
		listeners: make(map[netip.AddrPort]*listener),
		conns:     make(map[*Conn]struct{}),
		dialed:    make(map[netip.AddrPort]struct{}),
		packets:   make(map[netip.AddrPort]*PacketConn),
		nextPort:  make(map[netip.Addr]uint16),
		inside:    make(map[netip.Addr]*NAT),
		outside:   make(map[netip.Addr]*NAT),
	}
	if o != nil {
		n.options = *o
	}
	n.options.Link.check()
	setDefault(&n.options.Window, 64<<10)
	setDefault(&n.options.Backlog, 128)
	setDefault(&n.options.Queue, 1024)
	return n
}

func setDefault(field *int, value int) {
	if *field <= 0 {
		*field = value
	}
}

// Close closes all that is open on the network: what waits returns net.ErrClosed, and nothing
// can be opened any more.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, l := range n.listeners {
		l.close()
	}
	for c := range n.conns {
		c.close()
	}
	for _, c := range n.packets {
		c.close()
	}
	n.changed.broadcast()
	return nil
}

// Stats returns the counts so far.
func (n *Network) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.settle()
	return n.stats
}

// Open lists what is open, sorted, one of "tcp listen ADDR", "tcp LOCAL REMOTE" and "udp ADDR"
// each: what a test that has closed everything expects to be empty.
func (n *Network) Open() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []string
	for addr := range n.listeners {
		list = append(list, "tcp listen "+addr.String())
	}
	for c := range n.conns {
		list = append(list, "tcp "+c.local.String()+" "+c.remote.String())
	}
	for addr := range n.packets {
		list = append(list, "udp "+addr.String())
	}
	slices.Sort(list)
	return list
}

// settle brings the counts up to now.
func (n *Network) settle() {
	for _, c := range n.packets {
		c.settle()
	}
}
