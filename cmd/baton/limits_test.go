package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// SEC-05: every limit of the file is one of the server.
func TestLimitsReachTheServer(t *testing.T) {
	const text = `
limits:
  connections: 11
  connections-per-address: 12
  sessions: 13
  sessions-per-address: 14
  sessions-per-user: 15
  header: 16KiB
  body: 17KiB
  stranger: 33KiB
  request-time: 18s
  idle: 19s
paths:
  lobby: { limits: { readers: 20, bit-rate: 21Mb/s } }
`
	name := filepath.Join(t.TempDir(), "baton.yml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load([]string{"--config", name}, config.Env{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := c.(*config.Serve).Config
	s := serverConfig(cfg, nil, whoMay(t), slog.New(slog.DiscardHandler))
	got := []int{s.MaxConns, s.MaxConnsPerHost, s.MaxSessions, s.MaxSessionsPerHost, s.MaxSessionsPerUser, s.Limits.HeaderBlock >> 10, s.Limits.Body >> 10,
		int(s.RequestTimeout / time.Second), int(s.IdleTimeout / time.Second), s.MaxReaders("lobby")}
	for i, n := range got {
		if n != 11+i {
			t.Errorf("number %d of the limits is %d", 11+i, n)
		}
	}
	if s.StrangerMemory != 33<<10 || s.MaxReaders("hall") == 20 || cfg.Path("lobby").LimitsBitRate != 21e6 {
		t.Errorf("%d bytes for strangers, %d readers elsewhere, %v bits a second", s.StrangerMemory, s.MaxReaders("hall"), cfg.Path("lobby").LimitsBitRate)
	}
}
