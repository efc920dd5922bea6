package avi_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/avi"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// What the index says of each picture is what ffprobe says, and the sound is what ffmpeg decodes.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const (
		picture = "-f lavfi -i testsrc2=s=64x48:r=30000/1001:d=4 -c:v mjpeg "
		tone    = "-f lavfi -i sine=d=4:r=44100 "
	)
	for name, args := range map[string]string{
		"silent.avi": picture,
		"sound.avi":  tone + picture + "-c:a pcm_s16le -map 1 -map 0",
		"mulaw.avi":  tone + picture + "-c:a pcm_mulaw -ar 8000 -map 1 -map 0",
		"mpeg4.avi":  "-f lavfi -i testsrc2=s=64x48:d=4 -f lavfi -i testsrc2=s=64x48:d=4 -map 0 -map 1 -c:v:0 mjpeg -c:v:1 mpeg4",
	} {
		t.Run(name, func(t *testing.T) {
			path := containertest.Make(t, name, args)
			f, done := containertest.Open(t, avi.Open, path)
			defer done()
			packets, hashes := containertest.Probe(t, path)[0], containertest.Hashes(t, path)[0]
			track := f.Tracks[0]
			got := containertest.Samples(track)
			if len(got) != len(packets) || len(got) != len(hashes) || track.Codec != container.MJPEG {
				t.Fatalf("%d samples of %s, want %d", len(got), track.Codec, len(packets))
			}
			for i, s := range got {
				pts := float64(s.PTS) / float64(track.Timescale)
				if math.Abs(pts-packets[i].PTS) > 0.0001 || containertest.Hash(track, s) != hashes[i] {
					t.Fatalf("sample %d: %+v at %f, want %+v", i, s, pts, packets[i])
				}
			}
			for _, track := range f.Tracks[1:] {
				blocks, err := containertest.Bytes(track)
				format := map[container.Codec]string{container.L16: "s16be", container.PCMU: "mulaw"}[track.Codec]
				if err != nil || !bytes.Equal(bytes.Join(blocks, nil), containertest.Decode(t, path, format)) {
					t.Errorf("sound differs, %v", err)
				}
			}
		})
	}
}
