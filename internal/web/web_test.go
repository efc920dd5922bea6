package web

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/baton-rtsp/baton/internal/seldom"
)

// The page comes for every path, with its guards; folders are not listed, and RTSP is at both its places.
func TestPagesOfTheServer(t *testing.T) {
	rtsp := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	files := fstest.MapFS{"index.html": {Data: []byte("<p>home")}, "play.html": {Data: []byte("<p>page")}, "assets/player.js": {Data: []byte("1")}}
	h := New(Config{Hosts: []string{"example.com"}, RTSP: rtsp, API: api, Files: files, Logger: slog.New(slog.DiscardHandler)}).Handler
	for url, want := range map[string]int{
		"/play/clock": 200, "/play/a/b/c.mp4": 200, "/play/a%2Fb%20%3C": 200, "/play/a//b/../c": 200, "/play/clock?gop=10": 200,
		"/assets/player.js": 200, "/assets/": 404, "/assets/none.js": 404, "/": 200, "/index.html": 404, "/api/v1/presentations": 202,
		"/rtsp": 418, "/rtsp-over-websocket": 418,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
		if w.Code != want || w.Header().Get("Content-Security-Policy") != policy || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", url, w.Code, w.Header())
		}
	}
}

// A server without an API has no home page: it would have nothing to show.
func TestNoHomePageWithoutAnAPI(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte("<p>home")}}
	h := New(Config{Hosts: []string{"example.com"}, RTSP: http.NotFoundHandler(), Files: files, Logger: slog.New(slog.DiscardHandler)}).Handler
	for _, url := range []string{"/", "/api/v1/presentations"} {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, httptest.NewRequest("GET", url, nil)); w.Code != 404 {
			t.Errorf("%s: %d", url, w.Code)
		}
	}
}

// A page that reaches this server by a name that it does not know gets nothing from it, whatever it asks for, and is told what to do.
// RTSP judges for itself.
func TestUnknownNamesAreMisdirected(t *testing.T) {
	rtsp := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	files := fstest.MapFS{"play.html": {Data: []byte("<p>page")}}
	h := New(Config{Hosts: []string{"video.example.org"}, RTSP: rtsp, Files: files, Logger: slog.New(slog.DiscardHandler)}).Handler
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "[::1]:8080": 200, "localhost": 200, "192.0.2.7": 200, "video.example.org:8080": 200, "evil.example": 421, "evil.example:8080": 421,
	} {
		for _, path := range []string{"/play/clock", "/rtsp"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if path == "/rtsp" && w.Code != http.StatusTeapot || path != "/rtsp" && w.Code != want {
				t.Errorf("%s at %s: %d", path, host, w.Code)
			}
		}
	}
}

// SEC-05: connections beyond the limits are closed; when others have gone, and when they have become WebSockets, there is room again.
func TestConnectionsAreBounded(t *testing.T) {
	began := time.Now()
	hijack := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer nc.Close()
		io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
	})
	for name, most := range map[string][2]int{"in all": {2, 0}, "of one address": {0, 2}} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer // read when the server has ended
			gate := NewGate(most[0], most[1], slog.New(slog.NewTextHandler(&log, nil)))
			defer func() {
				if n := strings.Count(log.String(), "too many connections"); n == 0 || n > 1+int(time.Since(began)/seldom.Every) || gate.Refused() == 0 {
					t.Errorf("%d refused, %d lines:\n%s", gate.Refused(), n, &log)
				}
			}()
			cfg := Config{RTSP: hijack, Files: fstest.MapFS{}, Logger: slog.New(slog.DiscardHandler), Gate: gate}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			site := New(cfg)
			served := make(chan error)
			go func() { served <- site.Serve(ln) }() // ends with Close
			defer func() { <-served }()
			defer site.Close()
			ask := func(nc net.Conn, path string) string { // the first bytes of the answer, "" when it is closed
				io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
				b := make([]byte, 12)
				io.ReadFull(nc, b)
				return string(b[9:])
			}
			dial := func() net.Conn {
				nc, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { nc.Close() })
				return nc
			}
			first, second := dial(), dial()
			if a, b := ask(first, "/"), ask(second, "/"); a != "404" || b != "404" {
				t.Errorf("within: %q, %q", a, b)
			}
			if got := ask(dial(), "/"); got != "\x00\x00\x00" {
				t.Errorf("beyond: %q", got)
			}
			third := dial()
			ask(second, "/rtsp") // the rest of the 404, and then 101
			io.Copy(io.Discard, second)
			for i := 0; ask(third, "/") != "404"; i++ {
				if i == 1000 {
					t.Fatal("there is no room behind a WebSocket")
				}
				third = dial()
			}
		})
	}
}
