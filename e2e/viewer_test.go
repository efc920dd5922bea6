package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// GStreamer seeks in a film of another server, by way of a path that gives each viewer a session there: the pictures are those of
// where it is.
func TestSeekingThroughAPathForEachViewer(t *testing.T) {
	program := buildSeeker(t)
	folder := t.TempDir()
	gradient(t, filepath.Join(folder, "film.mp4"))
	recorder := serve(t, "--media", folder)
	s := serve(t, config(t, fmt.Sprintf("paths: { nvr/*: { source: %q, per-viewer: true } }\n", recorder.url("/{*}")))...)
	viewer := seek(t, program, s.url("/nvr/film.mp4"), "tcp")
	ascend(t, "from the beginning", viewer.watch(t, 20), 0)
	viewer.to(t, 1, 5.04, -1)
	ascend(t, "forward", viewer.watch(t, 20), 120)
	viewer.to(t, 1, 1.3, -1)
	ascend(t, "backward", viewer.watch(t, 20), 30)
	viewer.to(t, 2, 2, -1)
	ascend(t, "at rate 2", viewer.watch(t, 60), 50)

	p := run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "udp", "-i", s.url("/nvr/film.mp4"), "-frames:v", "40", "-f", "null", "-")
	if e := p.stderr.String(); strings.Contains(e, "error") {
		t.Errorf("over UDP: %s", e)
	}
	if log := s.stderr.String() + s.stdout.String(); strings.Contains(log, "panic") {
		t.Error(log)
	}
}
