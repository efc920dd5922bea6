package rtspserver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// CON-01, CON-02, CON-05: every answer carries the request's CSeq as it was sent; without one there is
// nothing to answer but 400. The same CSeq twice is two requests.
func TestCSeqIsRepeated(t *testing.T) {
	cseq := func(value string) string { return "OPTIONS * RTSP/1.0\r\nCSeq: " + value + "\r\n\r\n" }
	runDialogues(t, []dialogue{
		{name: "zero", raw: cseq("0"), want: []string{"200 0"}},
		{name: "leading zeros", raw: cseq("007"), want: []string{"200 007"}},
		{name: "64 bits", raw: cseq("18446744073709551615"), want: []string{"200 18446744073709551615"}},
		{name: "none", raw: "OPTIONS * RTSP/1.0\r\n\r\n", want: []string{"400"}},
		{name: "garbled", raw: cseq("x"), want: []string{"400"}},
		{name: "negative", raw: cseq("-1"), want: []string{"400"}},
		{name: "two of them", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nCSeq: 2\r\n\r\n", want: []string{"400 1"}},
		{name: "repeated", raw: cseq("3") + cseq("3"), want: []string{"200 3", "200 3"}},
		{name: "refused", raw: request("SETUP", "URL/p", 5, "Transport: RTP/AVP;client_port=x"), want: []string{"400 5"}},
		{name: "bad line", raw: options(6, "no colon"), want: []string{"400 6"}},
		{name: "bad URL", raw: request("DESCRIBE", "rtsp://h:0/", 7), want: []string{"400 7"}},
		{name: "version", raw: "OPTIONS * RTSP/3.0\r\nCSeq: 8\r\n\r\n", want: []string{"505 8"}},
	})
}

// CON-09: a refusal does not cost the connection.
func TestRefusalsKeepTheConnection(t *testing.T) {
	var raw strings.Builder
	var want []string
	for i, x := range []struct{ method, url, line, status string }{
		{"DESCRIBE", "URL/nothing", "X: y", "404"},
		{"SETUP", "URL/p", "Transport: RTP/SAVP;unicast;client_port=5000-5001", "461"},
		{"PLAY", "URL/p", "Session: unknown", "454"},
		{"PLAY", "URL/p", "X: y", "454"},
		{"DESCRIBE", "URL/p", "Accept: application/mheg", "406"},
		{"DESCRIBE", "URL/p", "Require: funky", "551"},
		{"FOO", "URL/p", "X: y", "501"},
		{"DESCRIBE", "URL/%2e%2e/p", "X: y", "403"},
	} {
		raw.WriteString(request(x.method, x.url, i, x.line))
		want = append(want, fmt.Sprint(x.status, " ", i))
	}
	runDialogues(t, []dialogue{{name: "all", raw: raw.String(), want: want}})
}

// CON-03: answers leave in the order of the requests, however long one of them takes.
func TestAnswersKeepTheOrder(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) {
			w.Wait(time.Second)
			return nil, nil
		}
		c := w.Dial()
		defer c.Close()
		c.Send(request("DESCRIBE", w.URL+"/p", 1) + options(2) + request("DESCRIBE", w.URL+"/p", 3) + options(4))
		for cseq := 1; cseq <= 4; cseq++ {
			if got := c.Response().Header.Get("CSeq"); got != fmt.Sprint(cseq) {
				t.Errorf("answer %d is to CSeq %s", cseq, got)
			}
		}
	})
}

// CON-04: what a session is does not depend on how its bytes are cut.
func TestRequestsMayBeCutAnywhere(t *testing.T) {
	var transcripts []string
	for _, oneByte := range []bool{true, false} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
			servertest.Write(live, 0, src.Key(1))
			c := w.Dial()
			defer c.Close()
			c.Session = c.Setup("p", "udp").Response.Header.Get("Session")[:32]
			named := "Session: " + c.Session
			all := request("DESCRIBE", w.URL+"/p", 2) + request("PLAY", w.URL+"/p", 3, named) +
				request("GET_PARAMETER", w.URL+"/p", 4, named, "Content-Length: 5") + "foo\r\n" +
				request("PAUSE", w.URL+"/p", 5, named) + request("TEARDOWN", w.URL+"/p", 6, named)
			if oneByte {
				r, b := iotest.OneByteReader(strings.NewReader(all)), make([]byte, 1)
				for n, _ := r.Read(b); n > 0; n, _ = r.Read(b) {
					c.Send(string(b))
					w.Settle()
				}
			} else {
				c.Send(all)
			}
			var statuses []string
			for range 5 {
				r := c.Response()
				_, body, _ := strings.Cut(string(r.Body), "s=test") // what is before is of this world only
				statuses = append(statuses, fmt.Sprint(int(r.Status), " ", r.Header.Get("CSeq"), " ", len(r.Header), " ", body))
			}
			transcripts = append(transcripts, strings.Join(statuses, "\n"))
		})
	}
	if transcripts[0] != transcripts[1] || !strings.Contains(transcripts[0], "451 4") {
		t.Errorf("by the byte:\n%s\nat once:\n%s", transcripts[0], transcripts[1])
	}
}

// CON-06: a session over UDP outlives its connection and is controlled from the next.
func TestSessionsOutliveTheirConnection(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1))
		a := w.Dial()
		lane := a.Setup("p", "udp")
		a.Close()
		if !w.Until(time.Second, func() bool { return w.Server.Stats().Conns == 0 }) {
			t.Fatal("the connection is still there")
		}
		b := w.Dial()
		defer b.Close()
		b.Session = a.Session
		if r := b.Do("PLAY", "p"); r.Status != rtsp.StatusOK {
			t.Fatalf("PLAY from another connection: %d", r.Status)
		}
		if lane.RTP(time.Second) == nil {
			t.Error("no media")
		}
	}, servertest.UDP)
}

// CON-07: a session whose media is interleaved ends with the connection.
func TestInterleavedSessionsEndWithTheirConnection(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live := w.Handler.Live("p", servertest.Video)
		reader, publisher := w.Dial(), w.Dial()
		reader.Watch("p", "tcp", 1)
		publisher.Publish("cam", servertest.Video, "tcp")
		reader.Close()
		publisher.Close()
		gone := func() bool {
			return w.Server.Stats().Sessions == 0 && live.Readers() == 0 && w.Handler.Get("cam") == nil
		}
		if !w.Until(time.Second, gone) {
			t.Errorf("a second later: %+v, %d readers", w.Server.Stats(), live.Readers())
		}
	})
}

// CON-12: a client's answer to a request of ours needs no CSeq and no sense.
func TestAnswersOfClientsAreHarmless(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("p", "tcp", 1)[0]
		if n := w.Server.Redirect("p", "rtsp://elsewhere/p", nil); n != 1 {
			t.Fatalf("%d sessions were told", n)
		}
		c.ServerRequest()
		c.Send("RTSP/1.0 501 Not Implemented\r\n\r\n" + "RTSP/1.0 299\r\nCSeq: 77\r\nContent-Length: 2\r\n\r\nhi")
		if r := c.Do("GET_PARAMETER", "p"); r.Status != rtsp.StatusOK {
			t.Errorf("GET_PARAMETER: %d", r.Status)
		}
		servertest.Write(live, 0, src.Key(1))
		if lane.RTP(time.Second) == nil {
			t.Error("the media has stopped")
		}
	})
}

// CON-13: Connection: close is honoured behind the answer, whoever wants it.
func TestConnectionCloseIsHonoured(t *testing.T) {
	runDialogues(t, []dialogue{
		{name: "close", raw: options(1, "Connection: close") + options(2), want: []string{"200 1"}, closed: true},
		{name: "in a list", raw: options(1, "Connection: keep-alive, Close"), want: []string{"200 1"}, closed: true},
		{name: "keep-alive", raw: options(1, "Connection: keep-alive") + options(2), want: []string{"200 1", "200 2"}},
		{name: "of a refusal", raw: request("DESCRIBE", "URL/nothing", 1, "Connection: close"), want: []string{"404 1"}, closed: true},
	})
}

// CON-13: whoever is owed a last answer and does not read it does not keep the connection.
func TestTheLastAnswerIsNotWaitedFor(t *testing.T) {
	for name, last := range map[string]string{"close": options(1, "Connection: close"), "framing lost": "\x00"} {
		t.Run(name, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				c := w.Dial()
				defer c.Close()
				c.Narrow(1)
				c.Send(last)
				w.Wait(5 * time.Second)
				if n := w.Server.Stats().Conns; n != 0 {
					t.Errorf("%d connections", n)
				}
			})
		})
	}
}

// CON-14: FFmpeg, when nothing comes over UDP, pauses and sets up TCP on the same connection without
// naming its session: that is a second session.
func TestTwoSessionsOnOneConnection(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("av", servertest.VideoAudio), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1))
		c := w.Dial()
		defer c.Close()
		c.Watch("av", "udp", 2)
		if r := c.Do("PAUSE", "av"); r.Status != rtsp.StatusOK {
			t.Fatalf("PAUSE: %d", r.Status)
		}
		first := c.Session
		c.Session = ""
		lanes := c.Watch("av", "tcp", 2)
		if c.Session == first || w.Server.Stats().Sessions != 2 {
			t.Errorf("sessions %s and %s", first, c.Session)
		}
		if lanes[0].RTP(time.Second) == nil {
			t.Error("no media over TCP")
		}
		for _, id := range []string{first, c.Session} {
			if r := c.Do("TEARDOWN", "av", "Session: "+id); r.Status != rtsp.StatusOK {
				t.Errorf("TEARDOWN: %d", r.Status)
			}
		}
	})
}

// CON-16: the addresses of a description are of the connection's family.
func TestIPv6(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		ln, err := w.Net.Listen("[2001:db8::1]:554")
		if err != nil {
			t.Fatal(err)
		}
		go w.Server.Serve(ln) // ends with the world's server
		nc, err := w.Net.Dial(t.Context(), "2001:db8::10", "[2001:db8::1]:554")
		if err != nil {
			t.Fatal(err)
		}
		c := w.Talk("2001:db8::10", nc)
		defer c.Close()
		r := c.Do("DESCRIBE", "rtsp://[2001:db8::1]/p")
		if body := string(r.Body); !strings.Contains(body, "c=IN IP6 ::\r\n") || strings.Contains(body, "IP4") {
			t.Errorf("description for IPv6:\n%s", body)
		}
		if base := r.Header.Get("Content-Base"); base != "rtsp://[2001:db8::1]/p/" {
			t.Errorf("Content-Base %q", base)
		}
		if body := string(w.Dial().Do("DESCRIBE", "p").Body); !strings.Contains(body, "c=IN IP4 0.0.0.0\r\n") || strings.Contains(body, "IP6") {
			t.Errorf("description for IPv4:\n%s", body)
		}
	})
}

// CON-17: the keep-alives of many readers do not hold back media: what is written goes out at once.
func TestMediaIsNotHeldBack(t *testing.T) {
	for _, portable := range []bool{false, true} {
		servertest.OnLoopback(t, portable, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
			c := w.Dial()
			defer c.Close()
			lane := c.Watch("p", "tcp", 1)[0]
			for n := range 50 { // Nagle's algorithm would hold each of them for 40 ms
				servertest.Write(live, 0, src.Packet(false, byte(n)))
				if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.Payload()[0] != byte(n) {
					t.Fatalf("packet %d: % x", n, p)
				}
			}
		})
	}
}
