package ogg_test

import (
	"testing"

	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/ogg"
)

// What the index says of each packet is what ffprobe says, also of packets that lie on several pages.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const tone = "-f lavfi -i sine=d=20:r=48000 "
	for name, args := range map[string]string{
		"mono.ogg":  tone + "-c:a libopus -b:a 24k",
		"noise.ogg": "-f lavfi -i anoisesrc=d=6:r=48000 -ac 2 -c:a libopus -b:a 510k -vbr off -frame_duration 60 -page_duration 1000",
		"short.ogg": tone + "-c:a libopus -frame_duration 2.5",
		"film.ogg":  "-f lavfi -i testsrc2=s=64x48:r=25:d=6 -f lavfi -i sine=d=6:r=48000 -map 1 -map 0 -c:a libopus -c:v libtheora",
	} {
		t.Run(name, func(t *testing.T) {
			path := containertest.Make(t, name, args)
			f, done := containertest.Open(t, ogg.Open, path)
			defer done()
			if len(f.Tracks) != 1 {
				t.Fatalf("%+v", f)
			}
			containertest.Golden(t, f, path, 0, 0.0001)
			if f.Declared > 0 && (f.Duration()-f.Declared > 60e6 || f.Declared > f.Duration()) {
				t.Errorf("%v long, declared as %v", f.Duration(), f.Declared)
			}
		})
	}
}
