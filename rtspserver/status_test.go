package rtspserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// ERR-400, ERR-404, ERR-452, ERR-459, ERR-461, ERR-501, ERR-505: each refusal has its own status.
func TestRefusalsHaveTheirStatus(t *testing.T) {
	tcp, setup := "Transport: RTP/AVP/TCP;unicast", func(path string, lines ...string) string {
		return request("SETUP", "URL/"+path, 1, lines...)
	}
	runDialogues(t, []dialogue{
		{name: "no such path", raw: request("DESCRIBE", "URL/nothing", 1), want: []string{"404 1"}},
		{name: "no such path to set up", raw: setup("nothing", tcp), want: []string{"404 1"}},
		{name: "no such track", raw: setup("av/trackID=99", tcp), want: []string{"404 1"}},
		{name: "track that is no number", raw: setup("av/trackID=x", tcp), want: []string{"404 1"}},
		{name: "no transport", raw: setup("p"), want: []string{"461 1"}},
		{name: "empty transport", raw: setup("p", "Transport:"), want: []string{"461 1"}},
		{name: "unknown transport", raw: setup("p", "Transport: RAW/RAW/UDP;unicast;client_port=5000-5001"), want: []string{"461 1"}},
		{name: "multicast", raw: setup("p", "Transport: RTP/AVP;multicast"), want: []string{"461 1"}},
		{name: "unknown conference", raw: setup("p", tcp, "Conference: 199702170042.SAA08642@obiwan.arl.wustl.edu"), want: []string{"452 1"}},
		{name: "aggregate SETUP", raw: setup("av", tcp), want: []string{"459 1"}},
		{name: "REDIRECT", raw: request("REDIRECT", "URL/p", 1), want: []string{"501 1"}},
		{name: "RTSP/2.0", raw: "OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n", want: []string{"505 1"}},
		{name: "HTTP", raw: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", want: []string{"505"}, closed: true},
		{name: "no version", raw: "OPTIONS *\r\nCSeq: 1\r\n\r\n", want: []string{"400 1"}},
	})
}

// ERR-400, ERR-501: of PLAY's headers, those that make no sense are 400 and those that nobody serves 501;
// ERR-X2: neither stops what plays.
func TestBadPlayHeadersChangeNothing(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("p", "tcp", 1)[0]
		for line, want := range map[string]rtsp.StatusCode{
			"Range: npt=abc-": 400, "Range: frames=1-": 501, "Scale: 0": 400, "Speed: 0": 400, "Speed: -1": 400,
			"Scale: x": 400, "Require: x": 551, "Session: x": 454,
		} {
			if r := c.Do("PLAY", "p", line); r.Status != want {
				t.Errorf("%s: %d, want %d", line, r.Status, want)
			}
			c.Drop()
			servertest.Write(live, 0, src.Packet(false, 1))
			if lane.RTP(time.Second) == nil {
				t.Errorf("%s stopped the media", line)
			}
		}
	})
}

// ERR-457, ERR-X2: a range beyond the end of a film is refused while it plays, and it plays on.
func TestARangeBeyondTheEndChangesNothing(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		r := film.Open()
		movie, err := vod.OpenFilm(r, r.Size(), vod.FilmConfig{Name: "movie", FrameRate: 20})
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("movie", movie)
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("movie", "tcp", 1)[0]
		if r := c.Do("PLAY", "movie", "Range: npt=99999-"); r.Status != rtsp.StatusInvalidRange {
			t.Errorf("PLAY: %d", r.Status)
		}
		c.Drop()
		if lane.RTP(time.Second) == nil {
			t.Error("the film has stopped")
		}
	})
}

// ERR-405, ERR-455: a method that is not for this resource, or not for this moment, is refused with the
// methods that are.
func TestAllowNamesWhatIsValid(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		w.Handler.OnPublish = func(r *rtspserver.Request, _ *sdp.Session) error {
			if r.Path != "film" {
				return nil
			}
			err := &rtsp.StatusError{Code: rtsp.StatusMethodNotAllowed}
			err.Header.Set("Allow", "OPTIONS, DESCRIBE, SETUP, PLAY")
			return err
		}
		c := w.Dial()
		defer c.Close()
		check := func(what string, r *servertest.Response, status rtsp.StatusCode, valid, invalid string) {
			t.Helper()
			allow := ", " + r.Header.Get("Allow") + ","
			if r.Status != status || !strings.Contains(allow, ", "+valid+",") || strings.Contains(allow, ", "+invalid+",") {
				t.Errorf("%s: %d, Allow %q", what, r.Status, r.Header.Get("Allow"))
			}
		}
		check("ANNOUNCE of what is only played", c.Do("ANNOUNCE", "film", "Content-Type: application/sdp", "\r\n"+servertest.Video), 405, "DESCRIBE", "ANNOUNCE")
		check("SETUP to record what nobody announced", c.Do("SETUP", "p", "Transport: RTP/AVP/TCP;unicast;mode=record"), 405, "SETUP", "RECORD")
		c.Setup("p", "tcp")
		check("RECORD behind mode=PLAY", c.Do("RECORD", "p"), 405, "PLAY", "RECORD")
		c.Do("PLAY", "p")
		check("RECORD while Playing", c.Do("RECORD", "p"), 455, "PAUSE", "RECORD")
		publisher := w.Dial()
		defer publisher.Close()
		publisher.Publish("cam", servertest.Video, "tcp")
		check("PLAY while Recording", publisher.Do("PLAY", "cam"), 455, "PAUSE", "PLAY")
	})
}

// ERR-454: a session that is missing, unknown, malformed, torn down or timed out is not found.
func TestSessionsThatAreNotThere(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("p", "udp")
		late := c.Session
		c.Session = ""
		c.Setup("p", "tcp")
		dead := c.Session
		c.Do("TEARDOWN", "p")
		c.Session = ""
		for range 3 {
			w.Wait(30 * time.Second)
			c.Do("OPTIONS", "*")
		}
		for _, m := range []string{"PLAY", "PAUSE", "RECORD", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "SETUP", "OPTIONS"} {
			for _, id := range []string{dead, late, "", "a b", strings.Repeat("x", 5000), "0", dead[:31], strings.ToUpper(dead)} {
				lines := []string{"Session: " + id, "Transport: RTP/AVP/TCP;unicast"}
				if r := c.Do(m, "p", lines...); r.Status != rtsp.StatusSessionNotFound || r.Header.Has("Session") {
					t.Errorf("%s, session %.40q: %d", m, id, r.Status)
				}
			}
		}
		if r := c.Do("PLAY", "p"); r.Status != rtsp.StatusSessionNotFound {
			t.Errorf("PLAY without a session: %d", r.Status)
		}
	})
}

// ERR-459: a session takes tracks of one presentation only.
func TestASessionIsOfOnePresentation(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("a", servertest.Video)
		w.Handler.Live("b", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("a", "tcp")
		if r := c.Do("SETUP", "b", "Transport: RTP/AVP/TCP;unicast"); r.Status != rtsp.StatusAggregateOperationNotAllowed {
			t.Errorf("SETUP of another presentation: %d", r.Status)
		}
		if r := c.Do("PLAY", "a"); r.Status != rtsp.StatusOK {
			t.Errorf("PLAY: %d", r.Status)
		}
	})
}

// ERR-3xx, ERR-403, ERR-500, ERR-503: what a handler returns is the answer: a refusal with its headers, a
// delay 503, anything else 500 without a word of why.
func TestErrorsOfTheHandlerAreAnswers(t *testing.T) {
	moved := &rtsp.StatusError{Code: rtsp.StatusFound}
	moved.Header.Set("Location", "rtsp://elsewhere/p")
	for name, x := range map[string]struct {
		err          error
		status       rtsp.StatusCode
		header, want string
	}{
		"redirect":  {moved, 302, "Location", "rtsp://elsewhere/p"},
		"forbidden": {&rtsp.StatusError{Code: rtsp.StatusForbidden}, 403, "CSeq", "1"},
		"late":      {context.DeadlineExceeded, 503, "Retry-After", "5"},
		"bug":       {errors.New("canary"), 500, "CSeq", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) { return nil, x.err }
				c := w.Dial()
				defer c.Close()
				r := c.Do("DESCRIBE", "p")
				if r.Status != x.status || r.Header.Get(x.header) != x.want || strings.Contains(r.Raw, "canary") {
					t.Errorf("%q", r.Raw)
				}
				if r := c.Do("SETUP", "p", "Transport: RTP/AVP/TCP;unicast"); r.Status != x.status {
					t.Errorf("SETUP: %d", r.Status)
				}
			})
		})
	}
}

// ERR-304: a film that has not changed is not described again, and 304 has no body.
func TestNotModified(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		r, changed := film.Open(), time.Date(2020, 5, 4, 3, 2, 1, 0, time.UTC)
		movie, err := vod.OpenFilm(r, r.Size(), vod.FilmConfig{Name: "movie", FrameRate: 20, Modified: changed})
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("movie", movie)
		c := w.Dial()
		defer c.Close()
		for since, want := range map[time.Time]rtsp.StatusCode{changed: 304, changed.Add(time.Hour): 304, changed.Add(-time.Hour): 200} {
			r := c.Do("DESCRIBE", "movie", "If-Modified-Since: "+rtsp.FormatDate(since))
			if r.Status != want || (want == 304) != (len(r.Body) == 0) || want == 304 && r.Header.Has("Content-Type") {
				t.Errorf("since %v: %q", since, r.Raw)
			}
		}
	})
}
