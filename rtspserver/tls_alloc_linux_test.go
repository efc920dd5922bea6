//go:build !race

package rtspserver

import (
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
)

// Sealing and sending a range makes no garbage, with or without a WebSocket inside. (The race detector has pools lose things.)
func TestFramesOverTLSDoNotAllocate(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	for name, records := range map[string]*sync.Pool{"rtsps": nil, "wss": {}} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ln := NewTLSListener(inner, web.TLS)
		peer, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		nc, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { // ends with nc
			defer close(ended)
			tls.Client(peer, &tls.Config{InsecureSkipVerify: true}).Handshake()
			io.Copy(io.Discard, peer)
		}()
		if err := nc.(*tls.Conn).Handshake(); err != nil {
			t.Fatal(err)
		}
		o := newTLSOutput(nc.(*tls.Conn), records)
		b := append([]byte{'$', 0, 0, 200}, make([]byte, 200)...)
		allocs := testing.AllocsPerRun(100, func() { o.Frames(b, nil) })
		nc.Close()
		o.Close()
		<-ended
		peer.Close()
		ln.Close()
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}
