package simnet

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	_ net.PacketConn = (*PacketConn)(nil)
	_ net.Conn       = (*Conn)(nil)
)

func socket(t *testing.T, n *Network, addr string) *PacketConn {
	t.Helper()
	c, err := n.ListenPacket(addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func equal(a, b []string) bool { return slices.Equal(a, b) }

// send writes the numbers from 0 to count-1, one every interval, from one socket to another.
func send(t *testing.T, from, to *PacketConn, count int, interval time.Duration) {
	t.Helper()
	for i := range count {
		if _, err := from.WriteToUDPAddrPort(binary.BigEndian.AppendUint32(nil, uint32(i)), to.addr); err != nil {
			t.Fatal(err)
		}
		time.Sleep(interval)
	}
}

// An arrival is a number and when it came.
type arrival struct {
	number uint32
	at     time.Time
}

// receive reads until nothing comes for an hour.
func receive(t *testing.T, c *PacketConn) []arrival {
	t.Helper()
	var list []arrival
	b := make([]byte, 100)
	for {
		if err := c.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		n, _, err := c.ReadFrom(b)
		if err != nil {
			wantError(t, err, os.ErrDeadlineExceeded)
			return list
		}
		list = append(list, arrival{binary.BigEndian.Uint32(b[:n]), time.Now()})
	}
}

// over sends count numbers, one a millisecond, over a link and returns what arrives.
func over(t *testing.T, seed uint64, l Link, count int) (got []arrival, start time.Time, stats Stats) {
	t.Helper()
	bubble(t, &Options{Seed: seed}, func(t *testing.T, n *Network) {
		n.SetLink(client, server, l)
		from, to := socket(t, n, client+":5000"), socket(t, n, server+":8000")
		start = time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { send(t, from, to, count, time.Millisecond) }) // ends when all is sent
		got = receive(t, to)
		wg.Wait()
		stats = n.Stats()
	})
	return got, start, stats
}

func TestDatagramArrivesWithItsSource(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		a, b := socket(t, n, client+":5000"), socket(t, n, server)
		mapped := netip.AddrPortFrom(netip.AddrFrom16(b.addr.Addr().As16()), b.addr.Port())
		for _, to := range []net.Addr{b.LocalAddr(), net.UDPAddrFromAddrPort(mapped), otherAddr(b.addr.String())} {
			sent := []byte("hello")
			if n, err := a.WriteTo(sent, to); n != 5 || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
			clear(sent) // the datagram is a copy
			got := make([]byte, 3)
			n, from, err := b.ReadFrom(got)
			if _, ok := from.(*net.UDPAddr); !ok || string(got[:n]) != "hel" || err != nil {
				t.Errorf("read %q from %T, %v", got[:n], from, err)
			}
			if from.String() != client+":5000" {
				t.Errorf("read from %v", from)
			}
		}
	})
}

// An otherAddr is a net.Addr of somebody else.
type otherAddr string

func (otherAddr) Network() string  { return "other" }
func (a otherAddr) String() string { return string(a) }

func TestBadDatagramsAreRefused(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		c := socket(t, n, client)
		_, err := c.WriteTo(nil, otherAddr("nowhere"))
		wantError(t, err, syscall.EINVAL)
		_, err = c.WriteToUDPAddrPort(nil, netip.MustParseAddrPort(server+":0"))
		wantError(t, err, syscall.EINVAL)
		_, err = c.WriteToUDPAddrPort(make([]byte, maxPayload+1), netip.MustParseAddrPort(server+":1"))
		wantError(t, err, syscall.EMSGSIZE)
		wantError(t, c.SetWriteDeadline(time.Now()), nil)
		_, err = c.WriteToUDPAddrPort(nil, netip.MustParseAddrPort(server+":1"))
		wantError(t, err, os.ErrDeadlineExceeded)
	})
}

func TestDatagramToNobodyIsGone(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		c := socket(t, n, client)
		_, err := c.WriteToUDPAddrPort([]byte("x"), netip.MustParseAddrPort(server+":8000"))
		wantError(t, err, nil)
		if got := n.Stats(); got != (Stats{Sent: 1, Unreachable: 1}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestDelayIsExact(t *testing.T) {
	got, start, _ := over(t, 1, Link{Delay: 40 * time.Millisecond}, 10)
	if len(got) != 10 {
		t.Fatalf("%d arrived", len(got))
	}
	for i, a := range got {
		if want := start.Add(time.Duration(i)*time.Millisecond + 40*time.Millisecond); !a.at.Equal(want) || a.number != uint32(i) {
			t.Errorf("number %d at %v, want %d at %v", a.number, a.at, i, want)
		}
	}
}

func TestJitterDelaysWithoutReordering(t *testing.T) {
	l := Link{Delay: 10 * time.Millisecond, Jitter: 50 * time.Millisecond}
	got, start, _ := over(t, 2, l, 1000)
	if len(got) != 1000 {
		t.Fatalf("%d arrived", len(got))
	}
	var least, most time.Duration = time.Hour, 0
	for i, a := range got {
		took := a.at.Sub(start) - time.Duration(i)*time.Millisecond
		least, most = min(least, took), max(most, took)
		if a.number != uint32(i) {
			t.Fatalf("number %d at place %d", a.number, i)
		}
	}
	if least < l.Delay || most > l.Delay+l.Jitter || most-least < l.Jitter/4 {
		t.Errorf("took %v to %v", least, most)
	}
}

func TestLossTakesItsPart(t *testing.T) {
	got, _, stats := over(t, 3, Link{Loss: 0.05}, 2000)
	if lost := 2000 - len(got); lost < 70 || lost > 130 || stats.Lost != uint64(lost) {
		t.Errorf("%d lost, counted %+v", lost, stats)
	}
}

func TestDuplicateComesTwice(t *testing.T) {
	got, _, stats := over(t, 4, Link{Duplicate: 0.1}, 1000)
	seen := make(map[uint32]int)
	for _, a := range got {
		seen[a.number]++
	}
	twice := len(got) - 1000
	if len(seen) != 1000 || twice < 70 || twice > 130 || stats.Duplicated != uint64(twice) {
		t.Errorf("%d arrived, %d different, counted %+v", len(got), len(seen), stats)
	}
}

func TestReorderedIsOvertaken(t *testing.T) {
	l := Link{Reorder: 0.1, ReorderBy: 5 * time.Millisecond}
	got, start, stats := over(t, 5, l, 1000)
	late := 0
	for _, a := range got {
		took := a.at.Sub(start) - time.Duration(a.number)*time.Millisecond
		if took == l.ReorderBy {
			late++
		} else if took != 0 {
			t.Errorf("number %d took %v", a.number, took)
		}
	}
	if len(got) != 1000 || late < 70 || late > 130 || stats.Reordered != uint64(late) {
		t.Errorf("%d arrived, %d late, counted %+v", len(got), late, stats)
	}
}

func TestSeedDecides(t *testing.T) {
	l := Link{Loss: 0.1, Duplicate: 0.1, Reorder: 0.1, Jitter: 20 * time.Millisecond}
	run := func(seed uint64) []uint32 {
		got, _, _ := over(t, seed, l, 300)
		var numbers []uint32
		for _, a := range got {
			numbers = append(numbers, a.number)
		}
		return numbers
	}
	if !slices.Equal(run(6), run(6)) {
		t.Error("the same seed, other datagrams")
	}
	if slices.Equal(run(6), run(7)) {
		t.Error("another seed, the same datagrams")
	}
}

func TestLinkHasADirection(t *testing.T) {
	bubble(t, &Options{Link: Link{Delay: time.Second}}, func(t *testing.T, n *Network) {
		a, b := socket(t, n, client), socket(t, n, server)
		n.SetLink("", server, Link{Delay: 2 * time.Second})
		n.SetLink(client, "", Link{Delay: 3 * time.Second})
		took := func(from, to *PacketConn) time.Duration {
			start := time.Now()
			send(t, from, to, 1, 0)
			_, _, err := to.ReadFrom(make([]byte, 10))
			wantError(t, err, nil)
			return time.Since(start)
		}
		if got := took(b, a); got != time.Second {
			t.Errorf("to client: %v", got)
		}
		if got := took(a, b); got != 3*time.Second {
			t.Errorf("to server by source: %v", got)
		}
		n.SetLink(client, server, Link{})
		if got := took(a, b); got != 0 {
			t.Errorf("to server: %v", got)
		}
		n.SetLink(client, server, Link{Down: true})
		send(t, a, b, 3, 0)
		if got := receive(t, b); len(got) != 0 {
			t.Errorf("%d over a link that is down", len(got))
		}
	})
}

func TestFullQueueDrops(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Minute} {
		bubble(t, &Options{Queue: 3, Link: Link{Delay: delay}}, func(t *testing.T, n *Network) {
			a, b := socket(t, n, client), socket(t, n, server)
			send(t, a, b, 5, time.Millisecond)
			time.Sleep(time.Hour)
			got := receive(t, b)
			if len(got) != 3 || got[2].number != 2 || n.Stats().Overflowed != 2 {
				t.Errorf("%v, counted %+v", got, n.Stats())
			}
		})
	}
}

func TestPacketConnDeadline(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		c := socket(t, n, client)
		start := time.Now()
		wantError(t, c.SetDeadline(start.Add(time.Second)), nil)
		_, _, err := c.ReadFrom(make([]byte, 1))
		wantError(t, err, os.ErrDeadlineExceeded)
		if time.Since(start) != time.Second {
			t.Errorf("after %v", time.Since(start))
		}
		send(t, socket(t, n, server), c, 1, 0)
		_, _, err = c.ReadFrom(make([]byte, 1)) // over is over, datagram or not
		wantError(t, err, os.ErrDeadlineExceeded)
	})
}

func TestPacketConnCloseUnblocks(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		c := socket(t, n, client+":5000")
		var wg sync.WaitGroup
		wg.Go(func() { // ends by Close
			_, _, err := c.ReadFrom(make([]byte, 1))
			wantError(t, err, net.ErrClosed)
		})
		synctest.Wait()
		wantError(t, c.Close(), nil)
		wg.Wait()
		wantError(t, c.Close(), net.ErrClosed)
		wantError(t, c.SetReadDeadline(time.Time{}), net.ErrClosed)
		_, err := c.WriteTo(nil, c.LocalAddr())
		wantError(t, err, net.ErrClosed)
		socket(t, n, client+":5000") // the port is free again
	})
}

func TestImpossibleLinksPanic(t *testing.T) {
	n := New(nil)
	for name, f := range map[string]func(){
		"part":  func() { n.SetLink("", "", Link{Loss: 1.5}) },
		"delay": func() { n.SetLink("", "", Link{Delay: -1}) },
		"host":  func() { n.SetLink("nobody", "", Link{}) },
		"port":  func() { n.SetLink("", server+":80", Link{}) },
		"new":   func() { New(&Options{Link: Link{Reorder: -1}}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
