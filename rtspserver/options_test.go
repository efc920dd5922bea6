package rtspserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// CAP-02, CAP-03: Public names the methods that are served, and those that players look for by a comma
// and a blank; what it does not name is 501.
func TestPublicNamesWhatIsServed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		public := c.Do("OPTIONS", "*").Header.Get("Public")
		named := strings.Split(public, ", ")
		for _, m := range append([]string{"REDIRECT", "PLAY_NOTIFY", "FOO"}, named...) {
			implemented := c.Do(m, "x").Status != rtsp.StatusNotImplemented
			if want := strings.Contains(", "+public+",", ", "+m+","); implemented != want {
				t.Errorf("%s: implemented %t, in Public %t", m, implemented, want)
			}
		}
		if len(named) != 10 {
			t.Errorf("Public: %q", public)
		}
	})
}

// CAP-01, CAP-04, CAP-05: OPTIONS needs no resource, changes nothing, and keeps the session that it names
// alive; one that it cannot find is 454.
func TestOptionsChangesNothing(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		c := w.Dial()
		defer c.Close()
		if r := c.Do("OPTIONS", "nobody/publishes/this"); r.Status != rtsp.StatusOK {
			t.Errorf("OPTIONS of nothing: %d", r.Status)
		}
		c.Setup("p", "udp")
		for range 5 {
			w.Wait(50 * time.Second)
			if r := c.Do("OPTIONS", "p"); r.Status != rtsp.StatusOK {
				t.Fatalf("OPTIONS of the session: %d", r.Status)
			}
		}
		if r := c.Do("PLAY", "p"); r.Status != rtsp.StatusOK {
			t.Errorf("PLAY behind OPTIONS: %d", r.Status)
		}
		if r := c.Do("OPTIONS", "p", "Session: 1234567890"); r.Status != rtsp.StatusSessionNotFound {
			t.Errorf("OPTIONS of an unknown session: %d", r.Status)
		}
	})
}

// CAP-07, CAP-08, CAP-09, CAP-10, ERR-551: features that are asked for and not there are refused by name, and the
// request does nothing else.
func TestUnsupportedFeaturesAreRefused(t *testing.T) {
	for lines, want := range map[string]string{
		"Require: funky": "funky",
		"Require: funky, www.onvif.org/ver20/backchannel": "funky, www.onvif.org/ver20/backchannel",
		"Require: com.real.retain-entity-for-setup":       "com.real.retain-entity-for-setup",
		"Require: implicit-play":                          "implicit-play",
		"Proxy-Require: x":                                "x",
		"Require: a\r\nProxy-Require: b\r\nRequire: c":    "a, c, b",
	} {
		t.Run(lines, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("p", servertest.Video)
				c := w.Dial()
				defer c.Close()
				r := c.Do("SETUP", "p", lines, "Transport: RTP/AVP/TCP;unicast")
				if r.Status != rtsp.StatusOptionNotSupported || r.Header.Get("Unsupported") != want {
					t.Errorf("%d, Unsupported %q, want %q", r.Status, r.Header.Get("Unsupported"), want)
				}
				if n := w.Server.Stats().Sessions; n != 0 {
					t.Errorf("%d sessions", n)
				}
			})
		})
	}
}

// CAP-16, ERR-406: a client that does not take SDP gets 406; one that says nothing gets SDP.
func TestAccept(t *testing.T) {
	var list []dialogue
	for accept, want := range map[string]string{
		"Accept: application/sdp": "200 1", "Accept: application/mheg": "406 1", "Accept: application/sdp;level=2": "200 1",
		"Accept: */*": "200 1", "Accept: text/plain, application/*": "200 1", "Accept:": "200 1", "X: y": "200 1",
		"Accept: application/sdp;q=0": "406 1",
	} {
		list = append(list, dialogue{name: accept, raw: request("DESCRIBE", "URL/p", 1, accept), want: []string{want}})
	}
	runDialogues(t, list)
}
