package rtspclient

import (
	"net"
	"testing"
	"time"
)

// The kernel says when a datagram came, also when it was read much later.
func TestDatagramsAreStampedByTheKernel(t *testing.T) {
	open := func() *net.UDPConn {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	to, from := open(), open()
	receive := stamped(to)
	b := make([]byte, 100)
	for tries := 0; ; tries++ {
		before := time.Now()
		if _, err := from.WriteTo([]byte("packet"), to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		<-time.After(50 * time.Millisecond) // it lies in the socket
		n, peer, at, err := receive(b)
		if err != nil || string(b[:n]) != "packet" || peer.String() != from.LocalAddr().String() {
			t.Fatalf("%q of %v, %v", b[:n], peer, err)
		}
		if !at.Before(before.Add(-time.Millisecond)) && !at.After(sent.Add(20*time.Millisecond)) {
			return
		}
		if tries == 20 { // the kernel begins to stamp a little after it was asked to, when nobody else has
			t.Fatalf("sent at %v, stamped %v", sent, at)
		}
	}
}
