package rtspserver

import (
	"io"
	"net"
	"testing"
)

// The header and the range go out without garbage.
func TestFramesOverWebSocketDoNotAllocate(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	peer, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); io.Copy(io.Discard, peer) }() // ends with nc
	o := newSystemFrameOutput(nc, nil)
	b := append([]byte{'$', 0, 0, 200}, make([]byte, 200)...)
	allocs := testing.AllocsPerRun(100, func() { o.Frames(b, nil) })
	nc.Close()
	o.Close()
	<-ended
	peer.Close()
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
