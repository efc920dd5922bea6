package paths_test

import (
	"testing"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
)

// Who may replay may see what is stored, and nothing that is live: what is published or pulled at a path comes before
// a file of its name.
func TestStoredMediaIsToldFromLive(t *testing.T) {
	cfg := paths.Config{Media: mediaFolder(t), Settings: func(path string) config.PathSettings {
		s := config.DefaultPathSettings()
		if path == "sub/film.Mjpeg" {
			s.Source = "rtsp://192.0.2.66/x"
		}
		return s
	}}
	names := paths.New(cfg)
	defer names.Close()
	for path, want := range map[string]bool{
		"film.mjpeg": true, "demo.mp4": true, "movie.mjpeg": true, "garbage.mjpeg": true,
		"sub/film.Mjpeg": false, "sub": false, "clock": false, "clock.mjpeg": false, "none": false, "": false, "../secret.mjpeg": false,
	} {
		if got := names.Stored(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
	serveWith(t, cfg, nil, func(t *testing.T, w *servertest.World, names *paths.Paths) {
		c := w.Dial()
		defer c.Close()
		c.Publish("late.mjpeg", servertest.Audio, "tcp")
		file, err := cfg.Media.Create("late.mjpeg")
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		if names.Stored("late.mjpeg") {
			t.Error("what is published passes for stored")
		}
	})
}
