package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtspserver"
)

// The operator's address answers; one that others reach is warned of, and off is off.
func TestOperatorsAddress(t *testing.T) {
	server, err := rtspserver.New(&rtspserver.Config{Handler: struct{ rtspserver.Handler }{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for address, warned := range map[string]bool{"127.0.0.1:0": false, ":0": true} {
		var log strings.Builder
		a, err := openAdmin(&config.Config{API: address}, api.Config{Server: server}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		if got := strings.Contains(log.String(), "WARN"); got != warned {
			t.Errorf("%s: %q", address, log.String())
		}
		ended := make(chan error, 1)
		go func() { ended <- a.serve() }()
		var stats api.Stats
		r, err := http.Get("http://" + strings.Replace(a.listener.Addr().String(), "[::]", "127.0.0.1", 1) + "/api/v1/stats")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if err := json.NewDecoder(r.Body).Decode(&stats); err != nil || stats.Goroutines == 0 {
			t.Errorf("%v: %+v", err, stats)
		}
		a.close()
		if err := <-ended; err != http.ErrServerClosed {
			t.Error(err)
		}
	}
	if a, err := openAdmin(&config.Config{}, api.Config{}, slog.New(slog.DiscardHandler)); a != nil || err != nil {
		t.Errorf("off: %v, %v", a, err)
	}
}
