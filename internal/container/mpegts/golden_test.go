package mpegts_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mpegts"
)

// What the indexes say of each packet is what ffprobe says, and its bytes are those of the elementary stream.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const (
		picture = "-f lavfi -i testsrc2=d=6:s=320x180:r=25 -pix_fmt yuv420p "
		tone    = "-f lavfi -i sine=d=6:r=48000 -ac 2 "
		both    = "-f lavfi -i testsrc2=d=6:s=320x180:r=25 -f lavfi -i sine=d=6:r=48000 -pix_fmt yuv420p -ac 2 "
		x265    = "-c:v libx265 -preset ultrafast -x265-params log-level=error"
	)
	for name, args := range map[string]string{
		"h264.ts":         both + "-c:v libx264 -preset veryfast -bf 3 -g 25 -c:a aac",
		"open.ts":         picture + "-c:v libx264 -x264-params open-gop=1:keyint=20:bframes=3:slices=3",
		"h265.ts":         both + x265 + ":bframes=3:keyint=30 -c:a ac3",
		"mp3.ts":          both + "-c:v libx264 -preset ultrafast -c:a libmp3lame -ar 44100",
		"mp2.ts":          tone + "-c:a mp2",
		"low.ts":          tone + "-c:a libmp3lame -ar 16000 -ac 1",
		"aac.ts":          tone + "-c:a aac -ar 44100 -ac 1",
		"opus.ts":         both + "-c:v libx264 -preset ultrafast -c:a libopus",
		"opus-60.ts":      tone + "-c:a libopus -frame_duration 60 -b:a 256k -vbr off",
		"ac3.ts":          tone + "-c:a ac3 -ar 44100 -b:a 160k",
		"movie.m2ts":      both + "-c:v libx264 -preset ultrafast -c:a ac3 -mpegts_m2ts_mode 1",
		"wrap.ts":         both + "-c:v libx264 -preset ultrafast -c:a aac -output_ts_offset 95440",
		"one-each.ts":     tone + "-c:a aac -pes_payload_size 0",
		"together.ts":     both + "-c:v libx264 -preset ultrafast -c:a aac -pes_payload_size 16000 -muxdelay 0",
		"high-bitrate.ts": "-f lavfi -i testsrc2=d=1:s=1280x720:r=25 -vf noise=alls=80:allf=t -pix_fmt yuv420p -c:v libx264 -preset ultrafast -qp 10",
	} {
		t.Run(name, func(t *testing.T) {
			path := containertest.Make(t, name, args)
			f, done := containertest.Open(t, mpegts.Open, path)
			defer done()
			packets := containertest.Probe(t, path)
			if len(f.Tracks) != len(packets) || len(f.Skipped) > 0 {
				t.Fatalf("%d tracks, want %d; without %q", len(f.Tracks), len(packets), f.Skipped)
			}
			begin := math.Inf(1)
			for _, list := range packets {
				begin = min(begin, list[0].PTS)
			}
			for i, track := range f.Tracks {
				checkTrack(t, track, packets[i], begin)
				checkBytes(t, track, i, path)
			}
		})
	}
}

func checkTrack(t *testing.T, track *container.Track, want []containertest.Packet, begin float64) {
	t.Helper()
	got := containertest.Samples(track)
	if len(got) != len(want) {
		t.Fatalf("%s: %d samples, want %d", track.Codec, len(got), len(want))
	}
	const wrap = 1 << 33 / 90000.0
	for i, s := range got {
		pts, expected := float64(s.PTS)/float64(track.Timescale), want[i].PTS-begin
		if expected < -10 {
			expected += wrap
		}
		if s.Key != want[i].Key || math.Abs(pts-expected) > 0.0005 || s.DTS > s.PTS {
			t.Fatalf("%s, sample %d: %+v at %f, want %+v at %f", track.Codec, i, s, pts, want[i], expected)
		}
	}
}

// checkBytes compares the samples of a track with the stream that ffmpeg takes out of the file.
func checkBytes(t *testing.T, track *container.Track, stream int, path string) {
	t.Helper()
	format := map[container.Codec]string{container.H264: "h264", container.H265: "hevc"}[track.Codec]
	if format == "" {
		format = "data"
	}
	raw := filepath.Join(t.TempDir(), "raw")
	args := []string{"-v", "error", "-y", "-i", path, "-map", "0:" + strconv.Itoa(stream), "-c", "copy", "-f", format, raw}
	if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	samples, err := containertest.Bytes(track)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range samples {
		switch {
		case track.Video:
			want = checkUnits(t, i, s, want)
			continue
		case track.Codec == container.AAC:
			want = want[min(7, len(want)):]
		}
		if !bytes.HasPrefix(want, s) {
			t.Fatalf("%s: sample %d of %d bytes is another", track.Codec, i, len(s))
		}
		want = want[len(s):]
	}
	if len(bytes.Trim(want, "\x00")) > 0 {
		t.Errorf("%s: %d bytes more", track.Codec, len(want))
	}
}

// checkUnits compares the NAL units of a sample with those that a byte stream begins with, and returns the rest of that.
func checkUnits(t *testing.T, number int, sample, raw []byte) []byte {
	t.Helper()
	for len(sample) >= 4 {
		n := binary.BigEndian.Uint32(sample)
		nal := sample[4 : 4+n]
		sample = sample[4+n:]
		raw = bytes.TrimLeft(raw, "\x00")
		if len(raw) == 0 || raw[0] != 1 || !bytes.HasPrefix(raw[1:], nal) {
			t.Fatalf("sample %d: a unit of %d bytes is another", number, n)
		}
		raw = raw[1+n:]
	}
	if len(sample) > 0 {
		t.Fatalf("sample %d: %d bytes more", number, len(sample))
	}
	return raw
}
