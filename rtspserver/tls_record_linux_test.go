package rtspserver

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// tlsPair is a connection of our listener, and its peer. The handshake is made.
func tlsPair(t *testing.T) (near, peer *tls.Conn) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := NewTLSListener(inner, web.TLS)
	defer ln.Close()
	raw, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	nc, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	near, peer = nc.(*tls.Conn), tls.Client(raw, &tls.Config{InsecureSkipVerify: true})
	done := make(chan error, 1)
	go func() { done <- peer.Handshake() }() // ends with the server's
	if err := near.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return near, peer
}

// A nobody visits nothing.
type nobody struct{}

func (nobody) Visit(time.Time)      {}
func (nobody) Panicked(any, []byte) {}

// Behind a full socket there waits one record at most, and no call waits for the peer.
func TestOneRecordIsSealedAhead(t *testing.T) {
	tc, _ := tlsPair(t)
	o := newTLSOutput(tc, nil)
	defer o.Close()
	defer tc.Close()
	seat := timeline.NewShards(1).Seat(nobody{})
	run := make([]byte, 0, 1<<20)
	for len(run) < 1<<20 {
		run = append(append(run, '$', 0, 0x05, 0x14), make([]byte, 1300)...)
	}
	for {
		n, err := o.Frames(run, seat)
		if err != nil {
			t.Fatal(err)
		}
		if n%1304 != 0 {
			t.Fatalf("%d bytes were taken, which are not whole frames", n)
		}
		if n == 0 {
			break
		}
	}
	const overhead = 5 + 1 + 16 // of a record of TLS 1.3 with AES-GCM
	o.tcp.mu.Lock()
	waiting := len(o.tcp.tail)
	o.tcp.mu.Unlock()
	if waiting > tlsRecord+overhead {
		t.Errorf("%d bytes wait", waiting)
	}
	for n := 0; o.Message(make([]byte, maxUnread)) == nil; n++ { // the system may have made some room meanwhile
		if n == 1000 {
			t.Fatal("a peer that does not read can have any number of answers wait")
		}
	}
}

// Records are filled with whole frames: no more than a record holds, unless one frame alone is larger.
func TestRecordsAreOfWholeFrames(t *testing.T) {
	frames := func(sizes ...int) (b []byte) {
		for _, n := range sizes {
			b = append(append(b, '$', 0, byte(n>>8), byte(n)), make([]byte, n)...)
		}
		return b
	}
	for _, test := range []struct {
		sizes  []int
		framed bool
		want   int
	}{
		{[]int{100}, false, 104},
		{[]int{8188, 8188}, false, 16384},
		{[]int{8188, 8188}, true, 8192},
		{[]int{8188, 8188, 1}, false, 16384},
		{[]int{8188, 8189, 1}, false, 8192},
		{[]int{60000, 1}, false, 60004},
		{[]int{1, 60000}, false, 5},
	} {
		o := &tlsOutput{}
		if test.framed {
			o.records = &sync.Pool{}
		}
		if got := o.fitting(frames(test.sizes...)); got != test.want {
			t.Errorf("%v: %d bytes, want %d", test.sizes, got, test.want)
		}
	}
}
