package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// A caller asks an API whose server is in memory.
type caller struct {
	t             *testing.T
	public, admin http.Handler
	log           *strings.Builder
}

// call is what an API with these presentations says of a world.
func call(t *testing.T, w *servertest.World, list ...paths.Listing) *caller {
	c := &caller{t: t, log: new(strings.Builder)}
	cfg := api.Config{
		Server: w.Server, Version: "1.2.3", Names: []string{"box.example"}, HTTPRefused: func() uint64 { return 7 }, Logger: slog.New(slog.NewTextHandler(c.log, nil)),
		Presentations: func(_ context.Context, _ string, limit int) ([]paths.Listing, int) {
			return list[:min(limit, len(list))], len(list)
		},
	}
	c.public, c.admin = api.Public(cfg), api.Admin(cfg)
	return c
}

// do sends a request to a handler, with headers in pairs, and reads the JSON of the answer into out.
func (c *caller) do(h http.Handler, method, path, body string, out any, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8081"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); w.Code != http.StatusNoContent && got != "application/json" && got != "application/problem+json" {
		c.t.Errorf("%s %s: %d of type %q", method, path, w.Code, got)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			c.t.Errorf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w
}

type sessions struct{ Sessions []api.Session }

// What is in a list is what is in the answer; readers are those of any transport.
func TestPresentationsAreAnswered(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("films/a b.mp4", servertest.Audio)
		r := w.Dial()
		defer r.Close()
		r.Watch("films/a%20b.mp4", "udp", 1)
		c := call(t, w, paths.Listing{
			Path: "films/a b.mp4", Kind: paths.KindStored, Active: true, Duration: 1500 * time.Millisecond, Size: 1000, BitRate: 5333.3,
			Tracks: []paths.Track{{Type: "video", Codec: "H264", Width: 640, Height: 360, FrameRate: 29.97002997}},
		}, paths.Listing{Path: "cam", Kind: paths.KindSource})
		for _, h := range []http.Handler{c.public, c.admin} {
			var got struct {
				Presentations []api.Presentation
				Total         int
			}
			c.do(h, "GET", "/api/v1/presentations?limit=1", "", &got)
			if got.Total != 2 || len(got.Presentations) != 1 {
				t.Fatalf("%+v", got)
			}
			p := got.Presentations[0]
			if p.Folder != "films" || p.Readers != 1 || p.Duration != 1.5 || p.BitRate != 5333 || p.Tracks[0].FrameRate != 29.97 || p.Modified != nil {
				t.Errorf("%+v", p)
			}
			for query, want := range map[string]int{"?limit=0": 422, "?limit=10001": 422, "?limit=x": 422, "?serch=x": 422, "?search=" + strings.Repeat("x", 201): 422, "?search=": 200} {
				if got := c.do(h, "GET", "/api/v1/presentations"+query, "", nil).Code; got != want {
					t.Errorf("%s: %d, want %d", query, got, want)
				}
			}
		}
	})
}

// Sessions are for the operator alone. They are listed without what would let somebody take them over, are sent elsewhere,
// and are ended.
func TestSessionsAreListedRedirectedAndEnded(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		p, r := w.Dial(), w.Dial()
		defer p.Close()
		defer r.Close()
		r.Watch("cam?token=canary", "tcp", 1)
		w.Wait(time.Second)
		p.Publish("mine", servertest.Audio, "udp")
		c := call(t, w)
		if got := c.do(c.public, "GET", "/api/v1/sessions", "", nil).Code; got != http.StatusNotFound {
			t.Errorf("in public: %d", got)
		}
		var list sessions
		answer := c.do(c.admin, "GET", "/api/v1/sessions", "", &list).Body.String()
		if len(list.Sessions) != 2 || list.Sessions[0].Role != "reader" || list.Sessions[0].State != "Playing" || list.Sessions[1].Role != "publisher" {
			t.Fatal(answer)
		}
		for _, secret := range []string{r.Session, p.Session, "canary"} {
			if strings.Contains(answer, secret) {
				t.Errorf("%q is in %s", secret, answer)
			}
		}
		at := "/api/v1/sessions/" + list.Sessions[0].ID
		for body, want := range map[string]int{
			`{"location":"http://a.example/"}`: 422, `{"location":""}`: 422, `{}`: 422, `{"location":"rtsp://a.example/\r\nX: y"}`: 422,
			`{"location":"rtsp://a.example/","range":"soon"}`: 422, `{"location":"rtsp://a.example/","more":1}`: 422, `{`: 400, ``: 400,
			`{"location":"rtsp://a.example/` + strings.Repeat("x", 20<<10) + `"}`: 413,
		} {
			if got := c.do(c.admin, "POST", at+"/redirect", body, nil, "Content-Type", "application/json"); got.Code != want {
				t.Errorf("%.60s: %d, want %d: %s", body, got.Code, want, got.Body)
			}
		}
		if got := r.Pending(); got != "" {
			t.Errorf("the client got %q", got)
		}
		if got := c.do(c.admin, "POST", at+"/redirect", `{"location":"rtsp://a.example/b\r\n","range":"npt=30-"}`, nil, "Content-Type", "application/json").Code; got != http.StatusNoContent {
			t.Errorf("redirect: %d", got)
		}
		if q := r.ServerRequest(); q.Method != rtsp.MethodRedirect || q.Header.Get("Location") != "rtsp://a.example/b" || q.Header.Get("Range") != "npt=30.000-" {
			t.Errorf("%s", q.Append(nil))
		}
		if got := c.do(c.admin, "DELETE", at, "", nil).Code; got != http.StatusNoContent {
			t.Errorf("delete: %d", got)
		}
		for _, call := range []string{"DELETE " + at, "DELETE /api/v1/sessions/" + p.Session, "DELETE /api/v1/sessions/x"} {
			if got := c.do(c.admin, "DELETE", strings.TrimPrefix(call, "DELETE "), "", nil).Code; got != http.StatusNotFound {
				t.Errorf("%s: %d", call, got)
			}
		}
		c.do(c.admin, "GET", "/api/v1/sessions", "", &list)
		if len(list.Sessions) != 1 || list.Sessions[0].Role != "publisher" {
			t.Errorf("%+v are left", list)
		}
		if strings.Count(c.log.String(), "\n") != 2 || strings.Contains(c.log.String(), "canary") {
			t.Errorf("log: %s", c.log)
		}
	})
}

// A page of another host, whether its name leads here or not, can do and learn nothing.
func TestPagesOfOtherHostsAreRefused(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Audio)
		r := w.Dial()
		defer r.Close()
		r.Watch("cam", "udp", 1)
		c := call(t, w)
		var list sessions
		c.do(c.admin, "GET", "/api/v1/sessions", "", &list)
		at := "/api/v1/sessions/" + list.Sessions[0].ID
		redirect := `{"location":"rtsp://a.example/"}`
		for _, refused := range []struct {
			method, path, body string
			want               int
			headers            []string
		}{
			{"GET", "/api/v1/sessions", "", 421, []string{"Host", "evil.example"}},
			{"GET", "/api/v1/sessions", "", 421, []string{"Host", "localhost.evil.example:8081"}},
			{"GET", "/api/v1/sessions", "", 421, []string{"Host", "127.0.0.1.evil.example"}},
			{"DELETE", at, "", 403, []string{"Origin", "http://evil.example"}},
			{"DELETE", at, "", 403, []string{"Origin", "null"}},
			{"DELETE", at, "", 403, []string{"Origin", "http://127.0.0.1:8080"}},
			{"DELETE", at, "", 403, []string{"Sec-Fetch-Site", "cross-site"}},
			{"DELETE", at, "", 421, []string{"Host", "evil.example", "Origin", "http://evil.example"}},
			{"POST", at + "/redirect", redirect, 415, nil},
			{"POST", at + "/redirect", redirect, 415, []string{"Content-Type", "text/plain"}},
			{"POST", at + "/redirect", redirect, 415, []string{"Content-Type", "text/plain; application/json"}},
			{"POST", at + "/redirect", redirect, 403, []string{"Content-Type", "application/json", "Origin", "http://evil.example"}},
		} {
			got := c.do(c.admin, refused.method, refused.path, refused.body, nil, refused.headers...)
			if got.Code != refused.want || got.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%+v: %d %v", refused, got.Code, got.Header())
			}
		}
		for _, host := range []string{"localhost", "LOCALHOST:8081", "[::1]:8081", "::1", "192.0.2.1", "box.example:8081", "localhost."} {
			if got := c.do(c.admin, "GET", "/api/v1/sessions", "", nil, "Host", host); got.Code != 200 {
				t.Errorf("as %s: %d", host, got.Code)
			}
		}
		if got := c.do(c.admin, "DELETE", at, "", nil, "Origin", "http://127.0.0.1:8081", "Sec-Fetch-Site", "same-origin"); got.Code != 204 {
			t.Errorf("from the same origin: %d", got.Code)
		}
	})
}

// Whatever is asked, the answer is JSON; the document names each operation and only those there are.
func TestDocumentAndErrors(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := call(t, w)
		for _, ask := range []struct {
			h            http.Handler
			method, path string
			want         int
		}{
			{c.public, "GET", "/api/v1/stats", 404}, {c.public, "DELETE", "/api/v1/sessions/x", 404}, {c.public, "GET", "/api/", 404},
			{c.public, "POST", "/api/v1/presentations", 405}, {c.admin, "PUT", "/api/v1/sessions/x", 405}, {c.admin, "GET", "/docs", 404},
			{c.admin, "GET", "/schemas/Stats.json", 404}, {c.admin, "GET", "/", 404},
		} {
			var got struct{ Status int }
			if w := c.do(ask.h, ask.method, ask.path, "", &got); w.Code != ask.want || got.Status != ask.want || ask.want == 405 && w.Header().Get("Allow") == "" {
				t.Errorf("%s %s: %d %s", ask.method, ask.path, w.Code, w.Body)
			}
		}
		var stats api.Stats
		if c.do(c.admin, "GET", "/api/v1/stats", "", &stats); stats.Version != "1.2.3" || stats.Goroutines == 0 || stats.Memory == 0 {
			t.Errorf("%+v", stats)
		}
		for want, h := range map[int]http.Handler{1: c.public, 5: c.admin} {
			r := httptest.NewRecorder()
			h.ServeHTTP(r, httptest.NewRequest("GET", "http://localhost/api/v1/openapi.json", nil))
			var document struct {
				OpenAPI string
				Paths   map[string]any
			}
			if err := json.Unmarshal(r.Body.Bytes(), &document); err != nil || document.OpenAPI != "3.1.0" || len(document.Paths) != want {
				t.Errorf("%v: %d paths in %q", err, len(document.Paths), document.OpenAPI)
			}
		}
	})
}
