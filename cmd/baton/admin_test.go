package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtspserver"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")} // read only

// whoMay makes what decides, by what everybody may.
func whoMay(t *testing.T, anonymous ...config.Right) *access {
	t.Helper()
	authority, err := auth.New(t.Context(), auth.Config{Anonymous: anonymous, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return &access{gate: &auth.Gate{Authorizer: authority}}
}

// The operator's address answers admins, on this machine too, unless everybody here is to be one. Off is off.
func TestOperatorsAddress(t *testing.T) {
	server, err := rtspserver.New(&rtspserver.Config{Handler: struct{ rtspserver.Handler }{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, c := range []struct {
		who  *access
		here int
	}{
		{whoMay(t, config.Right{Do: []config.Action{config.ActionRead, config.ActionPublish}, From: loopback}), 401},
		{whoMay(t, config.Right{Do: []config.Action{config.ActionAdmin}, From: loopback}), 200},
	} {
		a, err := openAdmin(&config.Config{API: "127.0.0.1:0"}, api.Config{Server: server, HTTPRefused: func() uint64 { return 0 }}, c.who, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		for remote, want := range map[string]int{"127.0.0.1:9": c.here, "[::1]:9": c.here, "[::ffff:127.0.0.1]:9": c.here, "192.0.2.7:9": 401, "[2001:db8::1]:9": 401} {
			r := httptest.NewRequest("GET", "http://127.0.0.1/api/v1/stats", nil)
			r.RemoteAddr = remote
			w := httptest.NewRecorder()
			if a.server.Handler.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s gets %d, want %d", remote, w.Code, want)
			}
		}
	}
	if a, err := openAdmin(&config.Config{}, api.Config{}, whoMay(t), nil); a != nil || err != nil {
		t.Errorf("off: %v, %v", a, err)
	}
}

// A page of others does not get as far as the question who may: no browser asks for a password in its name, and the audit log does not say
// that an admin did what was refused. Names in hosts are names of the API, but any is not.
func TestPagesOfOthersDoNotReachTheGuardOfTheAPI(t *testing.T) {
	server, err := rtspserver.New(&rtspserver.Config{Handler: struct{ rtspserver.Handler }{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	everybody := config.Right{Do: []config.Action{config.ActionAdmin}}
	for _, c := range []struct {
		name         string
		who          *access
		host, origin string
		want         int
		audited      bool
	}{
		{"nobody by another name", whoMay(t), "evil.example", "", 421, false},
		{"an admin by another name", whoMay(t, everybody), "evil.example", "", 421, false},
		{"an admin's browser on a page of others", whoMay(t, everybody), "127.0.0.1:8081", "http://evil.example", 403, false},
		{"nobody", whoMay(t), "127.0.0.1:8081", "", 401, true},
		{"an admin", whoMay(t, everybody), "127.0.0.1:8081", "", 404, true},
		{"an admin by a name in hosts", whoMay(t, everybody), "cams.example.org", "", 404, true},
	} {
		var audit bytes.Buffer
		c.who.gate.Audit = auth.NewAudit(&audit)
		cfg := &config.Config{API: "127.0.0.1:0", Hosts: []string{"*", "cams.example.org"}}
		a, err := openAdmin(cfg, api.Config{Server: server, HTTPRefused: func() uint64 { return 0 }}, c.who, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		r := httptest.NewRequest("DELETE", "/api/v1/sessions/x", nil)
		if r.Host = c.host; c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		a.server.Handler.ServeHTTP(w, r)
		if w.Code != c.want || (w.Header().Get("WWW-Authenticate") != "") != (c.want == 401) || (audit.Len() > 0) != c.audited {
			t.Errorf("%s: %d %v, audit %q", c.name, w.Code, w.Header(), audit.String())
		}
	}
}

// What can be played is told to who may read, this machine too: behind a proxy everybody is this machine.
func TestTheListIsForWhoMayRead(t *testing.T) {
	for name, c := range map[string]struct {
		who         *access
		here, there int
	}{
		"by default": {whoMay(t, config.Right{Do: []config.Action{config.ActionRead}, From: loopback}), 200, 401},
		"nobody":     {whoMay(t), 401, 401},
	} {
		h := c.who.forReaders(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for remote, want := range map[string]int{"127.0.0.1:9": c.here, "192.0.2.7:9": c.there} {
			r := httptest.NewRequest("GET", "/api/v1/presentations", nil)
			r.RemoteAddr = remote
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s: %s gets %d, want %d", name, remote, w.Code, want)
			}
		}
	}
}
