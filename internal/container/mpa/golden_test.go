package mpa_test

import (
	"testing"

	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mpa"
)

// What the index says of each packet is what ffprobe says.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const tone = "-f lavfi -i sine=d=6:r=44100 "
	for name, args := range map[string]string{
		"cbr.mp3":   tone + "-c:a libmp3lame -b:a 64k",
		"vbr.mp3":   tone + "-c:a libmp3lame -q:a 5 -ac 2 -metadata title=tone -id3v2_version 4 -write_id3v1 1",
		"plain.mp3": tone + "-c:a libmp3lame -write_xing 0 -id3v2_version 0",
		"low.mp3":   tone + "-c:a libmp3lame -ar 16000",
		"two.mp2":   tone + "-c:a mp2 -b:a 96k",
	} {
		t.Run(name, func(t *testing.T) {
			path := containertest.Make(t, name, args)
			f, done := containertest.Open(t, mpa.Open, path)
			defer done()
			begin := containertest.Probe(t, path)[0][0].PTS // an encoder's delay
			containertest.Golden(t, f, path, begin, 0.0001)
			if d := f.Duration() - f.Declared; d < -50e6 || d > 50e6 {
				t.Errorf("%v long, declared as %v", f.Duration(), f.Declared)
			}
		})
	}
}
