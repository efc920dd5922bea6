package wav_test

import (
	"bytes"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/wav"
)

// The bytes of all blocks together are what ffmpeg decodes, in the order of the network.
func TestSamplesAreThoseOfFFmpeg(t *testing.T) {
	const tone = "-f lavfi -i sine=d=2:r=44100 "
	for _, c := range []struct {
		args   string
		codec  container.Codec
		format string
		block  int // bytes
	}{
		{tone + "-c:a pcm_s16le", container.L16, "s16be", 882 * 2},
		{tone + "-c:a pcm_s16le -ac 2 -ar 48000", container.L16, "s16be", 960 * 4},
		{tone + "-c:a pcm_u8", container.L16, "s16be", 882 * 2},
		{tone + "-c:a pcm_mulaw -ar 8000", container.PCMU, "mulaw", 160},
		{tone + "-c:a pcm_alaw -ar 8000", container.PCMA, "alaw", 160},
		{tone + "-c:a pcm_s16le -rf64 always", container.L16, "s16be", 882 * 2},
		{tone + "-c:a pcm_s16le -ac 6", container.L16, "s16be", 882 * 12},
		{tone + "-c:a pcm_s24le", container.L16, "", 882 * 2},
	} {
		path := containertest.Make(t, "a.wav", c.args)
		f, done := containertest.Open(t, wav.Open, path)
		defer done()
		if len(f.Tracks) != 1 || f.Tracks[0].Codec != c.codec {
			t.Fatalf("%s: %+v", c.args, f)
		}
		blocks, err := containertest.Bytes(f.Tracks[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(blocks[0]) != c.block {
			t.Errorf("%s: blocks of %d bytes, want %d", c.args, len(blocks[0]), c.block)
		}
		if c.format != "" && !bytes.Equal(bytes.Join(blocks, nil), containertest.Decode(t, path, c.format)) {
			t.Errorf("%s: samples differ", c.args)
		}
		if f.Duration() != f.Declared || f.Duration() != 2e9 {
			t.Errorf("%s: %v, declared as %v", c.args, f.Duration(), f.Declared)
		}
	}
}
