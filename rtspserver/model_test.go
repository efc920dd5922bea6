package rtspserver_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// modelSteps is how many requests one world serves.
const modelSteps = 1000

// steps is how many requests are made in all: -args -model-steps=1000000 is the long mode.
var steps = flag.Int("model-steps", 8*modelSteps, "how many random requests the server gets")

// A party is whose sessions are whose: what one has, the other may not touch.
type party struct{ host, user string }

// The clients of the model: two of one party, another user of the same address, and that user at another address.
var parties = [...]party{{servertest.ClientHost, "ann"}, {servertest.ClientHost, "ann"}, {servertest.ClientHost, "bob"}, {"192.0.2.11", "bob"}}

// STA-01, STA-02, STA-03, STA-04, STA-08, STA-11, CON-06, CON-07, CON-08, ERR-405, ERR-454, ERR-455, ERR-459, SEC-02: random
// requests, in and out of order, of readers and publishers, in several sessions over four connections of two users and two addresses
// that come and go, are answered as a small model says. Every cell of the state table is reached, nothing panics, and nothing is left.
func TestRandomRequestsAreAnsweredAsTheModelSays(t *testing.T) {
	seen := coverage{}
	for seed := range max(*steps/modelSteps, 1) {
		servertest.InMemory(t, guarded(false), func(t *testing.T, w *servertest.World) {
			m := newModel(w, uint64(seed), seen)
			for range modelSteps {
				if !m.step() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(m.trace, "\n"))
				}
			}
			m.finish(t)
		})
	}
	if *steps >= 8*modelSteps {
		seen.check(t)
	}
	t.Logf("%d steps, %d triples of situation, method and status", *steps, len(seen))
}

// A coverage counts the triples that were reached: where a session stands, a method, the answer.
type coverage map[triple]int

type triple struct {
	situation, method string
	status            rtsp.StatusCode
}

// check fails unless every cell of the state table that clients can come to was reached, without a session and in that of another
// too.
func (c coverage) check(t *testing.T) {
	methods := stateColumns + " OPTIONS DESCRIBE GET_PARAMETER SET_PARAMETER"
	want := func(situation, method string, status rtsp.StatusCode) {
		if c[triple{situation, method, status}] == 0 {
			t.Errorf("%s in %s was never answered with %d", method, situation, status)
		}
	}
	for _, row := range stateTable {
		if row.reach == "" {
			continue
		}
		cells := strings.Fields(row.cells + strings.Repeat(" "+row.state.String(), 4))
		for i, method := range strings.Fields(methods) {
			status := rtsp.StatusOK
			if code, err := strconv.Atoi(cells[i]); err == nil {
				status = rtsp.StatusCode(code)
			}
			want(situation(row.publisher, row.state), method, status)
		}
	}
	for _, method := range strings.Fields(methods) {
		want("the session of another", method, rtsp.StatusSessionNotFound)
		want("the session of another user here", method, rtsp.StatusSessionNotFound)
		want("the session of another", "UNHEARD-OF", rtsp.StatusNotImplemented)
	}
	for _, method := range []string{"PLAY", "PAUSE", "RECORD", "TEARDOWN"} {
		want("no session", method, rtsp.StatusSessionNotFound)
	}
}

func situation(publisher bool, s rtspserver.State) string {
	return map[bool]string{false: "reader ", true: "publisher "}[publisher] + s.String()
}

// A model predicts what the server answers.
type model struct {
	w        *servertest.World
	seen     coverage
	show     *show
	rand     *rand.Rand
	conns    [len(parties)]*servertest.Client
	waiting  [len(parties)]*modelSession // announced on the connection, without a known id
	sessions []*modelSession
	paths    int
	trace    []string // the last steps
}

// A modelSession is a session as the client sees it.
type modelSession struct {
	id        string
	party     party
	publisher bool
	path      string
	state     rtspserver.State
	conn      map[int]int // by track that is set up: the connection, -1 over UDP
	audible   map[int]bool
}

// A modelRequest is one step.
type modelRequest struct {
	c            int           // connection
	s            *modelSession // named; nil: none
	method, path string
	track        int    // -1: the presentation
	lower        string // of the Transport header
	twist        string // what is wrong with it: "mode", "transport", "require", "nobody" (asks) or nothing
}

func (r *modelRequest) String() string {
	return fmt.Sprintf("connection %d: %s %s track %d over %s %s in %v", r.c, r.method, r.path, r.track, r.lower, r.twist, r.s)
}

func newModel(w *servertest.World, seed uint64, seen coverage) *model {
	m := &model{w: w, seen: seen, show: newShow(w), rand: rand.New(rand.NewPCG(seed, 1))}
	for i, p := range parties {
		m.conns[i] = w.DialAs(p.host)
	}
	return m
}

func (m *model) pick(list ...string) string { return list[m.rand.IntN(len(list))] }

// step does one thing and tells whether the server did what the model says.
func (m *model) step() bool {
	switch m.rand.IntN(40) {
	case 0:
		m.hangUp(m.rand.IntN(len(m.conns)))
		return true
	case 1:
		m.show.write()
		m.w.Settle()
		return true
	}
	r := m.request()
	want, commit := m.predict(r)
	where := m.situation(r)
	resp := m.send(r)
	m.note("%v: %d, want %d", r, resp.Status, want)
	if resp.Status != want {
		return false
	}
	m.seen[triple{where, r.method, want}]++
	if want == rtsp.StatusOK && commit != nil {
		commit(resp)
	}
	return m.w.Server.Stats().Panics == 0 && m.w.Server.Stats().Sessions == m.count()
}

// request makes one up.
func (m *model) request() *modelRequest {
	r := &modelRequest{
		c: m.rand.IntN(len(m.conns)), path: "cam", track: m.rand.IntN(4) - 1, lower: m.pick("tcp", "udp"),
		method: m.pick("SETUP", "SETUP", "SETUP", "PLAY", "PLAY", "PAUSE", "RECORD", "RECORD", "ANNOUNCE", "TEARDOWN", "OPTIONS", "DESCRIBE", "GET_PARAMETER", "SET_PARAMETER", "UNHEARD-OF"),
		twist:  m.pick("mode", "transport", "require", "nobody", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""),
	}
	switch waiting := m.waiting[r.c]; {
	case waiting != nil && m.rand.IntN(3) == 0:
		r.path = waiting.path
	case len(m.sessions) > 0 && m.rand.IntN(8) > 0:
		for range 2 { // rather one of its own
			if r.s = m.sessions[m.rand.IntN(len(m.sessions))]; r.s.party == parties[r.c] {
				break
			}
		}
		r.path = r.s.path
	}
	if m.rand.IntN(20) == 0 {
		r.path = "other"
	}
	if r.s != nil && r.s.interleavedElsewhere(r.c) {
		r.lower = "udp" // or else two connections would be tied to one another
	}
	return r
}

// situation is where a request finds the session that it names.
func (m *model) situation(r *modelRequest) string {
	switch {
	case r.s == nil:
		return "no session"
	case r.s.party.host == parties[r.c].host && r.s.party != parties[r.c]:
		return "the session of another user here"
	case r.s.party != parties[r.c]:
		return "the session of another"
	}
	return situation(r.s.publisher, r.s.state)
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

// send sends the request.
func (m *model) send(r *modelRequest) *servertest.Response {
	url, publishes := r.path, m.owner(r) != nil && m.owner(r).publisher
	if r.method == "ANNOUNCE" && r.s == nil {
		m.paths++
		url = fmt.Sprintf("live%d", m.paths)
	} else if r.track >= 0 && r.method != "ANNOUNCE" {
		url += fmt.Sprintf("/trackID=%d", r.track)
	}
	who := parties[r.c].user
	if r.twist == "nobody" {
		who = ""
	}
	headers := []string{"X-User: " + who, "Transport: " + m.transport(r, publishes != (r.twist == "mode"))}
	if r.twist == "require" {
		headers = append(headers, "Require: wonders")
	}
	if r.s != nil {
		headers = append(headers, "Session: "+r.s.id)
	}
	if r.method == "ANNOUNCE" {
		headers = append(headers, "Content-Type: application/sdp", "\r\n"+servertest.VideoAudio)
	}
	c := m.conns[r.c]
	c.Session = ""
	resp := c.Do(r.method, url, headers...)
	for ok := true; ok; {
		_, ok = c.Frame(0)
	}
	return resp
}

// transport is the value of the header.
func (m *model) transport(r *modelRequest, record bool) string {
	mode := map[bool]string{false: ";mode=play", true: ";mode=record"}[record]
	port := 5000 + 2*m.rand.IntN(1000)
	switch {
	case r.twist == "transport":
		return "MP2T/H2221/UDP;unicast;client_port=5000-5001" + mode
	case r.lower == "udp":
		return fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d", port, port+1) + mode
	}
	return "RTP/AVP/TCP;unicast" + mode
}

// owner is the session that a request belongs to: the one that it names, or that of the connection's ANNOUNCE.
func (m *model) owner(r *modelRequest) *modelSession {
	if w := m.waiting[r.c]; r.s == nil && w != nil && w.path == r.path {
		return w
	}
	return r.s
}

// predict is the status that the request should have, and what it then changes.
func (m *model) predict(r *modelRequest) (rtsp.StatusCode, func(*servertest.Response)) {
	switch {
	case r.method == "UNHEARD-OF":
		return rtsp.StatusNotImplemented, nil
	case r.twist == "require":
		return rtsp.StatusOptionNotSupported, nil
	case r.twist == "nobody" && (r.s == nil && r.method != "OPTIONS" || r.s != nil && r.s.party.host == parties[r.c].host):
		return rtsp.StatusUnauthorized, nil
	case r.s != nil && r.s.party != parties[r.c]:
		return rtsp.StatusSessionNotFound, nil
	}
	switch r.method {
	case "OPTIONS", "GET_PARAMETER", "SET_PARAMETER":
		return rtsp.StatusOK, nil
	case "DESCRIBE":
		if !m.exists(r.path) {
			return rtsp.StatusNotFound, nil
		}
		return rtsp.StatusOK, nil
	case "SETUP":
		return m.predictSetup(r)
	case "ANNOUNCE":
		if r.s == nil {
			return rtsp.StatusOK, func(*servertest.Response) {
				m.waiting[r.c] = &modelSession{
					party: parties[r.c], publisher: true, path: fmt.Sprintf("live%d", m.paths), conn: map[int]int{}, audible: map[int]bool{},
				}
			}
		}
	}
	if r.s == nil {
		return rtsp.StatusSessionNotFound, nil
	}
	next, refusal := rtspserver.Transition(r.s.publisher, r.s.state, rtsp.Method(r.method))
	if refusal != 0 {
		return refusal, nil
	}
	if r.s.publisher {
		return m.predictPublisher(r, next)
	}
	return m.predictReader(r, next)
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

func (m *model) predictSetup(r *modelRequest) (rtsp.StatusCode, func(*servertest.Response)) {
	s, fresh := m.owner(r), false
	if s == nil {
		if r.twist == "mode" {
			return rtsp.StatusMethodNotAllowed, nil
		}
		if !m.exists(r.path) {
			return rtsp.StatusNotFound, nil
		}
		s, fresh = &modelSession{party: parties[r.c], path: r.path, conn: map[int]int{}, audible: map[int]bool{}}, true
	}
	next, refusal := rtspserver.Transition(s.publisher, s.state, rtsp.MethodSetup)
	switch {
	case refusal != 0:
		return refusal, nil
	case r.twist == "mode":
		return rtsp.StatusMethodNotAllowed, nil
	case r.path != s.path && s.publisher:
		return rtsp.StatusNotFound, nil
	case r.path != s.path || r.track < 0:
		return rtsp.StatusAggregateOperationNotAllowed, nil
	case r.track > 1:
		return rtsp.StatusNotFound, nil
	case r.twist == "transport":
		return rtsp.StatusUnsupportedTransport, nil
	}
	return rtsp.StatusOK, func(resp *servertest.Response) {
		if fresh || s == m.waiting[r.c] {
			m.sessions = append(m.sessions, s)
		}
		if s == m.waiting[r.c] {
			m.waiting[r.c] = nil
		}
		s.id, _, _ = rtsp.ParseSession(resp.Header.Get("Session"))
		s.state, s.conn[r.track] = next, map[string]int{"tcp": r.c, "udp": -1}[r.lower]
		delete(s.audible, r.track)
	}
}

func (m *model) predictPublisher(r *modelRequest, next rtspserver.State) (rtsp.StatusCode, func(*servertest.Response)) {
	if r.method == "TEARDOWN" {
		return rtsp.StatusOK, func(*servertest.Response) { m.end(r.s) }
	}
	if _, set := r.s.conn[r.track]; r.method == "PAUSE" && (r.path != r.s.path || r.track >= 0 && !set) {
		return rtsp.StatusNotFound, nil
	}
	return rtsp.StatusOK, func(*servertest.Response) { r.s.state = next }
}

func (m *model) predictReader(r *modelRequest, next rtspserver.State) (rtsp.StatusCode, func(*servertest.Response)) {
	s, track := r.s, r.track
	_, set := s.conn[track]
	if r.path != s.path || track >= 0 && !set {
		return rtsp.StatusNotFound, nil
	}
	return rtsp.StatusOK, func(*servertest.Response) {
		switch r.method {
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
	m.conns[c] = m.w.DialAs(parties[c].host)
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
