package simnet

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"
)

const outside = "203.0.113.1"

func addNAT(t *testing.T, n *Network, o *NATOptions, inside ...string) *NAT {
	t.Helper()
	b, err := n.AddNAT(outside, o, inside...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// source sends one datagram and returns what address it comes from.
func source(t *testing.T, from, to *PacketConn) netip.AddrPort {
	t.Helper()
	send(t, from, to, 1, 0)
	_, addr, err := to.ReadFromUDPAddrPort(make([]byte, 10))
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// reaches tells whether a datagram to an address gets to a socket.
func reaches(t *testing.T, from *PacketConn, addr netip.AddrPort, to *PacketConn) bool {
	t.Helper()
	if _, err := from.WriteToUDPAddrPort([]byte("12345"), addr); err != nil {
		t.Fatal(err)
	}
	if err := to.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _, err := to.ReadFrom(make([]byte, 10))
	if err != nil {
		wantError(t, err, os.ErrDeadlineExceeded)
	}
	return err == nil
}

func TestNATRewritesSourceAndLetsAnswersIn(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		addNAT(t, n, nil, client)
		in, out := socket(t, n, client+":5000"), socket(t, n, server+":8000")
		addr := source(t, in, out)
		if addr.Addr().String() != outside || addr.Port() == 5000 {
			t.Errorf("came from %v", addr)
		}
		if again := source(t, in, out); again != addr {
			t.Errorf("came from %v, then from %v", addr, again)
		}
		if !reaches(t, out, addr, in) {
			t.Error("the answer was not let in")
		}
		other := socket(t, n, server+":9000")
		if source(t, in, other) != addr {
			t.Error("another outside port for another destination")
		}
	})
}

func TestHostsBehindOneNATShareItsAddress(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		addNAT(t, n, nil, client, "192.0.2.21")
		a, b := socket(t, n, client+":5000"), socket(t, n, "192.0.2.21:5000")
		out := socket(t, n, server+":8000")
		first, second := source(t, a, out), source(t, b, out)
		if first.Addr() != second.Addr() || first == second {
			t.Errorf("came from %v and %v", first, second)
		}
		if inside := source(t, a, b); inside != a.addr {
			t.Errorf("among themselves from %v", inside)
		}
	})
}

func TestNATFilters(t *testing.T) {
	for _, test := range []struct {
		filter             Filter
		samePort, sameHost bool // may another port of the host, may another host answer
	}{{FilterPort, false, false}, {FilterHost, true, false}, {FilterNone, true, true}} {
		bubble(t, nil, func(t *testing.T, n *Network) {
			addNAT(t, n, &NATOptions{Filter: test.filter}, client)
			in, out := socket(t, n, client+":5000"), socket(t, n, server+":8000")
			addr := source(t, in, out)
			if got := reaches(t, socket(t, n, server+":8001"), addr, in); got != test.samePort {
				t.Errorf("filter %d, other port: %v", test.filter, got)
			}
			if got := reaches(t, socket(t, n, "192.0.2.11:8000"), addr, in); got != test.sameHost {
				t.Errorf("filter %d, other host: %v", test.filter, got)
			}
		})
	}
}

func TestSymmetricNATHasAPortForEachDestination(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		addNAT(t, n, &NATOptions{Symmetric: true}, client)
		in := socket(t, n, client+":5000")
		rtp, rtcp := socket(t, n, server+":8000"), socket(t, n, server+":8001")
		first, second := source(t, in, rtp), source(t, in, rtcp)
		if first == second || source(t, in, rtp) != first {
			t.Errorf("came from %v and %v", first, second)
		}
		if !reaches(t, rtp, first, in) || reaches(t, rtp, second, in) {
			t.Error("let in at the wrong port")
		}
	})
}

func TestNATPortTimesOut(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		addNAT(t, n, &NATOptions{Timeout: time.Minute}, client)
		in, out := socket(t, n, client+":5000"), socket(t, n, server+":8000")
		addr := source(t, in, out)
		time.Sleep(59 * time.Second)
		if source(t, in, out) != addr {
			t.Error("timed out too early")
		}
		time.Sleep(time.Minute)
		if reaches(t, out, addr, in) {
			t.Error("let in after the timeout")
		}
		if source(t, in, out) == addr {
			t.Error("the port outlived the timeout")
		}
	})
}

func TestRebindChangesPorts(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		b := addNAT(t, n, nil, client)
		in, out := socket(t, n, client+":5000"), socket(t, n, server+":8000")
		addr := source(t, in, out)
		b.Rebind()
		if reaches(t, out, addr, in) {
			t.Error("let in at a port of before")
		}
		if again := source(t, in, out); again == addr || again.Addr() != addr.Addr() {
			t.Errorf("came from %v, then from %v", addr, again)
		}
	})
}

func TestHostBehindNATIsPrivate(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		addNAT(t, n, nil, client)
		in, out := socket(t, n, client+":5000"), socket(t, n, server+":8000")
		listen(t, n, client+":554")
		if reaches(t, out, in.addr, in) {
			t.Error("reached at its own address")
		}
		_, err := n.Dial(t.Context(), server, client+":554")
		wantError(t, err, syscall.EHOSTUNREACH)
		_, err = n.Dial(t.Context(), server, outside+":554")
		wantError(t, err, syscall.ECONNREFUSED)
	})
}

// The server sees one address for the connection and the datagrams of a host behind a NAT.
func TestConnectionThroughNATComesFromItsAddress(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		b := addNAT(t, n, nil, client)
		l := listen(t, n, server+":554")
		for range 100 {
			near, err := n.Dial(t.Context(), client+":1000", server+":554")
			wantError(t, err, nil)
			far, err := l.Accept()
			wantError(t, err, nil)
			from := far.RemoteAddr().(*net.TCPAddr)
			if from.IP.String() != outside || from.Port == 1000 || near.LocalAddr().String() != client+":1000" {
				t.Errorf("from %v, dialed from %v", from, near.LocalAddr())
			}
			wantError(t, near.Close(), nil)
			wantError(t, far.Close(), nil)
		}
		if len(b.byOutside) != 0 {
			t.Errorf("%d ports left", len(b.byOutside))
		}
	})
}

func TestNATNeedsAddressesOfItsOwn(t *testing.T) {
	n := New(nil)
	addNAT(t, n, nil, client)
	for _, hosts := range [][]string{{outside, "192.0.2.30"}, {client, "192.0.2.30"}, {"203.0.113.2", client}, {"203.0.113.2", outside}, {"203.0.113.2", "203.0.113.2"}} {
		if _, err := n.AddNAT(hosts[0], nil, hosts[1:]...); err == nil {
			t.Errorf("%q accepted", hosts)
		}
	}
	var bad *net.AddrError
	if _, err := n.AddNAT("x", nil); !errors.As(err, &bad) {
		t.Errorf("outside: %v", err)
	}
	if _, err := n.AddNAT("203.0.113.3", nil, "x"); !errors.As(err, &bad) {
		t.Errorf("inside: %v", err)
	}
}
