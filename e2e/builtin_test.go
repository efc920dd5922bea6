package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Without any configuration the server has something to show, and says where.
func TestServerPrintsWhatToPaste(t *testing.T) {
	s := serve(t)
	for _, path := range []string{"/demo.mp4", "/clock", "/movie.mjpeg"} {
		if !s.sees(5*time.Second, func(text string) bool { return strings.Contains(text, s.url(path)) }) {
			t.Errorf("%s is not printed:\n%s", s.url(path), indent(s.stdout.String()))
		}
	}
}

// The clock and the film can be read by everybody, over both transports.
func TestAllReadWhatIsBuiltIn(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	for path, m := range map[string]medium{
		"/clock":       {codecs: []string{"h264"}, video: true},
		"/clock?gop=1": {codecs: []string{"h264"}, video: true},
		"/clock.mjpeg": {codecs: []string{"mjpeg"}, video: true},
		"/movie.mjpeg": {codecs: []string{"mjpeg"}, video: true},
		"/demo.mp4":    {codecs: []string{"aac", "h264"}, video: true},
	} {
		t.Run(strings.TrimPrefix(path, "/"), func(t *testing.T) {
			t.Parallel()
			readAll(t, m, s.url(path))
		})
	}
}

// makeMovie has ffmpeg make a motion-JPEG file of 25 frames a second.
func makeMovie(t *testing.T, seconds string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error",
		"-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration="+seconds,
		"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default", "-force_duplicated_matrix", "1", "-q:v", "6",
		"-f", "mjpeg", filepath.Join(folder, "film.mjpeg"))
	return folder
}

// RNG-07, RNG-09, STA-06, STA-12, RTI-05: two readers of one file, each with
// a position of its own, both to the end, where they are told that it is one.
// ffmpeg's -ss makes it PAUSE and PLAY with a Range.
func TestReadersOfAFileAreIndependent(t *testing.T) {
	need(t, "ffmpeg")
	s := serve(t, "--media", makeMovie(t, "6"), "--config", writeFile(t, "paths:\n  film.mjpeg:\n    frame-rate: 25\n"))
	m := medium{codecs: []string{"mjpeg"}, video: true}
	whole := map[string]bool{}
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			all := decoder(t, m, transport, s.url("/film.mjpeg"), 10000)
			late := decoder(t, m, transport, s.url("/film.mjpeg"), 10000, "-ss", "4")
			for _, reader := range []*program{all, late} {
				if !reader.endsWithin(30 * time.Second) {
					t.Fatalf("%s is still running: no end of the film was seen", reader)
				}
				if reader.err != nil {
					t.Errorf("%s %s", reader, reader.verdict())
				}
				silent(t, reader)
			}
			for _, f := range decoded(all.stdout.String()) {
				whole[f.crc] = true
			}
			tail := decoded(late.stdout.String())
			lost := 0 // that many may be, where nothing is sent again and the machine is busy
			if transport == "udp" {
				lost = 25
			}
			if n := len(decoded(all.stdout.String())); n > 150 || n < 150-lost {
				t.Errorf("the whole film has %d frames, want 150", n)
			}
			if n := len(tail); n > 52 || n < 48-lost {
				t.Errorf("from second 4 there are %d frames, want 50", n)
			}
			for _, f := range tail {
				if !whole[f.crc] {
					t.Errorf("the frame at %v is not one of the film", f.at)
				}
			}
		})
	}
}

// SYN-25: nothing outside the media folder can be had, and what is inside is
// found under its relative path.
func TestMediaFolder(t *testing.T) {
	need(t, "ffmpeg")
	folder := makeMovie(t, "1")
	if err := os.Mkdir(filepath.Join(folder, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "film.mjpeg"), filepath.Join(folder, "sub", "film.mjpeg")); err != nil {
		t.Fatal(err)
	}
	outside := makeMovie(t, "1")
	if err := os.Symlink(filepath.Join(outside, "film.mjpeg"), filepath.Join(folder, "link.mjpeg")); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "--media", folder)
	for path, good := range map[string]bool{
		"/sub/film.mjpeg":                 true,
		"/film.mjpeg":                     false,
		"/link.mjpeg":                     false,
		"/sub/../../film.mjpeg":           false,
		"/sub/%2e%2e/%2e%2e/film.mjpeg":   false,
		"/..%2f" + filepath.Base(outside): false,
	} {
		status, _, err := describe(s.url(path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if good != (status == 200) {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	return config(t, text)[1]
}
