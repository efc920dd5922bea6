package rtspserver_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
)

// sit has a reader play over TCP, by its own hand: nothing of it but the connection stays in memory.
func sit(t *testing.T, url string) net.Conn {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "rtsp://"), "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(request string) string {
		if _, err := io.WriteString(c, request+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 1024)
		n, err := c.Read(b)
		if err != nil || !strings.HasPrefix(string(b[:n]), "RTSP/1.0 200") {
			t.Fatalf("%s: %q, %v", request, b[:n], err)
		}
		return string(b[:n])
	}
	answer := ask("SETUP " + url + "/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1")
	_, session, _ := strings.Cut(answer, "Session: ")
	session, _, _ = strings.Cut(session, ";")
	ask("PLAY " + url + " RTSP/1.0\r\nCSeq: 2\r\nSession: " + session)
	return c
}

// settle lets stacks shrink, which takes a few collections.
func settle() {
	for range 4 {
		runtime.GC()
	}
}

// A reader costs bytes, not queues: a goroutine and at most twelve kilobytes, whatever is sent.
func TestReaderCostsFewBytes(t *testing.T) {
	const readers, most = 200, 12 << 10
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.Video)
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1))
		url := fmt.Sprintf("%s/cam", w.URL)
		var conns []net.Conn
		add := func(n int) (bytes, goroutines int) {
			var before, after runtime.MemStats
			settle()
			runtime.ReadMemStats(&before)
			running := runtime.NumGoroutine()
			for range n {
				conns = append(conns, sit(t, url))
			}
			for range 20 {
				servertest.Write(live, 0, src.Delta(2))
			}
			settle()
			runtime.ReadMemStats(&after)
			used := func(m *runtime.MemStats) int { return int(m.HeapAlloc + m.StackInuse) }
			return (used(&after) - used(&before)) / n, (runtime.NumGoroutine() - running) / n
		}
		add(20) // what is made once
		bytes, goroutines := add(readers)
		t.Logf("%d bytes and %d goroutines a reader", bytes, goroutines)
		if bytes > most && !raceEnabled || goroutines > 1 {
			t.Errorf("%d bytes and %d goroutines a reader", bytes, goroutines)
		}
		for _, c := range conns {
			c.Close()
		}
	})
}

// A reader that does not read costs bytes too, however much there is for it.
func TestStalledReaderCostsFewBytes(t *testing.T) {
	const readers, most = 16, 16 << 10
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.Video)
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		payload := make([]byte, 1300)
		payload[0], payload[1] = 0x65, 0x88
		fill := func(megabytes int) {
			for range megabytes << 20 / len(payload) {
				src.Timestamp += 3600
				servertest.Write(live, 0, src.Packet(true, payload...))
			}
		}
		fill(16) // the window is as large as it gets
		url := fmt.Sprintf("%s/cam", w.URL)
		var before, after runtime.MemStats
		settle()
		runtime.ReadMemStats(&before)
		for range readers {
			c := sit(t, url)
			defer c.Close()
			c.(*net.TCPConn).SetReadBuffer(64 << 10) // else the kernel holds up to 32 MB for each
		}
		fill(24) // more than the kernel holds for them
		if !w.Until(10*time.Second, func() bool { return live.Stats().Jumps >= readers }) {
			t.Errorf("%d jumps: some did not stall", live.Stats().Jumps)
		}
		settle()
		runtime.ReadMemStats(&after)
		bytes := (int(after.HeapAlloc+after.StackInuse) - int(before.HeapAlloc+before.StackInuse)) / readers
		t.Logf("%d bytes a reader that does not read", bytes)
		if bytes > most && !raceEnabled {
			t.Errorf("%d bytes a reader", bytes)
		}
	})
}
