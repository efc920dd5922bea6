package annexb_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// What the index says of each access unit is what ffprobe says of the stream, and its times are those that the same
// pictures have in MP4.
func TestIndexIsThatOfFFprobe(t *testing.T) {
	const picture = "-f lavfi -i testsrc2=d=6:s=320x180:r=25 -pix_fmt yuv420p "
	for name, args := range map[string]string{
		"frames.h264":   picture + "-c:v libx264 -preset ultrafast -g 50",
		"reorder.h264":  picture + "-c:v libx264 -bf 3 -b_strategy 0 -g 25",
		"pyramid.h264":  picture + "-c:v libx264 -bf 7 -b_strategy 0 -x264-params b-pyramid=normal:keyint=40:aud=1",
		"open.h264":     picture + "-c:v libx264 -x264-params open-gop=1:keyint=20:bframes=3:b-adapt=0",
		"intra.h264":    picture + "-c:v libx264 -x264-params intra-refresh=1:keyint=30",
		"slices.h264":   picture + "-c:v libx264 -x264-params slices=4:repeat-headers=1",
		"ntsc.h264":     "-f lavfi -i testsrc2=d=4:s=320x180:r=30000/1001 -pix_fmt yuv420p -c:v libx264",
		"mbaff.h264":    picture + "-c:v libx264 -flags +ildct+ilme",
		"frames.h265":   picture + "-c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=0",
		"reorder.h265":  picture + "-c:v libx265 -x265-params log-level=error:bframes=4:b-adapt=0:keyint=30",
		"closed.h265":   picture + "-c:v libx265 -x265-params log-level=error:bframes=3:open-gop=0:keyint=20:aud=1",
		"radl.h265":     picture + "-c:v libx265 -x265-params log-level=error:bframes=4:b-adapt=0:radl=2:open-gop=0:keyint=20",
		"temporal.h265": picture + "-c:v libx265 -x265-params log-level=error:temporal-layers=3:bframes=3:slices=2:repeat-headers=1",
	} {
		t.Run(name, func(t *testing.T) {
			movie := containertest.Make(t, "movie.mp4", args)
			path := filepath.Join(t.TempDir(), name)
			if out, err := exec.Command("ffmpeg", "-v", "error", "-i", movie, "-c", "copy", path).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			f, done := containertest.Open(t, annexb.Open, path)
			defer done()
			track := f.Tracks[0]
			units, times := containertest.Probe(t, path)[0], containertest.Probe(t, movie)[0]
			got := containertest.Samples(track)
			if len(got) != len(units) || len(got) != len(times) {
				t.Fatalf("%d samples, want %d, %d", len(got), len(units), len(times))
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range got {
				pts := float64(s.PTS) / float64(track.Timescale)
				// For ffprobe the first zero of a start code of H.265 belongs to what is before it.
				zero := units[i].Pos - s.Offset
				size := int64(units[i].Size) + zero - int64(s.Size)
				if zero < 0 || zero > 1 || size < 0 || size > 1 || zero+size > 0 && track.Codec == container.H264 || s.Key != units[i].Key || math.Abs(pts-times[i].PTS) > 0.0001 || s.DTS > s.PTS {
					t.Fatalf("sample %d: %+v at %f, want %+v at %f", i, s, pts, units[i], times[i].PTS)
				}
				checkUnits(t, track, s, raw[s.Offset:][:s.Size])
			}
			if track.Width != 320 || track.Height != 180 || got[0].PTS != 0 {
				t.Errorf("%d by %d, from %d", track.Width, track.Height, got[0].PTS)
			}
		})
	}
}

// checkUnits compares the NAL units of a sample with those between the start codes.
func checkUnits(t *testing.T, track *container.Track, s container.Sample, raw []byte) {
	t.Helper()
	b, err := track.Reader.ReadSample(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got, want [][]byte
	for len(b) >= 4 {
		n := binary.BigEndian.Uint32(b)
		got, b = append(got, b[4:4+n]), b[4+n:]
	}
	for nal := range bytes.SplitSeq(raw, []byte{0, 0, 1}) {
		if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 {
			want = append(want, nal)
		}
	}
	if len(b) > 0 || !bytes.Equal(bytes.Join(got, []byte{0, 0, 1}), bytes.Join(want, []byte{0, 0, 1})) {
		t.Fatalf("sample at %d: %d units, want %d; %d bytes behind them", s.Offset, len(got), len(want), len(b))
	}
}
