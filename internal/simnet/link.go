package simnet

import (
	"fmt"
	"net/netip"
	"time"
)

// A Link says what becomes of the datagrams from one host to another. Connections feel only
// Down.
type Link struct {
	// Delay is how long each datagram takes; Jitter, how much longer at most, evenly spread.
	// Datagrams from one socket to another stay in order for all that, a quick one waiting
	// behind a slow one; only Reorder changes the order.
	Delay, Jitter time.Duration
	// Loss, Duplicate and Reorder are the parts, 0 to 1, of the datagrams that do not come, come
	// twice, and come later by ReorderBy, overtaken by those after them.
	Loss, Duplicate, Reorder float64
	// ReorderBy is 10 ms when it is zero.
	ReorderBy time.Duration
	// Down cuts the link. Datagrams are lost. What is written to a connection, the end of it
	// included, is kept until the link is up again: a peer that is gone without a FIN. Dial waits.
	Down bool
}

// A route is from one host to another; the zero Addr stands for any.
type route struct{ from, to netip.Addr }

// SetLink sets the link for one direction. An empty host stands for every host of which nothing
// more special is said; from counts before to. It panics if l makes no sense or a host is no IP
// address. Datagrams already under way are not affected.
func (n *Network) SetLink(from, to string, l Link) {
	l.check()
	r := route{mustHost(from), mustHost(to)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[r] = l
	for c := range n.conns {
		c.setDown(n.link(c.peer.host, c.host).Down)
	}
	n.changed.broadcast()
}

// link returns the link in one direction.
func (n *Network) link(from, to netip.Addr) Link {
	for _, r := range [...]route{{from, to}, {from: from}, {to: to}, {}} {
		if l, ok := n.links[r]; ok {
			return l
		}
	}
	return n.options.Link
}

func (l *Link) check() {
	for _, part := range []float64{l.Loss, l.Duplicate, l.Reorder} {
		if part < 0 || part > 1 {
			panic(fmt.Sprintf("simnet: part %v of the datagrams is not between 0 and 1", part))
		}
	}
	if l.Delay < 0 || l.Jitter < 0 || l.ReorderBy < 0 {
		panic("simnet: negative delay")
	}
}

func mustHost(text string) netip.Addr {
	if text == "" {
		return netip.Addr{}
	}
	host, err := parseHost(text)
	if err != nil {
		panic("simnet: " + err.Error())
	}
	return host
}
