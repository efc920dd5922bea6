package gateway_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	"github.com/baton-rtsp/baton/internal/gateway"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// A world is a camera, a gateway to it, and a browser.
type world struct {
	t    *testing.T
	cam  *rtsptest.Camera
	base string // http://host:port
	page string // with the token
	room string // what is this browser's: http://host:port/ROOM
	http *http.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cam := &rtsptest.Camera{User: "admin", Password: "canary"}
	cam.Serve(ln)
	t.Cleanup(cam.Close)
	w := newWorldOf(t, "rtsp://admin:canary@"+ln.Addr().String()+"/yard")
	w.cam = cam
	return w
}

// newWorldOf is a world without a camera, whose gateway leads to a URL.
func newWorldOf(t *testing.T, url string) *world {
	t.Helper()
	g, err := gateway.New(gateway.Config{
		URL: url, Client: rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}}, Explain: func(err error) string { return "<" + err.Error() + ">" },
		Files: fstest.MapFS{"play.html": {Data: []byte("the page")}}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	side, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.Serve(side) }()
	t.Cleanup(func() { g.Close(); <-done })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &world{t: t, base: "http://" + side.Addr().String(), page: g.URL(side.Addr()), http: &http.Client{Jar: jar, Transport: transport}}
}

// get is the status of a page and what it says.
func (w *world) get(c *http.Client, url, host string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Host = host
	resp, err := c.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// enter has the browser open the page by the address with the token.
func (w *world) enter() (int, string) {
	w.t.Helper()
	resp, err := w.http.Get(w.page)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if room, _, found := strings.Cut(resp.Request.URL.String(), "/play/"); found {
		w.room = room
	}
	return resp.StatusCode, string(b)
}

// dial opens a WebSocket of the browser.
func (w *world) dial(path string) *websocket.Conn {
	w.t.Helper()
	ws, _, err := websocket.Dial(w.t.Context(), w.room+path, &websocket.DialOptions{HTTPClient: w.http})
	if err != nil {
		w.t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	w.t.Cleanup(func() { ws.CloseNow() })
	return ws
}

// Who plays two servers at once stays with both: browsers know no ports of cookies.
func TestTwoDoorsInOneBrowser(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	b.http = a.http
	a.enter()
	b.enter()
	for _, room := range []string{a.room, b.room} {
		if code, _ := a.get(a.http, room+"/play/x", ""); code != http.StatusOK {
			t.Errorf("%s: %d", room, code)
		}
	}
}

// The page is for the browser that came with the token, and the token counts once. Without the key the room is closed, and without the
// room the key opens nothing.
func TestTheDoorOpensOnce(t *testing.T) {
	w := newWorld(t)
	stranger := &http.Client{Transport: w.http.Transport}
	if code, _ := w.get(stranger, w.base+"/?token=guess", ""); code != http.StatusForbidden {
		t.Errorf("with a wrong token: %d", code)
	}
	if code, _ := w.get(w.http, w.page, "rebound.example"); code != http.StatusMisdirectedRequest {
		t.Errorf("under another name: %d", code)
	}
	if code, text := w.enter(); code != http.StatusOK || text != "the page" {
		t.Errorf("with the token: %d %q", code, text)
	}
	for _, url := range []string{w.page, w.base + "/", w.base + "/play/x", w.room + "/play/x", w.room + "/", w.base + "/request", w.base + "/" + strings.Repeat("0", 48) + "/play/x"} {
		if code, _ := w.get(stranger, url, ""); code != http.StatusForbidden {
			t.Errorf("a stranger gets %s: %d", url, code)
		}
	}
	for _, path := range []string{"/play/x", "/"} { // when it is loaded again, and by the name of the product
		if code, text := w.get(w.http, w.room+path, ""); code != http.StatusOK || text != "the page" {
			t.Errorf("the browser that is known gets %s: %d %q", path, code, text)
		}
	}
	for _, base := range []string{w.base, w.room} {
		for _, path := range []string{"/trace", "/rtsp"} {
			if _, _, err := websocket.Dial(t.Context(), base+path, nil); err == nil {
				t.Errorf("a stranger gets in at %s", path)
			}
		}
	}
	if code, text := w.get(stranger, w.base+"/", ""); code != http.StatusForbidden || text != "the page" {
		t.Errorf("who comes back gets %d %q, and no page that knows its room", code, text)
	}
}

// All ports of a host are one to cookies (RFC 6265 §8.5): what else is served on this machine, and the browser visits, gets no key, and
// neither it nor a log gets the name of the room.
func TestOtherPortsGetNoKey(t *testing.T) {
	w := newWorld(t)
	w.enter()
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if c := r.Header.Get("Cookie"); c != "" {
			t.Errorf("%s is sent %s", r.URL, c)
		}
	}))
	defer other.Close()
	for _, path := range []string{"/", "/play/yard", "/rtsp", "/request"} {
		w.get(w.http, other.URL+path, "")
	}
	for _, url := range []string{w.room + "/play/x", w.base + "/", w.base + "/else"} {
		resp, err := w.http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s may be told to others: %q", url, got)
		}
	}
}

// An entry is one of the trace.
type entry struct {
	At     int64
	Sent   bool
	Kind   string
	Lower  string
	Remote string
	data   []byte
}

// trace reads entries until one is found.
func trace(t *testing.T, ws *websocket.Conn, found func(entry) bool) (all []entry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, b, err := ws.Read(ctx)
		if err != nil {
			t.Fatalf("the trace ends with %v after %d entries", err, len(all))
		}
		for len(b) > 0 {
			n := binary.BigEndian.Uint32(b)
			var e entry
			if err := json.Unmarshal(b[4:4+n], &e); err != nil {
				t.Fatal(err)
			}
			b = b[4+n:]
			n = binary.BigEndian.Uint32(b)
			e.data, b = b[4:4+n], b[4+n:]
			all = append(all, e)
			if found(e) {
				return all
			}
		}
	}
}

// ask makes a request and waits for its answer.
func ask(t *testing.T, ws *websocket.Conn, request string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageBinary, []byte(request+"\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	_, b, err := ws.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "RTSP/1.0 200 ") {
		t.Fatalf("%s\n%s", request, b)
	}
	return string(b)
}

// byHand sends a request by hand.
func (w *world) byHand(json string) string {
	w.t.Helper()
	resp, err := w.http.Post(w.room+"/request", "application/json", strings.NewReader(json))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// Each control of the page reaches the camera, and the trace shows what was exchanged with it, packets too; the password is in none of it.
func TestThePagePlaysAndSees(t *testing.T) {
	w := newWorld(t)
	w.enter()
	seen := w.dial("/trace")
	ws := w.dial("/rtsp")
	const url = "rtsp://gateway/yard"
	ask(t, ws, "DESCRIBE "+url+" RTSP/1.0\r\nCSeq: 1")
	setup := ask(t, ws, "SETUP "+url+"/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1")
	if n := w.cam.Count("SETUP"); n != 1 {
		t.Errorf("the camera has got %d SETUP when the page's is answered", n)
	}
	_, session, _ := strings.Cut(setup, "Session: ")
	session, _, _ = strings.Cut(session, ";")
	ask(t, ws, "PLAY "+url+" RTSP/1.0\r\nCSeq: 3\r\nScale: 2\r\nSession: "+session)
	sent := append(rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: 9, SSRC: 7}), 0x65, 0x88)
	w.cam.Send(0, false, sent)
	var frame []byte
	var err error
	for err == nil && (len(frame) < 16 || frame[1] != 0) { // a sender report may come first
		_, frame, err = ws.Read(t.Context())
	}
	if err != nil || frame[0] != '$' || rtp.Packet(frame[4:]).Sequence() != 9 {
		t.Errorf("the page gets %x, %v", frame, err)
	}
	answer := w.byHand(`{"method": "GET_PARAMETER", "headers": [["Colour", "blue"]]}`)
	if !strings.HasPrefix(answer, "RTSP/1.0 200 OK\r\n") {
		t.Errorf("by hand: %s", answer)
	}
	if answer := w.byHand(`{"method": "DANCE"}`); !strings.HasPrefix(answer, "RTSP/1.0 501 ") {
		t.Errorf("a method that nobody knows: %s", answer)
	}
	if answer := w.byHand(`{"method": "OPTIONS * RTSP/1.0\r\nX"}`); strings.HasPrefix(answer, "RTSP") {
		t.Errorf("two requests in one: %s", answer)
	}
	w.cam.Send(0, false, sent)
	packets := 0
	all := trace(t, seen, func(e entry) bool {
		if e.Kind == "rtp" {
			packets++
		}
		return packets == 2
	})
	last := all[len(all)-1]
	if string(last.data) != string(sent) || last.Lower != "TCP" || last.Remote == "" || last.At == 0 {
		t.Errorf("the packet is shown as %+v", last)
	}
	var methods []string
	for _, e := range all {
		if strings.Contains(string(e.data), "canary") {
			t.Errorf("the password is shown: %s", e.data)
		}
		if e.Sent && e.Kind == "message" {
			method, _, _ := strings.Cut(string(e.data), " ")
			methods = append(methods, method)
			if method == "PLAY" && !strings.Contains(string(e.data), "Scale: 2.0\r\n") {
				t.Errorf("Scale does not reach the camera:\n%s", e.data)
			}
		}
	}
	if got := strings.Join(methods, " "); !strings.HasPrefix(got, "OPTIONS") || !strings.Contains(got, "DESCRIBE SETUP PLAY GET_PARAMETER DANCE") {
		t.Errorf("sent: %s", got)
	}
}

// A page that is played as if it were a WebSocket is said to be none, and not to be busy; so is what else there is to say, in the words of
// the commands.
func TestThePageSaysWhyNothingCanBePlayed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/closed" {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer other.Close()
	for path, want := range map[string]string{
		"/page":   "RTSP/1.0 404 <rtspclient: there is no RTSP over WebSocket at this URL: the handshake is answered with 200 OK>\r\n",
		"/closed": "RTSP/1.0 502 <401 Unauthorized: handshake of WebSocket refused>\r\n",
	} {
		w := newWorldOf(t, strings.Replace(other.URL, "http://", "ws://admin:canary@", 1)+path)
		w.enter()
		ws := w.dial("/rtsp")
		if err := ws.Write(t.Context(), websocket.MessageBinary, []byte("DESCRIBE rtsp://gateway/yard RTSP/1.0\r\nCSeq: 1\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		if _, b, err := ws.Read(t.Context()); err != nil || !strings.HasPrefix(string(b), want) || strings.Contains(string(b), "canary") {
			t.Errorf("%s: %s, %v", path, b, err)
		}
	}
}
