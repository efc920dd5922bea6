package adts_test

import (
	"testing"

	"github.com/baton-rtsp/baton/internal/container/adts"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// What the index says of each packet is what ffprobe says, and the packets are those of the file without headers.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const tone = "-f lavfi -i sine=d=6:r=44100 -c:a aac "
	for _, c := range []struct {
		name, args string
		config     string // LC, index of the rate, channels
	}{
		{"mono.aac", tone, "\x12\x08"},
		{"stereo.aac", tone + "-ac 2 -b:a 96k", "\x12\x10"},
		{"low.aac", tone + "-ar 16000", "\x14\x08"},
		{"tag.aac", tone + "-write_id3v2 1 -metadata title=tone", "\x12\x08"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := containertest.Make(t, c.name, c.args)
			f, done := containertest.Open(t, adts.Open, path)
			defer done()
			got, want := containertest.Samples(f.Tracks[0]), containertest.Probe(t, path)[0]
			if len(got) != len(want) {
				t.Fatalf("%d samples, want %d", len(got), len(want))
			}
			for i, s := range got {
				if s.Size != want[i].Size-7 || s.Offset != want[i].Pos+7 || s.Duration != 1024 || s.PTS != int64(i)*1024 {
					t.Fatalf("sample %d: %+v, want %+v", i, s, want[i])
				}
			}
			if len(f.Tracks[0].Config) != 1 || string(f.Tracks[0].Config[0]) != c.config {
				t.Errorf("config % x", f.Tracks[0].Config)
			}
		})
	}
}
