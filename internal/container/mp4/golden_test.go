package mp4

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// The files in testdata are made with ffmpeg by testdata/make; beside each is what ffprobe says of its packets:
//
//	ffprobe -show_packets -show_entries packet=stream_index,pts,dts,duration,size,pos,flags -of compact=p=0

// media lists the files.
func media(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.mp4", "*.mov"} {
		found, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		names = append(names, found...)
	}
	return names
}

func contents(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*container.File, error) {
	return Open(bytes.NewReader(b), int64(len(b)), container.Options{})
}

func mustOpen(t testing.TB, b []byte) *container.File {
	t.Helper()
	f, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// golden reads what ffprobe says, by stream.
func golden(t *testing.T, name string) map[int][]container.Sample {
	t.Helper()
	packets := make(map[int][]container.Sample)
	for line := range strings.Lines(string(contents(t, name+".packets"))) {
		number := func(field string) int64 {
			_, after, _ := strings.Cut("|"+line, "|"+field+"=")
			value, _, _ := strings.Cut(strings.TrimSpace(after), "|")
			n, err := strconv.ParseInt(value, 10, 64)
			if value == "N/A" {
				return -1
			}
			if err != nil {
				t.Fatalf("%s: %s in %q: %v", name, field, line, err)
			}
			return n
		}
		stream := int(number("stream_index"))
		packets[stream] = append(packets[stream], container.Sample{
			Offset: number("pos"), Size: int(number("size")), PTS: number("pts"), DTS: number("dts"),
			Duration: int(number("duration")), Key: strings.Contains(line, "flags=K"),
		})
	}
	return packets
}

func TestIndexIsWhatFFprobeSays(t *testing.T) {
	for _, name := range media(t) {
		f := mustOpen(t, contents(t, name))
		packets := golden(t, name)
		if len(f.Tracks)+len(f.Skipped) != len(packets) {
			t.Errorf("%s: %d tracks, %q skipped, want %d", name, len(f.Tracks), f.Skipped, len(packets))
		}
		for _, track := range f.Tracks {
			got, want := containertest.Samples(track), packets[track.ID-1]
			if !track.Index.Complete() || track.Index.Err() != nil {
				t.Errorf("%s track %d: complete %v, %v", name, track.ID, track.Index.Complete(), track.Index.Err())
			}
			switch track.Codec {
			case container.L16, container.PCMU, container.PCMA:
				got, want = spans(got), spans(want) // grouped otherwise
			}
			if len(want) == len(got) && strings.Contains(name, "fragments") && !track.Video {
				for i := range want { // ffprobe takes how long an audio frame is from the codec
					want[i].Duration = got[i].Duration
				}
			}
			if strings.Contains(name, "trim") && track.Video {
				// An edit that begins within a picture. ffprobe lets the presentation begin with the next one.
				for i := range want {
					want[i].PTS += 256
					want[i].DTS += 256
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s track %d: -want +got\n%s", name, track.ID, diff)
			}
		}
	}
}

// spans joins what follows upon each other.
func spans(samples []container.Sample) []container.Sample {
	var joined []container.Sample
	for _, s := range samples {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			if last.Offset+int64(last.Size) == s.Offset && last.PTS+int64(last.Duration) == s.PTS {
				last.Size += s.Size
				last.Duration += s.Duration
				continue
			}
		}
		joined = append(joined, s)
	}
	return joined
}

func TestTracksAreDescribed(t *testing.T) {
	for name, want := range map[string]string{
		"aac.mov":       "1 mpeg4-generic 1/48000 48000 1ch 48000Hz [11]",
		"alaw.mov":      "1 H264 1/12800 90000 64x48 NAL 4 [67 68]; 2 PCMA 1/8000 8000 1ch 8000Hz",
		"av1.mp4":       "1 AV1 1/12800 90000 64x48 [0a]",
		"bframes.mp4":   "1 H264 1/12800 90000 64x48 NAL 4 [67 68]; 2 mpeg4-generic 1/48000 48000 1ch 48000Hz [11]",
		"fragments.mp4": "1 H264 1/12800 90000 64x48 NAL 4 [67 68]; 2 mpeg4-generic 1/48000 48000 1ch 48000Hz [11]",
		"hevc.mp4":      "1 H265 1/12800 90000 64x48 NAL 4 [40 42 44]",
		"hev1.mp4":      "1 H265 1/12800 90000 64x48 NAL 4 [40 42 44]",
		"in24.mov":      "1 L16 1/16000 16000 1ch 16000Hz",
		"lpcm.mov":      "1 L16 1/96000 96000 1ch 96000Hz",
		"mjpeg.mov":     "1 JPEG 1/12800 90000 64x48; 2 L16 1/8000 8000 1ch 8000Hz",
		"mjpeg.mp4":     "1 JPEG 1/12800 90000 64x48; 2 ac3 1/48000 48000 1ch 48000Hz",
		"mpeg4.mp4":     "1 MP4V-ES 1/12800 90000 64x48 [00]; 2 MPA 1/48000 90000 2ch 48000Hz",
		"prores.mov":    "2 mpeg4-generic 1/48000 48000 1ch 48000Hz [11] skipped track 1: codec \"ap4h\"",
		"twos.mov":      "1 L16 1/16000 16000 1ch 16000Hz",
		"ulaw.mov":      "1 PCMU 1/8000 8000 1ch 8000Hz",
		"vp9.mp4":       "1 VP9 1/12800 90000 64x48; 2 opus 1/48000 48000 1ch 48000Hz",
	} {
		if got := describe(mustOpen(t, contents(t, filepath.Join("testdata", name)))); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func describe(f *container.File) string {
	var all []string
	for _, t := range f.Tracks {
		s := fmt.Sprintf("%d %s 1/%d %d", t.ID, t.Codec, t.Timescale, t.ClockRate)
		if t.Video {
			s += fmt.Sprintf(" %dx%d", t.Width, t.Height)
		} else {
			s += fmt.Sprintf(" %dch %dHz", t.Channels, t.SampleRate)
		}
		if t.NALLength > 0 {
			s += fmt.Sprintf(" NAL %d", t.NALLength)
		}
		if t.Config != nil {
			var first []string
			for _, c := range t.Config {
				first = append(first, fmt.Sprintf("%02x", c[0]))
			}
			s += fmt.Sprint(" ", first)
		}
		all = append(all, s)
	}
	s := strings.Join(all, "; ")
	for _, skipped := range f.Skipped {
		s += " skipped " + skipped
	}
	return s
}
