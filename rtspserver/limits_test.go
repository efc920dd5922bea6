package rtspserver_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// ERR-503: beyond the limits a client is told so, and when to come again: for connections in all, for
// those of one address, and for sessions.
func TestBeyondTheLimitsIs503(t *testing.T) {
	for name, limit := range map[string]func(*rtspserver.Config){
		"connections":                func(c *rtspserver.Config) { c.MaxConns = 2 },
		"connections of one address": func(c *rtspserver.Config) { c.MaxConnsPerHost = 2 },
		"sessions":                   func(c *rtspserver.Config) { c.MaxSessions = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Everywhere(t, limit, func(t *testing.T, w *servertest.World) {
				live := w.Handler.Live("p", servertest.Video)
				tcp := "Transport: RTP/AVP/TCP;unicast"
				for range 2 {
					c := w.Dial()
					defer c.Close()
					c.Setup("p", "tcp")
				}
				c := w.Dial()
				r := c.Do("SETUP", "p", tcp)
				if r.Status != rtsp.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || r.Header.Get("CSeq") != "1" {
					t.Errorf("%q", r.Raw)
				}
				c.Close()
				if n := live.Readers(); n != 2 {
					t.Errorf("%d readers", n)
				}
				if n := w.Server.Stats().Refused; n != 1 {
					t.Errorf("%d refused", n)
				}
			})
		})
	}
}

// ERR-503, SEC-05: a flood of connections beyond the limit holds nothing: most are closed without a word,
// none for long, and then there is room again.
func TestAFloodOfConnectionsPasses(t *testing.T) {
	servertest.InMemory(t, func(c *rtspserver.Config) { c.MaxConns = 10 }, func(t *testing.T, w *servertest.World) {
		var all []*servertest.Client
		for range 500 {
			all = append(all, w.Dial())
		}
		w.Wait(3 * time.Second)
		if n := w.Server.Stats().Conns; n != 10 {
			t.Errorf("%d connections", n)
		}
		for _, c := range all {
			c.Close()
		}
		w.Settle()
		c := w.Dial()
		defer c.Close()
		if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
			t.Errorf("behind the flood: %d", r.Status)
		}
	})
}

// SYN-30, SEC-05: 500 connections that send a byte a second cost a good client beside them no time, and
// are gone when theirs is up.
func TestSlowlorisHarmsNobody(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(0))
		slow := make([]*servertest.Client, 500)
		raw := request("SETUP", w.URL+"/p", 1, "Transport: RTP/AVP/TCP;unicast", "X: "+strings.Repeat("x", 100))
		for i := range slow {
			slow[i] = w.Dial()
		}
		for second := range 15 {
			for _, c := range slow {
				if second < 10 {
					c.Send(raw[second : second+1])
				}
			}
			began := time.Now()
			good := w.Dial()
			lane := good.Watch("p", "tcp", 1)[0]
			if lane.RTP(time.Second) == nil || good.Do("TEARDOWN", "p").Status != rtsp.StatusOK || time.Since(began) > 0 {
				t.Errorf("second %d: the good client waited %v", second, time.Since(began))
			}
			good.Close()
			w.Wait(time.Second)
		}
		if n := w.Server.Stats().Conns; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// SYN-14, SYN-15, SEC-05: a thousand connections with every defect of Content-Length, and with bodies that
// are promised and do not come, end, and a good client works on.
func TestContentLengthBombs(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		lengths := []string{"-1", "0", "1\r\nContent-Length: 2", "9223372036854775808", "1048576", "99999999"}
		var all []*servertest.Client
		for i := range 1000 {
			c := w.Dial()
			c.Send(request("ANNOUNCE", w.URL+"/p", 1, "Content-Length: "+lengths[i%len(lengths)]) + "v=0")
			all = append(all, c)
		}
		good := w.Dial()
		defer good.Close()
		if r := good.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
			t.Errorf("OPTIONS: %d", r.Status)
		}
		w.Wait(20 * time.Second)
		if n := w.Server.Stats().Conns; n != 1 {
			t.Errorf("%d connections", n)
		}
		for _, c := range all {
			c.Close()
		}
	})
}

// SYN-16, SEC-01, SEC-05: what one connection that has shown nothing of itself can make the server hold, in bytes:
// at most 64 KiB however slowly it speaks and however much it promises, and no more than the limits of
// one request for one that really sends that much.
func TestMemoryOfAConnectionIsBounded(t *testing.T) {
	const conns = 30
	for name, x := range map[string]struct {
		raw   string
		bound int
	}{
		"silent":              {"", 64 << 10},
		"slow":                {"OPTIONS * RTSP/1.0\r\nX: ", 64 << 10},
		"after a request":     {options(1), 64 << 10},
		"promised body":       {request("ANNOUNCE", "rtsp://h/p", 1, "Content-Length: 1048576") + "v", 64 << 10},
		"promised frame":      {"$\x00\xff\xff", 64 << 10},
		"half a header block": {"OPTIONS * RTSP/1.0\r\n" + strings.Repeat("X: y\r\n", 10000), 192 << 10},
		"headers to remember": {strings.Repeat(options(1, strings.Repeat("Public: ANNOUNCE\r\nX: "+strings.Repeat("x", 7000)+"\r\n", 9)[:60000]), 16), 192 << 10},
		"half a body":         {request("ANNOUNCE", "rtsp://h/p", 1, "Content-Length: 1048576") + strings.Repeat("v", 1<<20-1), 5 << 18},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
				before := memoryInUse()
				for range conns {
					nc := w.DialFrom("")
					defer nc.Close()
					fmt.Fprint(nc, x.raw)
				}
				w.Until(time.Second, func() bool { return w.Server.Stats().Accepted == conns })
				w.Wait(100 * time.Millisecond)
				if each := (memoryInUse() - before) / conns; each > x.bound {
					t.Errorf("%d bytes a connection, want at most %d", each, x.bound)
				}
			})
		})
	}
}

// SEC-05: who asks and does not read the answers is left before they amount to much.
func TestAnswersThatAreNotReadAreBounded(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		const size = 5000
		nc := w.DialFrom(servertest.ClientHost)
		defer nc.Close()
		nc.(interface{ SetReadBuffer(int) error }).SetReadBuffer(4096)
		ask := request("GET_PARAMETER", "*", 1, fmt.Sprintf("Content-Length: %d", size)) + strings.Repeat("a-name-of-a-parameter--\r\n", size/25)
		sent := 0
		for ; sent < 64<<20; sent += size {
			nc.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.WriteString(nc, ask); err != nil {
				break
			}
		}
		limit := 512 << 10
		if w.Net == nil {
			limit = 32 << 20 // most of it lies in the buffers of the system
		}
		if sent > limit || !w.Until(time.Second, func() bool { return w.Server.Stats().Conns == 0 }) {
			t.Errorf("%d bytes of answers wait", sent)
		}
	})
}

// memoryInUse is the heap after a collection, and the stacks.
func memoryInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}
