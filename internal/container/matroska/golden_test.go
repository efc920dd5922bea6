package matroska_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/matroska"
)

// What the index says of each packet is what ffprobe says.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const (
		picture = "-f lavfi -i testsrc2=s=64x48:r=25:d=6 "
		film    = "-f lavfi -i testsrc2=s=64x48:r=24000/1001:d=12 "
		tone    = "-f lavfi -i sine=d=6:r=48000 "
	)
	for _, c := range []struct {
		name, args string
		codecs     []container.Codec
		begin      float64 // seconds
	}{
		{"h264-opus.mkv", picture + tone + "-c:v libx264 -g 25 -c:a libopus", []container.Codec{container.H264, container.Opus}, 0},
		{"film-aac.mkv", film + tone + "-c:v libx264 -bf 3 -g 48 -c:a aac", []container.Codec{container.H264, container.AAC}, 0},
		{"h265-mp3.mkv", picture + tone + "-c:v libx265 -x265-params log-level=error -c:a libmp3lame -ar 44100", []container.Codec{container.H265, container.MP3}, 0},
		{"vp8.webm", picture + tone + "-c:v libvpx -c:a libopus", []container.Codec{container.VP8, container.Opus}, 0},
		{"vp9.webm", picture + "-c:v libvpx-vp9 -auto-alt-ref 1 -lag-in-frames 16 -b:v 30k", []container.Codec{container.VP9}, 0},
		{"av1.webm", picture + "-vf scale=64:64 -c:v libsvtav1 -preset 12", []container.Codec{container.AV1}, 0},
		{"mjpeg-ac3.mkv", picture + tone + "-c:v mjpeg -c:a ac3", []container.Codec{container.MJPEG, container.AC3}, 0},
		{"mpeg4.mkv", picture + "-c:v mpeg4 -bf 2", []container.Codec{container.MPEG4}, 0},
		{"live.mkv", picture + tone + "-c:v libx264 -c:a libopus -live 1", []container.Codec{container.H264, container.Opus}, 0},
		{"late.mkv", "-itsoffset 5 " + picture + "-itsoffset 5.5 " + tone + "-c:v libx264 -c:a aac -copyts", []container.Codec{container.H264, container.AAC}, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := containertest.Make(t, c.name, c.args)
			f, done := containertest.Open(t, matroska.Open, path)
			defer done()
			var codecs []container.Codec
			for _, track := range f.Tracks {
				codecs = append(codecs, track.Codec)
			}
			if !slices.Equal(codecs, c.codecs) {
				t.Fatalf("tracks are %v, skipped %q", codecs, f.Skipped)
			}
			// Times are in milliseconds, and those of sound are counted: rounded twice they may differ by two.
			containertest.Golden(t, f, path, c.begin, 0.0021)
		})
	}
}

// Uncompressed audio is what it was, in blocks of 20 ms.
func TestPCMIsCutAndInNetworkOrder(t *testing.T) {
	const tone = "-f lavfi -i sine=d=1:r=44100 -c:a "
	for _, codec := range []string{"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_u8"} {
		path := containertest.Make(t, "pcm.mkv", tone+codec)
		f, done := containertest.Open(t, matroska.Open, path)
		defer done()
		if len(f.Tracks) != 1 || f.Tracks[0].Codec != container.L16 || f.Tracks[0].Index.Duration() != 44100 {
			t.Fatalf("%s: %+v", codec, f)
		}
		blocks, err := containertest.Bytes(f.Tracks[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			if len(b) > 882*2 {
				t.Fatalf("%s: block of %d bytes", codec, len(b))
			}
		}
		want := containertest.Decode(t, path, "s16be")
		if got := bytes.Join(blocks, nil); codec != "pcm_s24le" && !bytes.Equal(got, want) || len(got) != len(want) {
			t.Errorf("%s: %d bytes differ from %d", codec, len(got), len(want))
		}
	}
}
