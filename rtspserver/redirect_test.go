package rtspserver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

const elsewhere = "rtsp://other.example/cam"

// RED-01, RED-02, RED-03: REDIRECT reaches all readers of a path and nobody else, each on its connection
// and for its session, at once or at a position.
func TestRedirectOfAPath(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		w.Handler.Live("cam2", servertest.Audio)
		a, b, other := w.Dial(), w.Dial(), w.Dial()
		for _, c := range []*servertest.Client{a, b, other} {
			defer c.Close()
		}
		a.Watch("cam", "tcp", 1)
		b.Watch("cam", w.Other(), 1)
		other.Watch("cam2", "tcp", 1)
		at, err := rtsp.ParseRange("clock=20260102T030405Z-")
		if err != nil {
			t.Fatal(err)
		}
		for i, when := range []*rtsp.Range{nil, &at} {
			if n := w.Server.Redirect("cam", elsewhere, when); n != 2 {
				t.Errorf("%d sessions were told", n)
			}
			for _, c := range []*servertest.Client{a, b} {
				r := c.ServerRequest()
				if r.Method != rtsp.MethodRedirect || r.URI != w.URL+"/cam" || r.Header.Get("Location") != elsewhere || r.Header.Get("Session") != c.Session {
					t.Errorf("%s", r.Append(nil))
				}
				if got := r.Header.Get("Range"); (got != "") != (i == 1) || got != "" && got != at.String() {
					t.Errorf("Range: %q", got)
				}
			}
		}
		if got := other.Pending(); got != "" {
			t.Errorf("the reader of another path got %q", got)
		}
	})
}

// RED-03: of two sessions on one connection only the one that is meant is told, by its id.
func TestRedirectOfOneSession(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		c := w.Dial()
		defer c.Close()
		c.Watch("cam", "udp", 1)
		first := c.Session
		c.Session = ""
		c.Watch("cam", "tcp", 1)
		for _, s := range w.Server.Sessions() {
			if s.ID() != first {
				continue
			}
			if err := s.Redirect(elsewhere, nil); err != nil {
				t.Error(err)
			}
		}
		if r := c.ServerRequest(); r.Header.Get("Session") != first {
			t.Errorf("told session %q, want %q", r.Header.Get("Session"), first)
		}
		if got := c.Pending(); strings.Contains(got, "REDIRECT") {
			t.Errorf("and %q", got)
		}
	})
}

// RED-04, CON-12: a client that knows no REDIRECT says so, or answers without CSeq as ffmpeg does, or not
// at all: its media goes on.
func TestClientsThatKnowNoRedirect(t *testing.T) {
	for _, answer := range []string{"", "RTSP/1.0 501 Not Implemented\r\nCSeq: 1\r\n\r\n", "RTSP/1.0 501 Not Implemented\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 999\r\n\r\n"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
			c := w.Dial()
			defer c.Close()
			lane := c.Watch("cam", "tcp", 1)[0]
			w.Server.Redirect("cam", elsewhere, nil)
			if answer != "" {
				c.Send(answer)
			}
			if r := c.Do("GET_PARAMETER", "cam"); r.Status != rtsp.StatusOK {
				t.Errorf("after %q: %d", answer, r.Status)
			}
			servertest.Write(live, 0, src.Packet(true, 1))
			if lane.RTP(time.Second) == nil {
				t.Errorf("after %q: no media", answer)
			}
		})
	}
}

// RED-01: a session that cannot be told any more is not counted as told.
func TestRedirectNeedsAConnection(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		c := w.Dial()
		c.Watch("cam", "udp", 1)
		c.Close()
		w.Wait(time.Second)
		if n := w.Server.Redirect("cam", elsewhere, nil); n != 0 {
			t.Errorf("%d sessions were told", n)
		}
	})
}

// RED-01, ERR-3xx: a URL that is to be found elsewhere is answered with 302 and its Location, whatever asks
// for it first; the connection goes on.
func TestMovedURL(t *testing.T) {
	for _, request := range [][]string{
		{"DESCRIBE", "Accept: application/sdp"},
		{"SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) {
				err := &rtsp.StatusError{Code: rtsp.StatusFound}
				err.Header.Set("Location", elsewhere)
				return nil, err
			}
			c := w.Dial()
			defer c.Close()
			r := c.Do(request[0], "cam", request[1:]...)
			if r.Status != rtsp.StatusFound || r.Header.Get("Location") != elsewhere || len(r.Body) > 0 || r.Header.Has("Session") {
				t.Errorf("%s: %s", request[0], r.Raw)
			}
			if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
				t.Errorf("OPTIONS: %d", r.Status)
			}
		})
	}
}
