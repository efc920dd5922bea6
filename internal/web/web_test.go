package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

// The page comes for every path, with its guards; folders are not listed, and RTSP is at both its places.
func TestPagesOfTheServer(t *testing.T) {
	rtsp := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	files := fstest.MapFS{"index.html": {Data: []byte("<p>home")}, "play.html": {Data: []byte("<p>page")}, "assets/player.js": {Data: []byte("1")}}
	h := New(Config{RTSP: rtsp, API: api, Files: files, Logger: slog.New(slog.DiscardHandler)}).Handler
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
	h := New(Config{RTSP: http.NotFoundHandler(), Files: files, Logger: slog.New(slog.DiscardHandler)}).Handler
	for _, url := range []string{"/", "/api/v1/presentations"} {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, httptest.NewRequest("GET", url, nil)); w.Code != 404 {
			t.Errorf("%s: %d", url, w.Code)
		}
	}
}
