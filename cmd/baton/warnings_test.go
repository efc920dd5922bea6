package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/config"
)

// What is seldom meant is told at the start, once, with what it is about; what is left to some is not.
func TestWhatIsSeldomMeantIsWarnedAbout(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"anonymous: [ { do: [read, publish] } ]": `may publish: anonymous says so; from: loopback leaves it to this machine" path=**`,
		"anonymous: [ { do: publish, path: 'open/*' } ]":                             "path=open/*",
		"anonymous: [ { do: publish, from: all } ]":                                  "path=**",
		"anonymous: [ { do: publish, from: 10.0.0.0/8 } ]":                           "",
		"anonymous: [ { do: read } ]":                                                "",
		"users: [ { name: eve, password: x } ]":                                      "users=[eve]",
		"users: [ { name: eve, password: x, allow: [ { do: read } ] } ]":             "",
		"auth: { http: 'http://u:c4nary@example.org/allow?key=c4nary', cache: 30s }": "url=http://example.org/allow",
		"auth: { http: 'http://127.0.0.1:9000/allow' }":                              "",
		"auth: { http: 'http://[::1]:9000/allow' }":                                  "",
		"auth: { http: 'https://example.org/allow' }":                                "",
	} {
		command, err := config.Load([]string{"--config", file(t, text)}, config.Env{})
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		warnOf(slog.New(slog.NewTextHandler(&log, nil)), command.(*config.Serve).Config)
		lines := strings.Count(log.String(), "level=WARN")
		if (lines == 1) != (want != "") || lines > 1 || !strings.Contains(log.String(), want) || strings.Contains(log.String(), "c4nary") {
			t.Errorf("%s: %q, want %q", text, &log, want)
		}
	}
}

// file is a configuration file.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "baton.yml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
