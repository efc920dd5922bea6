package rtspserver_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// SES-01, SES-02: ids are 128 random bits in characters that every client keeps.
func TestSessionIDsAreRandom(t *testing.T) {
	good, seen := regexp.MustCompile(`^[A-Za-z0-9]{32}$`), map[string]bool{}
	for range 100_000 {
		id := rtspserver.NewSessionID()
		if seen[id] || !good.MatchString(id) {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

// SES-03, SES-04: the answer to every SETUP has the timeout, in the bytes that FFmpeg looks for.
func TestSetupTellsTheTimeout(t *testing.T) {
	for timeout, want := range map[time.Duration]string{0: "60", 7 * time.Second: "7"} {
		change := func(c *rtspserver.Config) { c.SessionTimeout = timeout }
		servertest.InMemory(t, change, func(t *testing.T, w *servertest.World) {
			w.Handler.Live("cam", servertest.VideoAudio)
			c := w.Dial()
			defer c.Close()
			for track := range 2 {
				raw := c.Setup(fmt.Sprintf("cam/trackID=%d", track), "tcp").Response.Raw
				if !strings.Contains(raw, "\r\nSession: "+c.Session+";timeout="+want+"\r\n") {
					t.Errorf("answer %q", raw)
				}
			}
		})
	}
}

// SES-05, SES-06: a timeout in a request is ignored, and every answer in a session names it.
func TestEveryAnswerNamesTheSession(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("cam/trackID=0", "tcp")
		id := c.Session
		for _, m := range []string{"PLAY", "GET_PARAMETER", "SET_PARAMETER", "OPTIONS", "DESCRIBE", "PAUSE", "RECORD", "TEARDOWN"} {
			for _, suffix := range []string{"", ";timeout=60", "; timeout=5"} {
				if m == "TEARDOWN" && suffix != "" {
					continue
				}
				resp := c.Do(m, "cam", "Session: "+id+suffix)
				if got, _, _ := rtsp.ParseSession(resp.Header.Get("Session")); got != id || resp.Status == rtsp.StatusSessionNotFound {
					t.Errorf("%s in %q: %d, session %q", m, suffix, resp.Status, got)
				}
			}
		}
	})
}

// alive tells whether a session is still there, from another connection.
func alive(w *servertest.World, id string) bool {
	for _, s := range w.Server.Sessions() {
		if s.ID() == id {
			return true
		}
	}
	return false
}

// SES-07: any request with the session keeps it, whatever the method.
func TestRequestsKeepASession(t *testing.T) {
	for _, method := range []string{"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "DESCRIBE", "PLAY", "RECORD", "FOO", ""} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.Live("cam", servertest.Video)
			c := w.Dial()
			defer c.Close()
			c.Watch("cam", "udp", 1)
			for range 6 {
				w.Wait(55 * time.Second)
				if method != "" {
					c.Do(method, "cam", "Session: "+c.Session)
				}
			}
			if want := method != "" && method != "FOO"; alive(w, c.Session) != want {
				t.Errorf("%q for 5 minutes: alive %t", method, !want)
			}
		})
	}
}

// SES-08: RTCP of the client keeps a session, over UDP and interleaved; anything else on its channels
// does not.
func TestReceiverReportsKeepASession(t *testing.T) {
	report := rtp.AppendReceiverReport(nil, 0x1234)
	for _, lower := range []string{"tcp", "udp"} {
		for name, b := range map[string][]byte{"report": report, "garbage": []byte("hello, world")} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("cam", servertest.Video)
				c := w.Dial()
				defer c.Close()
				lane := c.Watch("cam", lower, 1)[0]
				id := c.Session
				for range 60 {
					if alive(w, id) {
						lane.SendRTCP(b)
					}
					w.Wait(5 * time.Second)
				}
				if want := name == "report"; alive(w, id) != want {
					t.Errorf("%s over %s for 5 minutes: alive %t", name, lower, !want)
				}
			})
		}
	}
}

// SES-09, SES-11: a client over UDP that gives no sign of life is sent media for a minute and a tenth, then
// BYE; its session is gone, its connection is not.
func TestSilentReaderOverUDPIsFreed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
		c, began := w.Dial(), time.Now()
		defer c.Close()
		lane := c.Watch("cam", "udp", 1)[0]
		id, last := c.Session, began
		for time.Since(began) < 2*time.Minute {
			servertest.Write(live, 0, src.Key(1))
			for lane.RTP(time.Millisecond) != nil {
				last = time.Now()
			}
			w.Wait(500 * time.Millisecond)
		}
		if d := last.Sub(began); d < 60*time.Second || d > 75*time.Second {
			t.Errorf("the last packet came after %v", d)
		}
		if resp := c.Do("PLAY", "cam", "Session: "+id); resp.Status != rtsp.StatusSessionNotFound {
			t.Errorf("PLAY afterwards: %d", resp.Status)
		}
	})
}

// SES-09: a session that was only set up, or paused, is freed as well, over either transport.
func TestSilentSessionInReadyIsFreed(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		for _, steps := range [][]string{nil, {"PLAY", "PAUSE"}} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("cam", servertest.Video)
				c := w.Dial()
				defer c.Close()
				c.Setup("cam/trackID=0", lower)
				for _, m := range steps {
					c.Do(m, "cam")
				}
				w.Wait(65 * time.Second)
				early := alive(w, c.Session)
				w.Wait(10 * time.Second)
				if late := alive(w, c.Session); !early || late {
					t.Errorf("%s %v: alive %t after 65 s, %t after 75 s", lower, steps, early, late)
				}
			})
		}
	}
}

// SES-09, SYN-30: a connection whose last session timed out is closed when it stays silent, not before.
func TestConnectionIsIdleOnceItsSessionsAreGone(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("cam/trackID=0", "udp")
		w.Wait(80 * time.Second)
		if s := w.Server.Stats(); s.Sessions != 0 || s.Conns != 1 {
			t.Errorf("after 80 s: %+v", s)
		}
		w.Wait(60 * time.Second)
		if s := w.Server.Stats(); s.Conns != 0 {
			t.Errorf("after 140 s: %+v", s)
		}
	})
}

// SES-11: an interleaved client that only reads lives; once it stops reading it is dropped, connection and
// all.
func TestInterleavedReaderLivesByReading(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "tcp", 1)[0]
		for range 600 {
			servertest.Write(live, 0, src.Key(1))
			for range 2 { // parameter sets and picture
				if lane.RTP(time.Second) == nil {
					t.Fatal("no media")
				}
			}
			w.Wait(time.Second)
		}
		stopped := time.Now()
		big := make([]byte, 1200)
		for alive(w, c.Session) && time.Since(stopped) < 5*time.Minute {
			for range 100 {
				servertest.Write(live, 0, src.Packet(true, append([]byte{0x65}, big...)...))
			}
			w.Wait(time.Second)
		}
		w.Wait(3 * time.Second) // the connection gets a farewell
		if d := time.Since(stopped); d < 60*time.Second || d > 75*time.Second || w.Server.Stats().Conns != 0 {
			t.Errorf("dropped after %v, %d connections left", d, w.Server.Stats().Conns)
		}
	})
}

// SES-10: what a publisher sends over UDP is sign of life enough: FFmpeg sends nothing else.
func TestMediaKeepsAPublisher(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c, src := w.Dial(), servertest.Source{PayloadType: 96}
			defer c.Close()
			lane := c.Publish("live", servertest.Video, lower)[0]
			for range 120 {
				lane.SendRTP(src.Key(1))
				w.Wait(5 * time.Second)
			}
			if !alive(w, c.Session) {
				t.Errorf("%s: gone within 10 minutes", lower)
			}
		})
	}
}

// SES-17, STA-03: two SETUPs without a session are two sessions, even on one connection.
func TestEverySetupWithoutASessionMakesOne(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c, seen := w.Dial(), map[string]bool{}
		defer c.Close()
		for range 10 {
			c.Session = ""
			c.Setup("cam/trackID=0", "tcp")
			seen[c.Session] = true
		}
		if len(seen) != 10 {
			t.Errorf("%d sessions", len(seen))
		}
	})
}

// SES-18, ERR-503, SEC-05: SETUPs beyond the limit are told to come again, and leave nothing behind.
func TestSessionsAreBounded(t *testing.T) {
	change := func(c *rtspserver.Config) { c.MaxSessions = 3 }
	servertest.InMemory(t, change, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		for n := range 10_000 {
			c.Session = ""
			resp := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast")
			if full := n >= 3; full != (resp.Status == rtsp.StatusServiceUnavailable) || full != resp.Header.Has("Retry-After") {
				t.Fatalf("SETUP %d: %d", n, resp.Status)
			}
		}
		if s := w.Server.Stats(); s.Sessions != 3 || live.Readers() != 3 || s.Refused == 0 {
			t.Errorf("%+v, %d readers", s, live.Readers())
		}
		c.Do("TEARDOWN", "cam", "Session: "+w.Server.Sessions()[0].ID())
		c.Session = ""
		if lane := c.Setup("cam/trackID=0", "tcp"); lane.Transport.Interleaved.RTP > 6 {
			t.Errorf("refused SETUPs kept channels: %+v", lane.Transport.Interleaved)
		}
	})
}

// CON-06: a session over UDP is not bound to its connection: it survives it, and another connection of the
// same client takes it over.
func TestSessionOverUDPOutlivesItsConnection(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
		a, b := w.Dial(), w.Dial()
		defer b.Close()
		lane := a.Setup("cam/trackID=0", "udp")
		a.Close()
		b.Session = a.Session
		if resp := b.Do("PLAY", "cam"); resp.Status != rtsp.StatusOK {
			t.Fatalf("PLAY from another connection: %d", resp.Status)
		}
		servertest.Write(live, 0, src.Key(1))
		if lane.RTP(time.Second) == nil {
			t.Error("no media")
		}
	}, servertest.UDP)
}

// CON-06, SYN-30: a connection from which a session was taken over is idle: it is closed like any other
// that has none.
func TestConnectionThatLostItsSessionIsIdle(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		a, b := w.Dial(), w.Dial()
		defer b.Close()
		a.Setup("cam/trackID=0", "udp")
		b.Session = a.Session
		b.Do("PLAY", "cam")
		for range 4 {
			w.Wait(30 * time.Second)
			b.Do("GET_PARAMETER", "cam")
		}
		if s := w.Server.Stats(); s.Conns != 1 || s.Sessions != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// CON-08, SEC-02: a session's id is of no use from another address.
func TestSessionOfAnotherAddressIsUnknown(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c, thief := w.Dial(), w.DialAs("192.0.2.66")
		defer c.Close()
		defer thief.Close()
		c.Watch("cam", "udp", 1)
		for _, m := range []string{"OPTIONS", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SETUP"} {
			if got := thief.Do(m, "cam", "Session: "+c.Session, "Transport: RTP/AVP/TCP;unicast").Status; got != rtsp.StatusSessionNotFound {
				t.Errorf("%s: %d", m, got)
			}
		}
		if !alive(w, c.Session) {
			t.Error("the session is gone")
		}
	})
}

// CON-07: an interleaved session ends with its connection, at once.
func TestInterleavedSessionEndsWithItsConnection(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		c.Watch("cam", "tcp", 1)
		c.Close()
		w.Settle()
		if w.Server.Stats().Sessions != 0 || live.Readers() != 0 {
			t.Errorf("%d sessions, %d readers", w.Server.Stats().Sessions, live.Readers())
		}
	})
}
