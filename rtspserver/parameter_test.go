package rtspserver_test

import (
	"fmt"
	"testing"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// CAP-11, CAP-12: GET_PARAMETER and SET_PARAMETER without a body are pings, with and without a session; a
// session that is not there is 454.
func TestPings(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Setup("p", "tcp")
		named := "Session: " + c.Session
		c.Session = ""
		for _, method := range []string{"GET_PARAMETER", "SET_PARAMETER"} {
			for _, lines := range [][]string{{named}, {}, {"Content-Length: 0"}, {"Content-Type: text/parameters", named}, {"Content-Type: x/y"}} {
				for _, path := range []string{"*", "p", "nothing"} {
					if r := c.Do(method, path, lines...); r.Status != rtsp.StatusOK {
						t.Errorf("%s %s %q: %d", method, path, lines, r.Status)
					}
				}
			}
			if r := c.Do(method, "p", "Session: dead"); r.Status != rtsp.StatusSessionNotFound {
				t.Errorf("%s of a dead session: %d", method, r.Status)
			}
		}
	})
}

// CAP-13, CAP-14, ERR-451, ERR-X1: parameters that nobody knows are named in the 451, each on a line; the body does
// not disturb what follows.
func TestUnknownParametersAreNamed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for method, body := range map[string]string{"GET_PARAMETER": "foo\r\n\r\n bar\nbaz", "SET_PARAMETER": "foo: 1\r\nbar: 2\r\nbaz:\r\n"} {
			r := c.Do(method, "*", "Content-Type: text/parameters", "\r\n"+body)
			if r.Status != rtsp.StatusParameterNotUnderstood || string(r.Body) != "foo\r\nbar\r\nbaz\r\n" {
				t.Errorf("%s: %d %q", method, r.Status, r.Body)
			}
			if got := r.Header.Get("Content-Type"); got != "text/parameters" {
				t.Errorf("Content-Type %q", got)
			}
			if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
				t.Errorf("behind a body: %d", r.Status)
			}
		}
	})
}

// CAP-15: parameters in a format that nobody reads are 415.
func TestParametersOfAnotherType(t *testing.T) {
	var list []dialogue
	for _, method := range []string{"GET_PARAMETER", "SET_PARAMETER"} {
		for kind, status := range map[string]int{"x/y": 415, "text/parameters": 451, "Text/Parameters; charset=utf-8": 451} {
			raw := request(method, "*", 1, "Content-Type: "+kind, "Content-Length: 3") + "foo"
			list = append(list, dialogue{name: method + " " + kind, raw: raw, want: []string{fmt.Sprint(status, " 1")}})
		}
	}
	runDialogues(t, list)
}
