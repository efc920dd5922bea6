package rtspserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
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
		"sessions of one address":    func(c *rtspserver.Config) { c.MaxSessionsPerHost = 2 },
		"sessions of one user":       func(c *rtspserver.Config) { c.MaxSessionsPerUser, c.Authorizer = 2, ann{} },
		"readers":                    func(c *rtspserver.Config) { c.MaxReaders = func(string) int { return 2 } },
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
				s := w.Server.Stats()
				by := map[string]uint64{
					"connections": s.RefusedBy.Conns, "connections of one address": s.RefusedBy.ConnsPerHost, "sessions": s.RefusedBy.Sessions,
					"sessions of one address": s.RefusedBy.SessionsPerHost, "sessions of one user": s.RefusedBy.SessionsPerUser, "readers": s.RefusedBy.Readers,
				}
				if s.Refused != 1 || by[name] != 1 || !strings.Contains(w.Log.String(), "refused: too many "+name) {
					t.Errorf("refused: %+v", s)
				}
			})
		})
	}
}

// ann is a doorman to whom everybody is ann.
type ann struct{ doorman }

func (ann) Authorize(context.Context, *rtspserver.Request, rtspserver.Access) (string, error) {
	return "ann", nil
}

// SES-18: the limit of a user is of one, wherever the sessions come from, and not of those who are nobody in particular.
func TestTheLimitOfAUserIsOfOne(t *testing.T) {
	servertest.InMemory(t, func(c *rtspserver.Config) { c.MaxSessionsPerUser, c.Authorizer = 2, doorman{} }, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("open", servertest.Video)
		setup := func(host, user string, want rtsp.StatusCode) *servertest.Client {
			t.Helper()
			c := w.DialAs(host)
			t.Cleanup(c.Close)
			if r := c.Do("SETUP", "open", "X-User: "+user, "Transport: RTP/AVP/TCP;unicast"); r.Status != want {
				t.Errorf("%q from %s: %d, want %d", user, host, r.Status, want)
			}
			return c
		}
		first := setup("192.0.2.10", "ann", 200)
		setup("192.0.2.11", "ann", 200)
		setup("192.0.2.12", "ann", 503)
		for range 3 {
			setup("192.0.2.10", "", 200)
		}
		setup("192.0.2.10", "bob", 200)
		first.Do("TEARDOWN", "open", "X-User: ann")
		setup("192.0.2.12", "ann", 200)
		setup("192.0.2.10", "ann", 503)
	})
}

// SES-18: limits are of one address, and of one path, and there is room again when somebody has left.
func TestLimitsAreOfEach(t *testing.T) {
	servertest.InMemory(t, func(c *rtspserver.Config) {
		c.MaxConnsPerHost, c.MaxSessionsPerHost = 4, 2
		c.MaxReaders = func(path string) int { return map[string]int{"p": 3}[path] }
	}, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		w.Handler.Live("q", servertest.Video)
		setup := func(host, path string, want rtsp.StatusCode) *servertest.Client {
			t.Helper()
			c := w.DialAs(host)
			if r := c.Do("SETUP", path, "Transport: RTP/AVP/TCP;unicast"); r.Status != want {
				t.Errorf("%s reads %s: %d, want %d", host, path, r.Status, want)
			}
			return c
		}
		a, b := setup("192.0.2.10", "p", 200), setup("192.0.2.10", "p", 200)
		c, d := setup("192.0.2.10", "q", 503), setup("192.0.2.11", "p", 200)
		e, f := setup("192.0.2.11", "p", 503), setup("192.0.2.11", "q", 200)
		a.Do("TEARDOWN", "p")
		g := setup("192.0.2.12", "p", 200)
		h := setup("192.0.2.10", "q", 200)
		i := setup("192.0.2.10", "q", 503)
		for _, c := range []*servertest.Client{a, b, c, d, e, f, g, h, i} {
			c.Close()
		}
		w.Settle()
		j := setup("192.0.2.10", "p", 200)
		defer j.Close()
	})
}

// SES-18: who has a network of IPv6 is not more than one.
func TestAnAddressOfIPv6IsItsNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8::1": "2001:db8::", "2001:db8:0:0:ffff::7": "2001:db8::", "2001:db8:0:1::1": "2001:db8:0:1::", "fe80::5%eth0": "fe80::",
	} {
		if got := rtspserver.Neighbourhood(netip.MustParseAddr(addr)); got.String() != want {
			t.Errorf("%s: %v, want %s", addr, got, want)
		}
	}
	rtspserver.Neighbourhood(netip.Addr{})
}

// SEC-05: a thousand refusals in a second are one line of the log, and the next line says how many there were.
func TestRefusalsDoNotFloodTheLog(t *testing.T) {
	servertest.InMemory(t, func(c *rtspserver.Config) { c.MaxConns = 1 }, func(t *testing.T, w *servertest.World) {
		lines := func() int { return strings.Count(w.Log.String(), "refused: too many connections") }
		first := w.Dial()
		defer first.Close()
		for second := 1; second <= 2; second++ {
			for range 1000 {
				w.Dial().Close()
			}
			w.Settle()
			if n := lines(); n != second {
				t.Errorf("%d lines in second %d", n, second)
			}
			w.Wait(time.Second)
		}
		if log := w.Log.String(); !strings.Contains(log, `"others since the last line"=999`) || w.Server.Stats().RefusedBy.Conns != 2000 {
			t.Errorf("%+v\n%s", w.Server.Stats(), log)
		}
	})
}

// SEC-05: a publisher may send as much as its limit in the long run, and bursts; one that sends more is ended, over every
// transport, and its path is free.
func TestPublishersHaveALimitOfBits(t *testing.T) {
	const limit = 1 << 20 // bits a second
	for _, lower := range []string{"tcp", "udp"} {
		for name, rate := range map[string]int{"within": limit * 9 / 10, "beyond": limit * 3} {
			t.Run(lower+name, func(t *testing.T) {
				servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
					w.Handler.MaxBitRate = limit
					c := w.Dial()
					defer c.Close()
					lane, src := c.Publish("cam", servertest.Audio, lower)[0], servertest.Source{}
					packet := append(src.Packet(false, 1), make([]byte, 1000)...)
					for tenth := 0; tenth < 200 && w.Server.Stats().Sessions == 1; tenth++ {
						for n := 0; n < rate/10; n += 8 * len(packet) {
							if w.Settle(); w.Server.Stats().Sessions == 0 {
								break // the server hangs up in the middle of it
							}
							lane.SendRTP(packet)
						}
						w.Wait(100 * time.Millisecond)
					}
					w.Settle()
					s := w.Server.Stats()
					if over := rate > limit; (s.Sessions == 0) != over || (s.RefusedBy.BitRate == 1) != over || (w.Handler.Get("cam") == nil) != over {
						t.Errorf("%+v", s)
					}
				})
			})
		}
	}
}

// SEC-05, SEC-06: what somebody sends in a publisher's name, with a source of their own, does not count as the publisher's.
func TestForgeriesDoNotEndAPublisher(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.MaxBitRate = 1 << 20
		c := w.Dial()
		defer c.Close()
		lane, own, forged := c.Publish("cam", servertest.Audio, "udp")[0], servertest.Source{SSRC: 1}, servertest.Source{SSRC: 2}
		for range 200 {
			lane.SendRTP(own.Packet(false, 1))
			for range 100 {
				lane.SendRTP(append(forged.Packet(false, 9), make([]byte, 1000)...))
			}
			w.Wait(100 * time.Millisecond)
		}
		if s := w.Server.Stats(); s.Sessions != 1 || s.RefusedBy.BitRate != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// SEC-05: before its first session a connection may send little at a time, and behind it as much as the limits say.
func TestStrangersMaySendLittle(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		big := func(c *servertest.Client) rtsp.StatusCode {
			c.Send(request("SET_PARAMETER", "*", 9, "Content-Length: 60000") + strings.Repeat("x: y\r\n", 10000))
			r, err := c.TryResponse()
			if err != nil {
				t.Fatal(err)
			}
			return r.Status
		}
		known := w.Dial()
		defer known.Close()
		known.Setup("p", "tcp")
		known.Do("TEARDOWN", "p")
		if got := big(known); got == rtsp.StatusRequestEntityTooLarge {
			t.Errorf("behind a session: %d", got)
		}
		known.Session = ""
		if r := known.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
			t.Errorf("OPTIONS: %d", r.Status)
		}
		stranger := w.Dial()
		defer stranger.Close()
		stranger.Send(request("OPTIONS", "*", 1, "Content-Length: 60000"))
		if r, err := stranger.TryResponse(); err != nil || r.Status != rtsp.StatusRequestEntityTooLarge {
			t.Errorf("before: %v, %v", r, err)
		}
	})
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

// SYN-30, SEC-05: 5,000 connections that send a byte a second, of ten addresses, cost a good client beside them no time, and are gone
// when theirs is up.
func TestSlowlorisHarmsNobody(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(0))
		slow := make([]net.Conn, 5000)
		raw := request("SETUP", w.URL+"/p", 1, "Transport: RTP/AVP/TCP;unicast", "X: "+strings.Repeat("x", 100))
		for i := range slow {
			slow[i] = w.DialFrom(fmt.Sprintf("192.0.2.%d", 100+i%10))
			defer slow[i].Close()
		}
		for second := range 15 {
			for _, c := range slow {
				if second < 10 {
					io.WriteString(c, raw[second:second+1])
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

// How long a SETUP takes beside 5,000 connections that send a byte now and then.
func BenchmarkSetupBesideSlowConnections(b *testing.B) {
	w := servertest.Loopback(b, false, func(c *rtspserver.Config) { c.RequestTimeout, c.MaxConnsPerHost = time.Hour, 6000 })
	w.Handler.Live("p", servertest.Video)
	slow := make([]net.Conn, 5000)
	for i := range slow {
		slow[i] = w.DialFrom("")
		defer slow[i].Close()
	}
	turn := 0
	for b.Loop() {
		for range 50 { // of them speak meanwhile
			io.WriteString(slow[turn%len(slow)], "x")
			turn++
		}
		c := w.Dial()
		c.Setup("p", "tcp")
		c.Close()
	}
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
// at most 64 KiB however slowly it speaks, however much it promises, and whatever it really sends, over WebSocket and TLS too.
func TestMemoryOfAConnectionIsBounded(t *testing.T) {
	for name, raw := range map[string]string{
		"silent":              "",
		"slow":                "OPTIONS * RTSP/1.0\r\nX: ",
		"after a request":     options(1),
		"promised body":       request("ANNOUNCE", "rtsp://h/p", 1, "Content-Length: 1048576") + "v",
		"promised frame":      "$\x00\xff\xff",
		"half a header block": "OPTIONS * RTSP/1.0\r\n" + strings.Repeat("X: y\r\n", 2000),
		"headers to remember": strings.Repeat(options(1, strings.Repeat("Public: ANNOUNCE\r\nX: "+strings.Repeat("x", 7000)+"\r\n", 1)), 16),
		"half a body":         request("ANNOUNCE", "rtsp://h/p", 1, "Content-Length: 16384") + strings.Repeat("v", 1<<14-1),
		"half of both":        request("ANNOUNCE", "rtsp://h/p", 1, strings.Repeat("X: "+strings.Repeat("x", 800)+"\r\n", 8)+"Content-Length: 16384") + strings.Repeat("v", 1<<14-1),
		"large frames":        strings.Repeat("$\x00\xff\xff"+strings.Repeat("x", 65535), 3) + "$\x00\xff\xff" + strings.Repeat("x", 65534),
		"small frames":        strings.Repeat("$\x00\x05\x00"+strings.Repeat("x", 1280), 200) + "$",
	} {
		for _, door := range []string{"tcp", "websocket", "tls"} {
			t.Run(name+" over "+door, func(t *testing.T) { holdsLittle(t, door, raw) })
		}
	}
}

// holdsLittle sends what somebody says on many connections, and fails if the server holds more than it may for each.
func holdsLittle(t *testing.T, door, raw string) {
	const conns = 30
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		bound := 64 << 10
		switch door {
		case "websocket":
			w.BeginWeb()
		case "tls":
			w.BeginTLS()
			bound += 20 << 10 // the other end is here too, and crypto/tls has buffers
		}
		before, accepted := memoryInUse(), w.Server.Stats().Accepted
		for range conns {
			nc := w.DialFrom("")
			defer nc.Close()
			fmt.Fprint(nc, raw)
		}
		w.Until(time.Second, func() bool { return w.Server.Stats().Accepted >= accepted+conns })
		w.Wait(100 * time.Millisecond)
		if each := (memoryInUse() - before) / conns; each > bound {
			t.Errorf("%d bytes a connection, want at most %d", each, bound)
		}
	})
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
