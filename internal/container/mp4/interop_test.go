package mp4

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// What ffmpeg writes in many ways, compared with what ffprobe and ffmpeg read.
func TestFFmpegReadsTheSame(t *testing.T) {
	const (
		picture = "-f lavfi -i testsrc=s=160x120:r=25 "
		sound   = "-f lavfi -i sine=r=48000 "
		film    = picture + sound + "-t 20 -c:v libx264 -preset ultrafast -bf 2 -g 50 -c:a aac "
	)
	for _, test := range []struct {
		name, args string
	}{
		{"film.mp4", film},
		{"film.mov", film},
		{"faststart.mp4", film + "-movflags faststart"},
		{"negative.mp4", film + "-movflags negative_cts_offsets"},
		{"fragments.mp4", film + "-movflags frag_keyframe+empty_moov+default_base_moof"},
		{"every.mp4", film + "-movflags frag_every_frame+empty_moov+default_base_moof"},
		{"old.mp4", film + "-movflags frag_keyframe"},
		{"separate.mp4", film + "-movflags frag_keyframe+empty_moov+separate_moof"},
		{"omit.mp4", film + "-movflags frag_keyframe+empty_moov+omit_tfhd_offset"},
		{"dash.mp4", film + "-movflags dash+frag_keyframe+global_sidx"},
		{"hevc.mp4", picture + "-t 5 -c:v libx265 -preset ultrafast -x265-params log-level=error"},
		{"av1.mp4", picture + "-t 3 -c:v libaom-av1 -cpu-used 8"},
		{"vp9.mp4", picture + sound + "-t 5 -c:v libvpx-vp9 -deadline realtime -c:a libopus"},
		{"mpeg4.mov", picture + "-t 5 -c:v mpeg4 -bf 2"},
		{"mp3.mov", sound + "-t 5 -c:a libmp3lame"},
		{"mp3.mp4", sound + "-t 5 -c:a libmp3lame"},
		{"ac3.mp4", sound + "-t 5 -c:a ac3"},
		{"jpeg.mov", picture + "-t 5 -c:v mjpeg"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := containertest.Make(t, test.name, test.args)
			f, done := containertest.Open(t, Open, path)
			defer done()
			for i := range f.Tracks {
				if f.Tracks[i].ID != i+1 {
					t.Fatalf("track %d has number %d", i, f.Tracks[i].ID)
				}
			}
			compare(t, f, path)
		})
	}
}

// compare is containertest.Golden with offsets, and without slack.
func compare(t *testing.T, f *container.File, path string) {
	t.Helper()
	packets, hashes := containertest.Probe(t, path), containertest.Hashes(t, path)
	for i, track := range f.Tracks {
		got, want := containertest.Samples(track), packets[i]
		if len(got) != len(want) || len(got) != len(hashes[i]) {
			t.Fatalf("track %d: %d samples, want %d of %d bytes", i, len(got), len(want), len(hashes[i]))
		}
		for n, s := range got {
			pts := float64(s.PTS) / float64(track.Timescale)
			if w := want[n]; s.Key != w.Key || s.Offset != w.Pos || s.Size != w.Size || pts-w.PTS > 1e-6 || w.PTS-pts > 1e-6 {
				t.Fatalf("track %d sample %d: %+v at %f, want %+v", i, n, s, pts, w)
			}
			if h := containertest.Hash(track, s); h != hashes[i][n] {
				t.Fatalf("track %d sample %d: %+v is %s, want %s", i, n, s, h, hashes[i][n])
			}
		}
	}
}

func TestSoundIsWhatFFmpegDecodes(t *testing.T) {
	for _, test := range []struct {
		name, codec, format string
	}{
		{"sowt.mov", "pcm_s16le", "s16be"}, {"twos.mov", "pcm_s16be", "s16be"}, {"in24.mov", "pcm_s24be", ""},
		{"ulaw.mov", "pcm_mulaw", "mulaw"}, {"alaw.mov", "pcm_alaw", "alaw"}, {"raw.mov", "pcm_u8", "s16be"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := containertest.Make(t, test.name, "-f lavfi -i sine=r=16000 -f lavfi -i testsrc=s=64x48 -t 3 -c:v libx264 -c:a "+test.codec)
			f, done := containertest.Open(t, Open, path)
			defer done()
			var got []byte
			for _, track := range f.Tracks {
				if track.Video {
					continue
				}
				blocks, err := containertest.Bytes(track)
				if err != nil {
					t.Fatal(err)
				}
				for i, b := range blocks {
					if len(b) > 2*16000/50 {
						t.Errorf("block %d has %d bytes", i, len(b))
					}
					got = append(got, b...)
				}
			}
			if test.format == "" { // 24 bits are cut, not rounded
				if len(got) != 3*2*16000 {
					t.Errorf("%d bytes", len(got))
				}
				return
			}
			if want := containertest.Decode(t, path, test.format); string(got) != string(want) {
				t.Errorf("%d bytes, want %d or others", len(got), len(want))
			}
		})
	}
}

// A file is read while ffmpeg writes it in real time.
func TestFileThatFFmpegIsWriting(t *testing.T) {
	path := containertest.Make(t, "none.mp4", "-f lavfi -i testsrc=s=64x48 -t 0.1 -c:v libx264") // or skips
	path += ".growing.mp4"
	writer := exec.Command("ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=s=160x120:r=25", "-t", "3",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-movflags", "frag_keyframe+empty_moov+default_base_moof",
		"-flush_packets", "1", path)
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- writer.Wait() }() // ends when ffmpeg does, which writes 3 s

	r := waitForHeader(t, path)
	defer r.Close()
	f, err := Open(r, sizeOf(t, r), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	grew := 0
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		case <-tick.C:
		}
		more, err := f.Refresh(sizeOf(t, r))
		if err != nil {
			t.Fatal(err)
		}
		if more {
			grew++
		}
		if n := f.Tracks[0].Index.Len(); n > 0 {
			s, _ := f.Tracks[0].Index.At(n - 1)
			if _, err := f.Tracks[0].Reader.ReadSample(s, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if grew < 2 {
		t.Errorf("grew %d times", grew)
	}
	compare(t, f, path)
}

// waitForHeader opens a file as soon as its movie header is there.
func waitForHeader(t *testing.T, path string) *os.File {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		<-tick.C
		r, err := os.Open(path)
		if err != nil {
			continue
		}
		if _, err = Open(r, sizeOf(t, r), container.Options{}); err == nil {
			return r
		}
		if !isDamage(err) && sizeOf(t, r) > 8 {
			t.Fatal(err)
		}
		r.Close()
	}
	t.Fatal("no header")
	return nil
}

func sizeOf(t *testing.T, r io.Seeker) int64 {
	t.Helper()
	n, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
