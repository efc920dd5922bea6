package config

import "testing"

// What the stars of a pattern stand for goes into the source, and can be nothing but a part of its path.
func TestSourceNamesWhatThePatternMatched(t *testing.T) {
	for _, c := range []struct{ pattern, source, path, want string }{
		{"nvr/*", "rtsp://nvr/replay/{*}", "nvr/ch1", "rtsp://nvr/replay/ch1"},
		{"nvr/**", "rtsp://nvr/replay/{*}", "nvr/a/b", "rtsp://nvr/replay/a/b"},
		{"nvr/**", "rtsp://nvr/replay/{*}", "nvr", "rtsp://nvr/replay/"},
		{"cam*/main", "rtsp://nvr/{*}/x", "cam7/main", "rtsp://nvr/7/x"},
		{"nvr/*", "rtsp://u:p@nvr/{*}/{*}", "nvr/a b?c#d", "rtsp://u:p@nvr/a%20b%3Fc%23d/a%20b%3Fc%23d"},
		{"films/*", "file:old/{*}.mp4", "films/a b", "file:old/a b.mp4"},
		{"nvr/*", "rtsp://nvr/all", "nvr/ch1", "rtsp://nvr/all"},
	} {
		source, err := parseSources(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		cfg := &Config{Paths: []PathRule{{Pattern: c.pattern, Source: &source}}}
		if got := string(cfg.Path(c.path).Source); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.path, c.source, got, c.want)
		}
	}
	for _, s := range []string{"rtsp://{*}/x", "rtsp://10.0.0.{*}/x", "rtsp://u:{*}@nvr/x"} {
		if got, err := parseSources(s); err == nil {
			t.Errorf("%s: viewers choose the host: %q", s, string(got))
		}
	}
}
