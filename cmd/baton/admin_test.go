package main

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtspserver"
)

// The operator's address answers this machine; others have to be admins. Off is off.
func TestOperatorsAddress(t *testing.T) {
	server, err := rtspserver.New(&rtspserver.Config{Handler: struct{ rtspserver.Handler }{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	logger := slog.New(slog.DiscardHandler)
	authority, err := auth.New(t.Context(), auth.Config{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	who := &access{gate: &auth.Gate{Authorizer: authority}}
	a, err := openAdmin(&config.Config{API: "127.0.0.1:0"}, api.Config{Server: server}, who, logger)
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for remote, want := range map[string]int{"127.0.0.1:9": 200, "[::1]:9": 200, "[::ffff:127.0.0.1]:9": 200, "192.0.2.7:9": 401, "[2001:db8::1]:9": 401} {
		r := httptest.NewRequest("GET", "http://127.0.0.1/api/v1/stats", nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		if a.server.Handler.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s gets %d, want %d", remote, w.Code, want)
		}
	}
	if a, err := openAdmin(&config.Config{}, api.Config{}, who, logger); a != nil || err != nil {
		t.Errorf("off: %v, %v", a, err)
	}
}
