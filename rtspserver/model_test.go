package rtspserver_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// modelSteps is how many requests one world serves; BATON_LONG=1 makes more worlds.
const modelSteps = 1000

// STA-01, STA-02, STA-03, STA-04, STA-08, STA-11, CON-06, CON-07, ERR-405, ERR-454, ERR-455, ERR-459: random
// requests of readers and publishers, in several sessions over three connections that come and go, are
// answered as a small model says. Nothing panics, and nothing is left.
func TestRandomRequestsAreAnsweredAsTheModelSays(t *testing.T) {
	worlds := 4
	if os.Getenv("BATON_LONG") == "1" {
		worlds = 400
	}
	for seed := range worlds {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			m := newModel(w, uint64(seed))
			for range modelSteps {
				if !m.step() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(m.trace, "\n"))
				}
			}
			m.finish(t)
		})
	}
}

// A model predicts what the server answers.
type model struct {
	w        *servertest.World
	show     *show
	rand     *rand.Rand
	conns    [3]*servertest.Client
	waiting  [3]*modelSession // announced on the connection, without a known id
	sessions []*modelSession
	paths    int
	trace    []string // the last steps
}

// A modelSession is a session as the client sees it.
type modelSession struct {
	id        string
	publisher bool
	path      string
	state     rtspserver.State
	conn      map[int]int // by track that is set up: the connection, -1 over UDP
	audible   map[int]bool
}

func newModel(w *servertest.World, seed uint64) *model {
	m := &model{w: w, show: newShow(w), rand: rand.New(rand.NewPCG(seed, 1))}
	for i := range m.conns {
		m.conns[i] = w.Dial()
	}
	return m
}

func (m *model) pick(list ...string) string { return list[m.rand.IntN(len(list))] }

// step does one thing and tells whether the server did what the model says.
func (m *model) step() bool {
	c := m.rand.IntN(len(m.conns))
	switch m.rand.IntN(40) {
	case 0:
		m.hangUp(c)
		return true
	case 1:
		m.show.write()
		m.w.Settle()
		return true
	}
	var s *modelSession
	if len(m.sessions) > 0 && m.rand.IntN(8) > 0 {
		s = m.sessions[m.rand.IntN(len(m.sessions))]
	}
	method := m.pick("SETUP", "SETUP", "PLAY", "PLAY", "PAUSE", "RECORD", "ANNOUNCE", "TEARDOWN", "OPTIONS", "DESCRIBE", "GET_PARAMETER", "SET_PARAMETER")
	track, lower := m.rand.IntN(4)-1, m.pick("tcp", "udp")
	path := "cam"
	if s != nil {
		path = s.path
	}
	if m.rand.IntN(20) == 0 {
		path = "other"
	}
	if s != nil && s.interleavedElsewhere(c) {
		lower = "udp" // or else two connections would be tied to one another
	}
	want, commit := m.predict(c, s, method, path, track, lower)
	resp := m.send(c, s, method, path, track, lower)
	m.note("connection %d: %s %s track %d over %s in %v: %d, want %d", c, method, path, track, lower, s, resp.Status, want)
	if resp.Status != want {
		return false
	}
	if want == rtsp.StatusOK && commit != nil {
		commit(resp)
	}
	return m.w.Server.Stats().Panics == 0 && m.w.Server.Stats().Sessions == m.count()
}

func (m *model) note(format string, args ...any) {
	m.trace = append(m.trace, fmt.Sprintf(format, args...))
	if len(m.trace) > 30 {
		m.trace = m.trace[1:]
	}
}

func (s *modelSession) String() string {
	if s == nil {
		return "no session"
	}
	return fmt.Sprintf("%.6s{publisher %t, %v, tracks %v, audible %v}", s.id, s.publisher, s.state, s.conn, s.audible)
}

func (s *modelSession) interleavedElsewhere(c int) bool {
	for _, on := range s.conn {
		if on >= 0 && on != c {
			return true
		}
	}
	return false
}

// count is how many sessions the server should have.
func (m *model) count() int {
	n := len(m.sessions)
	for _, s := range m.waiting {
		if s != nil {
			n++
		}
	}
	return n
}

// send sends the request; track -1 is the presentation.
func (m *model) send(c int, s *modelSession, method, path string, track int, lower string) *servertest.Response {
	url, mode := path, ""
	if s != nil && s.publisher {
		mode = ";mode=record"
	}
	if method == "ANNOUNCE" && s == nil {
		m.paths++
		url = fmt.Sprintf("live%d", m.paths)
	} else if track >= 0 && method != "ANNOUNCE" {
		url += fmt.Sprintf("/trackID=%d", track)
	}
	headers := []string{"Transport: RTP/AVP/TCP;unicast" + mode}
	if lower == "udp" {
		port := 5000 + 2*m.rand.IntN(1000)
		headers[0] = fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", port, port+1) + mode
	}
	if s != nil {
		headers = append(headers, "Session: "+s.id)
	}
	if method == "ANNOUNCE" {
		headers = append(headers, "Content-Type: application/sdp", "\r\n"+servertest.VideoAudio)
	}
	m.conns[c].Session = ""
	resp := m.conns[c].Do(method, url, headers...)
	for ok := true; ok; {
		_, ok = m.conns[c].Frame(0)
	}
	return resp
}

// predict is the status that the request should have, and what it then changes.
func (m *model) predict(c int, s *modelSession, method, path string, track int, lower string) (rtsp.StatusCode, func(*servertest.Response)) {
	switch method {
	case "OPTIONS", "GET_PARAMETER", "SET_PARAMETER":
		return rtsp.StatusOK, nil
	case "DESCRIBE":
		if !m.exists(path) {
			return rtsp.StatusNotFound, nil
		}
		return rtsp.StatusOK, nil
	case "SETUP":
		return m.predictSetup(c, s, path, track, lower)
	case "ANNOUNCE":
		if s == nil {
			return rtsp.StatusOK, func(*servertest.Response) {
				m.waiting[c] = &modelSession{publisher: true, path: fmt.Sprintf("live%d", m.paths), conn: map[int]int{}, audible: map[int]bool{}}
			}
		}
	}
	if s == nil {
		return rtsp.StatusSessionNotFound, nil
	}
	next, refusal := rtspserver.Transition(s.publisher, s.state, rtsp.Method(method))
	if refusal != 0 {
		return refusal, nil
	}
	if s.publisher {
		return m.predictPublisher(s, method, path, track, next)
	}
	return m.predictReader(s, method, path, track, next)
}

func (m *model) exists(path string) bool {
	if path == "cam" {
		return true
	}
	for _, s := range append(m.sessions, m.waiting[:]...) {
		if s != nil && s.publisher && s.path == path {
			return true
		}
	}
	return false
}

func (m *model) predictSetup(c int, s *modelSession, path string, track int, lower string) (rtsp.StatusCode, func(*servertest.Response)) {
	conn := map[string]int{"tcp": c, "udp": -1}[lower]
	fresh := s == nil
	if fresh {
		if !m.exists(path) {
			return rtsp.StatusNotFound, nil
		}
		s = &modelSession{path: path, conn: map[int]int{}, audible: map[int]bool{}}
	}
	next, refusal := rtspserver.Transition(s.publisher, s.state, rtsp.MethodSetup)
	switch {
	case refusal != 0:
		return refusal, nil
	case path != s.path && s.publisher:
		return rtsp.StatusNotFound, nil
	case path != s.path || track < 0:
		return rtsp.StatusAggregateOperationNotAllowed, nil
	case track > 1:
		return rtsp.StatusNotFound, nil
	}
	return rtsp.StatusOK, func(resp *servertest.Response) {
		s.id, _, _ = rtsp.ParseSession(resp.Header.Get("Session"))
		s.state, s.conn[track] = next, conn
		delete(s.audible, track)
		if fresh {
			m.sessions = append(m.sessions, s)
		}
	}
}

func (m *model) predictPublisher(s *modelSession, method, path string, track int, next rtspserver.State) (rtsp.StatusCode, func(*servertest.Response)) {
	if method == "TEARDOWN" {
		return rtsp.StatusOK, func(*servertest.Response) { m.end(s) }
	}
	if _, set := s.conn[track]; method == "PAUSE" && (path != s.path || track >= 0 && !set) {
		return rtsp.StatusNotFound, nil
	}
	return rtsp.StatusOK, func(*servertest.Response) { s.state = next }
}

func (m *model) predictReader(s *modelSession, method, path string, track int, next rtspserver.State) (rtsp.StatusCode, func(*servertest.Response)) {
	_, set := s.conn[track]
	if path != s.path || track >= 0 && !set {
		return rtsp.StatusNotFound, nil
	}
	return rtsp.StatusOK, func(*servertest.Response) {
		switch method {
		case "TEARDOWN":
			if track < 0 || len(s.conn) == 1 {
				m.end(s)
				return
			}
			delete(s.conn, track)
			delete(s.audible, track)
		case "PLAY":
			if s.state == rtspserver.Ready {
				clear(s.audible)
			}
			for t := range s.conn {
				s.audible[t] = s.audible[t] || track < 0 || t == track
			}
			s.state = next
		case "PAUSE":
			left := 0
			for t := range s.conn {
				s.audible[t] = s.audible[t] && track >= 0 && t != track
				left += btoi(s.audible[t])
			}
			if left == 0 {
				s.state = next
			}
		}
	}
}

// end forgets a session, and with a publisher the readers of what it published.
func (m *model) end(s *modelSession) {
	m.w.Settle()
	m.sessions = without(m.sessions, func(o *modelSession) bool { return o == s || s.publisher && o.path == s.path })
}

func without(list []*modelSession, drop func(*modelSession) bool) (kept []*modelSession) {
	for _, s := range list {
		if !drop(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// hangUp closes a connection and dials anew. What was interleaved on it, or only announced, ends.
func (m *model) hangUp(c int) {
	m.note("connection %d: closed", c)
	m.conns[c].Close()
	m.w.Settle()
	m.waiting[c] = nil
	for _, s := range m.sessions {
		for _, on := range s.conn {
			if on == c {
				m.end(s)
				break
			}
		}
	}
	m.conns[c] = m.w.Dial()
}

// finish closes all connections; what goes on over UDP times out.
func (m *model) finish(t *testing.T) {
	for c := range m.conns {
		m.hangUp(c)
		m.conns[c].Close()
	}
	m.w.Wait(80 * time.Second)
	if s := m.w.Server.Stats(); s.Sessions != 0 || s.Conns != 0 || s.Panics != 0 || m.show.live.Readers() != 0 {
		t.Errorf("left behind: %+v, %d readers", s, m.show.live.Readers())
	}
}
