package rtspserver_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// stateTable is RFC 2326 appendix A.2 as Baton reads it, one row for each role and state: the state that
// a method leads to, or the status with which it is refused. Rows that no client can come to have no
// reach: a session that is not set up has an id that nobody has been told.
var (
	stateColumns = "SETUP PLAY PAUSE RECORD TEARDOWN ANNOUNCE"
	stateTable   = []struct {
		publisher bool
		state     rtspserver.State
		cells     string
		reach     string // the methods that lead there
	}{
		{false, rtspserver.Init, "Ready 455 455 455 Init Init", ""},
		{false, rtspserver.Ready, "Ready Playing Ready 405 Init 455", "SETUP"},
		{false, rtspserver.Playing, "Playing Playing Ready 455 Init 455", "SETUP PLAY"},
		{false, rtspserver.Recording, "455 455 Ready Recording Init Recording", ""},
		{true, rtspserver.Init, "Ready 455 455 455 Init Init", ""},
		{true, rtspserver.Ready, "Ready 405 Ready Recording Init Ready", "ANNOUNCE SETUP"},
		{true, rtspserver.Playing, "Playing Playing Ready 455 Init 455", ""},
		{true, rtspserver.Recording, "455 455 Ready Recording Init Recording", "ANNOUNCE SETUP RECORD"},
	}
)

// STA-02, ERR-405, ERR-455: every cell of the state table.
func TestStateTable(t *testing.T) {
	for _, row := range stateTable {
		cells := strings.Fields(row.cells)
		for i, m := range strings.Fields(stateColumns) {
			next, refusal := rtspserver.Transition(row.publisher, row.state, rtsp.Method(m))
			got := next.String()
			if refusal != 0 {
				got = strconv.Itoa(int(refusal))
			}
			if got != cells[i] {
				t.Errorf("publisher %t, %v, %s: %s, want %s", row.publisher, row.state, m, got, cells[i])
			}
		}
	}
}

// STA-01, STA-02, STA-10, ERR-405, ERR-455, ERR-X2: every cell that a client can come to, over the wire.
// A refusal names what is allowed and changes nothing; methods without a column never change anything.
func TestEveryMethodInEveryState(t *testing.T) {
	for _, row := range stateTable {
		if row.reach == "" {
			continue
		}
		cells := strings.Fields(row.cells + strings.Repeat(" "+row.state.String(), 4))
		for i, m := range strings.Fields(stateColumns + " OPTIONS DESCRIBE GET_PARAMETER SET_PARAMETER") {
			name := map[bool]string{false: "reader", true: "publisher"}[row.publisher]
			t.Run(name+row.state.String()+m, func(t *testing.T) {
				servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
					w.Handler.Live("cam", servertest.VideoAudio)
					a := &actor{Client: w.Dial(), publisher: row.publisher}
					defer a.Close()
					for _, step := range strings.Fields(row.reach) {
						if status := a.act(step).Status; status != rtsp.StatusOK {
							t.Fatalf("%s: %d", step, status)
						}
					}
					a.check(t, m, cells[i], row.state, allowIn(row.cells))
				})
			})
		}
	}
}

// allowIn is the Allow header of a row.
func allowIn(cells string) string {
	list := []string{"OPTIONS", "DESCRIBE"}
	for i, m := range strings.Fields(stateColumns) {
		if c := strings.Fields(cells)[i]; c < "0" || c > "9" {
			list = append(list, m)
		}
	}
	return strings.Join(append(list, "GET_PARAMETER", "SET_PARAMETER"), ", ")
}

// An actor sends well-formed requests in one session, as a reader of "cam" or a publisher of "live".
type actor struct {
	*servertest.Client
	publisher bool
	setups    int
}

func (a *actor) act(method string) *servertest.Response {
	path, track, mode := "cam", "trackID=", ""
	if a.publisher {
		path, track, mode = "live", "streamid=", ";mode=record"
	}
	switch method {
	case "SETUP":
		a.setups++
		return a.Do(method, path+"/"+track+strconv.Itoa(1-a.setups%2), "Transport: RTP/AVP/TCP;unicast"+mode)
	case "ANNOUNCE":
		return a.Do(method, path, "Content-Type: application/sdp", "\r\n"+servertest.VideoAudio)
	case "DESCRIBE":
		return a.Do(method, "cam", "Session: "+a.Session)
	}
	return a.Do(method, path)
}

// check does what leads to a cell of the table and compares status, Allow and the state that follows.
func (a *actor) check(t *testing.T, method, cell string, before rtspserver.State, allow string) {
	t.Helper()
	resp, after := a.act(method), cell
	want := rtsp.StatusOK
	if code, err := strconv.Atoi(cell); err == nil {
		want, after = rtsp.StatusCode(code), before.String()
		if got := resp.Header.Get("Allow"); got != allow {
			t.Errorf("Allow: %s, want %s", got, allow)
		}
	}
	if resp.Status != want {
		t.Errorf("%s in %v: %d, want %d", method, before, resp.Status, want)
	}
	if method == "TEARDOWN" {
		after = "gone"
	}
	if got := a.state(); got != after {
		t.Errorf("%s in %v leads to %s, want %s", method, before, got, after)
	}
}

// state finds out where the session stands, by a method that is refused in every state of its role.
func (a *actor) state() string {
	probe := "RECORD"
	if a.publisher {
		probe = "PLAY"
	}
	resp := a.act(probe)
	switch {
	case resp.Status == rtsp.StatusSessionNotFound:
		return "gone"
	case resp.Status == rtsp.StatusMethodNotAllowed:
		return "Ready"
	case a.publisher:
		return "Recording"
	}
	return "Playing"
}

// ERR-454, ERR-455: without a session, or with one that nobody knows, there is no state to act on.
func TestMethodsWithoutASession(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		c.Announce("live", servertest.Video)
		for _, m := range []string{"PLAY", "PAUSE", "RECORD", "TEARDOWN"} {
			if got := c.Do(m, "cam").Status; got != rtsp.StatusSessionNotFound {
				t.Errorf("%s without a session: %d", m, got)
			}
		}
		for _, m := range []string{"OPTIONS", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "RECORD", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER"} {
			for _, id := range []string{"0123456789abcdef0123456789abcdef", "x", "a;b=c;timeout=1", strings.Repeat("9", 3000)} {
				resp := c.Do(m, "cam", "Session: "+id, "Transport: RTP/AVP/TCP;unicast")
				if resp.Status != rtsp.StatusSessionNotFound || resp.Header.Has("Session") {
					t.Errorf("%s in session %.20s: %d", m, id, resp.Status)
				}
			}
		}
	})
}

// STA-03, STA-04, ERR-459, ERR-404: a SETUP without a session makes one; with one it adds a track of the
// same presentation, and of no other.
func TestSetupBelongsToItsSession(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.VideoAudio)
		w.Handler.Live("two", servertest.Video)
		c := w.Dial()
		defer c.Close()
		spec := "Transport: RTP/AVP/TCP;unicast"
		c.Setup("cam/trackID=0", "tcp")
		first := c.Session
		for path, want := range map[string]rtsp.StatusCode{
			"cam/trackID=1": rtsp.StatusOK, "cam/trackID=0": rtsp.StatusOK, "cam/trackID=2": rtsp.StatusNotFound,
			"cam/trackID=x": rtsp.StatusNotFound, "cam/trackID=-1": rtsp.StatusNotFound, "cam/trackID=99999": rtsp.StatusNotFound,
			"cam": rtsp.StatusAggregateOperationNotAllowed, "two": rtsp.StatusAggregateOperationNotAllowed,
			"two/trackID=0": rtsp.StatusAggregateOperationNotAllowed,
		} {
			if got := c.Do("SETUP", path, spec).Status; got != want {
				t.Errorf("SETUP %s in the session: %d, want %d", path, got, want)
			}
		}
		c.Session = ""
		for path, want := range map[string]rtsp.StatusCode{
			"cam": rtsp.StatusAggregateOperationNotAllowed, "nothing/trackID=0": rtsp.StatusNotFound,
			"cam/trackID=2": rtsp.StatusNotFound,
		} {
			if got := c.Do("SETUP", path, spec).Status; got != want || w.Server.Stats().Sessions != 1 {
				t.Errorf("SETUP %s without a session: %d, want %d; %d sessions", path, got, want, w.Server.Stats().Sessions)
			}
		}
		if c.Setup("cam/trackID=0", "tcp"); c.Session == first {
			t.Error("two SETUPs without a session made one")
		}
	})
}

// STA-15: a Range, and what RealPlayer sends, in a SETUP starts nothing.
func TestSetupDoesNotPlay(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96}
		c := w.Dial()
		defer c.Close()
		lane := c.Setup("cam/trackID=0", "tcp", "Range: npt=0-", "x-playNow: ")
		servertest.Write(live, 0, src.Key(1), src.Delta(2))
		if b := lane.RTP(time.Minute); b != nil {
			t.Errorf("got % x", b)
		}
	})
}
