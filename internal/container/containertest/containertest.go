// Package containertest helps the tests of the demuxers: it makes files with ffmpeg, asks ffprobe what is in them, and
// checks what must hold for every opened file, whatever is in it. Only tests use it.
package containertest

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
)

// T is what is needed of a testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skip(args ...any)
	TempDir() string
}

// Make returns the path of a file that ffmpeg makes with these arguments, each of which is split at spaces. The test is
// skipped where other programs are not to be run.
func Make(t T, name string, args string) string {
	t.Helper()
	if os.Getenv("BATON_INTEROP") == "" {
		t.Skip("BATON_INTEROP is not set")
	}
	path := filepath.Join(t.TempDir(), name)
	list := append([]string{"-v", "error", "-y"}, strings.Fields(args)...)
	if out, err := exec.Command("ffmpeg", append(list, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", args, err, out)
	}
	return path
}

// A Packet is what ffprobe says of one.
type Packet struct {
	Stream        int
	PTS, Duration float64 // seconds
	Pos           int64   // -1 if not known
	Size          int
	Key           bool
}

// Probe returns the packets of a file by stream, in the order of the file.
func Probe(t T, path string) map[int][]Packet {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-show_packets", "-of", "json", path).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var all struct {
		Packets []struct {
			Stream   int    `json:"stream_index"`
			PTS      string `json:"pts_time"`
			Duration string `json:"duration_time"`
			Size     string `json:"size"`
			Pos      string `json:"pos"`
			Flags    string `json:"flags"`
		} `json:"packets"`
	}
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	m := make(map[int][]Packet)
	for _, p := range all.Packets {
		q := Packet{Stream: p.Stream, Pos: -1, Key: strings.HasPrefix(p.Flags, "K")}
		q.PTS, _ = strconv.ParseFloat(p.PTS, 64)
		q.Duration, _ = strconv.ParseFloat(p.Duration, 64)
		q.Size, _ = strconv.Atoi(p.Size)
		if pos, err := strconv.ParseInt(p.Pos, 10, 64); err == nil {
			q.Pos = pos
		}
		m[p.Stream] = append(m[p.Stream], q)
	}
	return m
}

// Hashes returns the MD5 of the packets of a file by stream, as ffmpeg reads them.
func Hashes(t T, path string) map[int][]string {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-copyts", "-i", path, "-map", "0", "-c", "copy", "-f", "framemd5", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	m := make(map[int][]string)
	for line := range strings.Lines(string(out)) {
		columns := strings.Split(line, ",")
		if stream, err := strconv.Atoi(columns[0]); err == nil && len(columns) >= 6 {
			m[stream] = append(m[stream], strings.TrimSpace(columns[5]))
		}
	}
	return m
}

// Decode returns the sound of a file as ffmpeg decodes it, in a format of its own.
func Decode(t T, path, format string) []byte {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-f", format, "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	return out
}

// Hash returns the MD5 of a sample.
func Hash(t *container.Track, s container.Sample) string {
	b, err := t.Reader.ReadSample(s, nil)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%x", md5.Sum(b))
}

// Scan fills the indexes of a file.
func Scan(f *container.File) error {
	if f.Scan == nil {
		return nil
	}
	return f.Scan(context.Background())
}

// Samples returns all samples of a track.
func Samples(t *container.Track) []container.Sample {
	var all []container.Sample
	c := t.Index.Cursor(0)
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		all = append(all, s)
	}
	return all
}

// Bytes reads all samples of a track.
func Bytes(t *container.Track) ([][]byte, error) {
	var all [][]byte
	for _, s := range Samples(t) {
		b, err := t.Reader.ReadSample(s, nil)
		if err != nil {
			return all, err
		}
		all = append(all, b)
	}
	return all, nil
}

// An Opener opens a file; every demuxer has one.
type Opener func(r io.ReaderAt, size int64, opt container.Options) (*container.File, error)

// Hostile opens a file of any content and checks what must hold whatever that is. It returns nil if the file could not be
// opened.
func Hostile(t T, open Opener, r io.ReaderAt, size int64) *container.File {
	t.Helper()
	f, err := open(r, size, container.Options{})
	if err != nil {
		if !Damage(err) && !errors.Is(err, container.ErrFormat) {
			t.Errorf("open: unexpected error %v", err)
		}
		return nil
	}
	if err := Scan(f); err != nil && !Damage(err) {
		t.Errorf("scan: unexpected error %v", err)
	}
	for _, track := range f.Tracks {
		if err := check(track, size); err != nil {
			t.Errorf("track %d: %v", track.ID, err)
		}
	}
	return f
}

// Seeds returns the files of testdata.
func Seeds(t T) map[string][]byte {
	t.Helper()
	m := make(map[string][]byte)
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join("testdata", e.Name()))
		if err != nil {
			t.Fatalf("%v", err)
		}
		m[e.Name()] = b
	}
	return m
}

// everyByte is up to where seeds are cut off at every byte, which is where headers are; behind that they are cut in
// steps.
const (
	everyByte = 800
	stepBytes = 23
)

// Truncated cuts the seeds off and checks that what is found is the beginning of what is in the whole file.
func Truncated(t T, open Opener) {
	t.Helper()
	for name, b := range Seeds(t) {
		whole := Hostile(t, open, bytes.NewReader(b), int64(len(b)))
		if whole == nil || len(whole.Tracks) == 0 {
			t.Fatalf("%s: not opened", name)
		}
		for cut := 0; cut < len(b); cut++ {
			if cut > everyByte {
				cut = min(cut+stepBytes, len(b)-1)
			}
			// The file is as long as it was when its size was taken, or less.
			for _, size := range []int{cut, len(b)} {
				f := Hostile(t, open, bytes.NewReader(b[:cut]), int64(size))
				if f == nil {
					continue
				}
				if why := beginning(f, whole, int64(cut)); why != "" {
					t.Fatalf("%s cut at %d of %d: %s", name, cut, size, why)
				}
			}
		}
	}
}

// Failing opens the seeds with a reader that fails behind some bytes, and checks that this is what is reported.
func Failing(t T, open Opener) {
	t.Helper()
	broken := errors.New("the disk is broken")
	for name, b := range Seeds(t) {
		for _, good := range []int{0, 13, len(b) / 3, len(b) - 1} {
			f, err := open(&failing{b[:good], broken}, int64(len(b)), container.Options{})
			if err == nil {
				err = Scan(f)
			}
			if !errors.Is(err, broken) && !(err == nil && good == len(b)-1) {
				t.Errorf("%s: after %d bytes of %d: got %v", name, good, len(b), err)
			}
		}
	}
}

// A failing reader has some bytes and then an error.
type failing struct {
	b   []byte
	err error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.b)) {
		return 0, f.err
	}
	n := copy(p, f.b[off:])
	if n < len(p) {
		return n, f.err
	}
	return n, nil
}

// beginning says why the samples of f are not the beginning of those of whole, "" if they are. What lies behind end does
// not count, and of the last sample neither does how long it lasts.
func beginning(f, whole *container.File, end int64) string {
	for _, track := range f.Tracks {
		i := slices.IndexFunc(whole.Tracks, func(t *container.Track) bool { return t.ID == track.ID })
		if i < 0 {
			return fmt.Sprintf("track %d is not in the whole file", track.ID)
		}
		got, want := Samples(track), Samples(whole.Tracks[i])
		for n, s := range got {
			if s.Offset+int64(s.Size) > end {
				break
			}
			if n < len(want) && n == len(got)-1 && cuttable(track.Codec) {
				s.Size = want[n].Size
			}
			if n >= len(want) || s.Offset != want[n].Offset || s.Size != want[n].Size || s.Key != want[n].Key {
				return fmt.Sprintf("track %d sample %d is %+v", track.ID, n, s)
			}
		}
	}
	return ""
}

// cuttable tells whether the last sample may be part of one.
func cuttable(c container.Codec) bool {
	return c == container.PCMU || c == container.PCMA || c == container.L16
}

// Corpus adds the seeds to a fuzz target, and what damage makes of them: bytes are changed, and pieces are repeated and
// left out, always in the same way.
func Corpus(t T, add func([]byte)) {
	t.Helper()
	for _, b := range Seeds(t) {
		add(b)
		random := rand.New(rand.NewPCG(1, uint64(len(b))))
		for range 8 {
			add(Break(b, random))
		}
	}
}

// Break returns a damaged copy of b.
func Break(b []byte, random *rand.Rand) []byte {
	b = bytes.Clone(b)
	for range 1 + random.IntN(8) {
		if len(b) < 2 {
			break
		}
		at := random.IntN(len(b))
		if random.IntN(2) == 0 {
			at = random.IntN(min(len(b), 512)) // headers
		}
		n := random.IntN(min(len(b)-at, 64))
		switch random.IntN(5) {
		case 0:
			b = slices.Delete(b, at, at+n)
		case 1:
			b = slices.Insert(b, at, b[at:at+n]...)
		case 2:
			b[at] = [4]byte{0, 0x7F, 0x80, 0xFF}[random.IntN(4)]
		case 3:
			b[at] ^= 1 << random.IntN(8)
		default:
			for i := range min(n, 8) {
				b[at+i] = 0xFF
			}
		}
	}
	return b
}

// Damage tells whether an error is a *container.DamagedError.
func Damage(err error) bool {
	var damage *container.DamagedError
	return errors.As(err, &damage)
}

func check(t *container.Track, size int64) error {
	switch {
	case t.Index == nil || t.Reader == nil || t.Timescale <= 0 || t.ClockRate <= 0 || t.Codec == "":
		return fmt.Errorf("incomplete: %+v", t)
	case t.Video != t.Codec.Video():
		return fmt.Errorf("%s is video: %v", t.Codec, t.Video)
	case !t.Index.Complete():
		return errors.New("index not complete")
	}
	var last int64
	for i, s := range Samples(t) {
		if s.Size <= 0 || s.Offset < 0 || s.Offset+int64(s.Size) > size || s.Duration < 0 {
			return fmt.Errorf("sample %d is impossible: %+v of %d bytes", i, s, size)
		}
		if i > 0 && s.DTS < last {
			return fmt.Errorf("sample %d is decoded at %d, after %d", i, s.DTS, last)
		}
		last = s.DTS
		if _, err := t.Reader.ReadSample(s, nil); err != nil && !Damage(err) {
			return fmt.Errorf("sample %d: %w", i, err)
		}
	}
	return nil
}

// Open opens and scans a file of the disk; it is closed with done.
func Open(t T, open Opener, path string) (f *container.File, done func() error) {
	t.Helper()
	r, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	info, err := r.Stat()
	if err == nil {
		if f, err = open(r, info.Size(), container.Options{}); err == nil {
			err = Scan(f)
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f, r.Close
}

// Golden compares the tracks of a file with what ffprobe and ffmpeg say: size, time to within slack seconds from the
// beginning, and key flag of each packet, and its bytes. begin is when ffprobe lets the presentation begin.
func Golden(t T, f *container.File, path string, begin, slack float64) {
	t.Helper()
	packets, hashes := Probe(t, path), Hashes(t, path)
	for i, track := range f.Tracks {
		got, want := Samples(track), packets[i]
		if len(got) != len(want) || len(got) != len(hashes[i]) {
			t.Fatalf("track %d: %d samples, want %d", i, len(got), len(want))
		}
		for n, s := range got {
			pts := float64(s.PTS) / float64(track.Timescale)
			if s.Key != want[n].Key || math.Abs(pts-want[n].PTS+begin) > slack || s.PTS < s.DTS {
				t.Fatalf("track %d sample %d: %+v at %f, want %+v", i, n, s, pts, want[n])
			}
			if h := Hash(track, s); h != hashes[i][n] {
				t.Fatalf("track %d sample %d: %+v is %s, want %s", i, n, s, h, hashes[i][n])
			}
		}
	}
}
