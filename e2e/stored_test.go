package e2e

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// makeFilm has ffmpeg make a film of five seconds, with B-frames and sound, in a container.
func makeFilm(t *testing.T, folder, name string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error",
		"-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=5", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=5",
		"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2", "-c:a", "aac", file)
	return file
}

// RNG-09, PLD-01: what is read of a stored film, from its beginning to its end, is every picture of the
// file, bit by bit.
func TestStoredFilmIsPlayedAsItIs(t *testing.T) {
	need(t, "ffmpeg")
	folder := t.TempDir()
	names := []string{"film.mp4", "film.mkv", "film.ts", "film.mov"}
	want := map[string][]string{}
	for _, name := range names {
		p := run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-i", makeFilm(t, folder, name),
			"-map", "0:v", "-fps_mode", "passthrough", "-f", "framecrc", "-")
		want[name] = sums(decoded(p.stdout.String()))
	}
	s := serve(t, "--media", folder)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := decoder(t, medium{codecs: []string{"aac", "h264"}, video: true}, "tcp", s.url("/"+name), 10000)
			if !reader.endsWithin(30 * time.Second) {
				t.Fatalf("%s is still running: no end of the film was seen", reader)
			}
			if got := sums(decoded(reader.stdout.String())); len(got) != 125 || !slices.Equal(got, want[name]) {
				t.Errorf("%d pictures came, want the %d of the file", len(got), len(want[name]))
			}
		})
	}
}

// sums are the checksums of pictures.
func sums(list []frame) []string {
	var all []string
	for _, f := range list {
		all = append(all, f.crc)
	}
	return all
}
