package mjpeg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
)

// Pieces of images, as small as they can be.
const (
	soi = "\xFF\xD8"
	eoi = "\xFF\xD9"
	sof = "\xFF\xC0\x00\x11\x08\x00\x08\x00\x08\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	sos = "\xFF\xDA\x00\x0C\x03\x01\x00\x02\x11\x03\x11\x00\x3F\x00"
	one = soi + sof + sos + "data" + eoi
)

// photo is a real image of about the wanted kind.
func photo(size, quality int) string {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		img.Set(i%size, i/size, color.RGBA{uint8(i * 7), uint8(i * i >> 4), uint8(i >> 8), 255})
	}
	var b strings.Builder
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.String()
}

func framed(images ...string) string {
	var b strings.Builder
	for _, img := range images {
		fmt.Fprintf(&b, "%05d%s", len(img), img)
	}
	return b.String()
}

// files are whole files, damaged ones and others; the fuzz target starts from them too.
func files() []struct {
	name      string
	file      string
	images    []string // none: ErrFormat
	truncated bool
} {
	thumbnail := "\xFF\xE1\x00\x0A" + soi + "\x00\x00" + eoi + "\x00\x00"
	progressive := soi + "\xFF\xC2" + sof[2:] + sos + "a" + "\xFF\xC4\x00\x04xx" + sos + "b" + eoi
	small, large := photo(16, 50), photo(200, 95)
	return []struct {
		name      string
		file      string
		images    []string
		truncated bool
	}{
		{"empty", "", nil, false},
		{"text", "hello, world", nil, false},
		{"digits", "00012hello, world", nil, false},
		{"only SOI", soi, nil, false},
		{"no image data", soi + eoi, nil, false},
		{"scan without frame header", soi + sos + eoi, nil, false},
		{"frame header without scan", soi + sof + eoi, nil, false},
		{"one", one, []string{one}, false},
		{"three", one + one + one, []string{one, one, one}, false},
		{"real", small + large + small, []string{small, large, small}, false},
		{"larger than a block", large + photo(800, 100) + small, []string{large, photo(800, 100), small}, false},
		{"thumbnail in a segment", soi + thumbnail + one[2:] + one, []string{soi + thumbnail + one[2:], one}, false},
		{"progressive", progressive + one, []string{progressive, one}, false},
		{"restart markers", soi + sof + sos + "a\xFF\xD0b\xFF\xD7c" + eoi, []string{soi + sof + sos + "a\xFF\xD0b\xFF\xD7c" + eoi}, false},
		{"stuffed zeros", soi + sof + sos + "\xFF\x00\xD9\xFF\x00" + eoi, []string{soi + sof + sos + "\xFF\x00\xD9\xFF\x00" + eoi}, false},
		{"fill bytes", soi + "\xFF\xFF" + sof + sos + "a\xFF\xFF" + eoi, []string{soi + "\xFF\xFF" + sof + sos + "a\xFF\xFF" + eoi}, false},
		{"padding", one + "\x00\x00\r\n" + one + "\n", []string{one, one}, false},
		{"much padding", one + strings.Repeat("\x00", 65<<10) + one, []string{one}, true},
		{"tail cut off", one + one[:len(one)-1], []string{one}, true},
		{"tail without end", one + soi + sof + sos + "data", []string{one}, true},
		{"next image in entropy data", one + one[:len(one)-2] + one, []string{one}, true},
		{"fill bytes before SOI", one + "\xFF" + one, []string{one}, true},
		{"rubbish behind", one + "rubbish", []string{one}, true},
		{"segment longer than the file", one + soi + "\xFF\xE0\xFF\xFF", []string{one}, true},
		{"segment of length 1", one + soi + "\xFF\xE0\x00\x01" + one[2:], []string{one}, true},
		{"restart marker in the header", one + soi + "\xFF\xD0" + one[2:], []string{one}, true},
		{"reserved marker", one + soi + "\xFF\x02\x00\x02" + one[2:], []string{one}, true},

		{"framed", framed(one, one), []string{one, one}, false},
		{"framed real", framed(small, large, small), []string{small, large, small}, false},
		{"framed, padded inside", framed(one+"\x00\x00", one), []string{one + "\x00\x00", one}, false},
		{"framed, tail cut off", framed(one, one)[:len(framed(one, one))-1], []string{one}, true},
		{"framed, length cut off", framed(one) + "000", []string{one}, true},
		{"framed, no digits", framed(one) + "0x123" + one, []string{one}, true},
		{"framed, negative", framed(one) + "-0043" + one, []string{one}, true},
		{"framed, too short for an image", framed(one) + "00003" + one, []string{one}, true},
		{"framed, not an image", framed(one, "this is longer than an image"), []string{one}, true},
		{"framed, length too small", framed(one) + "00020" + one, []string{one, one[:20]}, true},
		{"framed, length beyond the file", framed(one) + "99999" + one, []string{one}, true},
		{"framed, nothing whole", "99999" + one, nil, false},
	}
}

func open(file string) (*container.File, error) {
	return mjpeg.Open(strings.NewReader(file), int64(len(file)), container.Options{})
}

// frames is how many images a file has, and whether something follows that is none.
func frames(f *container.File) (n int, truncated bool) {
	x := f.Tracks[0].Index
	return x.Len(), x.Err() != nil
}

func TestOpen(t *testing.T) {
	for _, c := range files() {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(c.file)
			if c.images == nil {
				if !errors.Is(err, container.ErrFormat) {
					t.Fatalf("got %v, want ErrFormat", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			n, truncated := frames(f)
			if n != len(c.images) || truncated != c.truncated || f.Scan != nil {
				t.Fatalf("got %d images, truncated %t; want %d, %t", n, truncated, len(c.images), c.truncated)
			}
			track := f.Tracks[0]
			if err := track.Index.Err(); truncated && !containertest.Damage(err) {
				t.Errorf("the index ends with %v", err)
			}
			var buf []byte
			for i, s := range containertest.Samples(track) {
				if buf, err = track.Reader.ReadSample(s, buf); err != nil || string(buf) != c.images[i] {
					t.Errorf("image %d: got % x, %v; want % x", i, buf, err, c.images[i])
				}
			}
		})
	}
}

// However a file is cut, its whole images can be read, and it says that it was cut.
func TestFileCutAtEveryByte(t *testing.T) {
	for _, c := range []struct {
		name, file string
		ends       []int // where an image ends
	}{
		{"plain", one + one + one, []int{len(one), 2 * len(one), 3 * len(one)}},
		{"framed", framed(one, one), []int{len(one) + 5, 2 * (len(one) + 5)}},
	} {
		for cut := range c.file {
			whole := 0
			for whole < len(c.ends) && c.ends[whole] <= cut {
				whole++
			}
			// The file is as long as it was when its size was taken, or its size is known.
			for _, size := range []int{cut, len(c.file)} {
				f, err := mjpeg.Open(strings.NewReader(c.file[:cut]), int64(size), container.Options{})
				if whole == 0 {
					if !errors.Is(err, container.ErrFormat) {
						t.Errorf("%s cut at %d: got %v, want ErrFormat", c.name, cut, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%s cut at %d: %v", c.name, cut, err)
				}
				if n, truncated := frames(f); n != whole || truncated == slices.Contains(c.ends, cut) {
					t.Errorf("%s cut at %d: got %d images, truncated %t; want %d", c.name, cut, n, truncated, whole)
				}
			}
		}
	}
}

func TestSizeLies(t *testing.T) {
	for _, size := range []int64{-1, 0} {
		if _, err := mjpeg.Open(strings.NewReader(one), size, container.Options{}); !errors.Is(err, container.ErrFormat) {
			t.Errorf("size %d: got %v, want ErrFormat", size, err)
		}
	}
	f, err := mjpeg.Open(strings.NewReader(one+one), int64(len(one)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n, truncated := frames(f); n != 1 || truncated {
		t.Errorf("size of one image: got %d images, truncated %t", n, truncated)
	}
	f, err = mjpeg.Open(strings.NewReader(one), 1<<62, container.Options{})
	if err != nil || containertest.Scan(f) != nil {
		t.Fatalf("size of all: got %+v, %v", f, err)
	}
	if n, truncated := frames(f); n != 1 || truncated {
		t.Errorf("size of all: got %d images, truncated %t", n, truncated)
	}
}

func TestImageLargerThanTheBoundEndsTheIndex(t *testing.T) {
	for _, c := range []struct {
		data   int
		frames int
	}{
		{mjpeg.MaxImage - len(one), 3},
		{mjpeg.MaxImage - len(one) + 1, 1},
		{mjpeg.MaxImage + 100<<10, 1},
	} {
		big := soi + sof + sos + "data" + strings.Repeat("x", c.data) + eoi
		f, err := open(one + big + one)
		if err != nil {
			t.Fatal(err)
		}
		if err := containertest.Scan(f); (err != nil) != (c.frames < 3) {
			t.Errorf("%d bytes: %v", len(big), err)
		}
		if n, truncated := frames(f); n != c.frames || truncated != (c.frames < 3) {
			t.Errorf("%d bytes: got %d images, truncated %t", len(big), n, truncated)
		}
	}
}

// A rate that people write has its exact meaning, and no image lasts a part of a tick.
func TestImagesLastWholeTicks(t *testing.T) {
	for rate, want := range map[float64][2]int{
		0: {25, 1}, 1: {1, 1}, 24: {24, 1}, 25: {25, 1}, 30: {30, 1}, 50: {50, 1}, 60: {60, 1}, 120: {120, 1},
		23.976: {24000, 1001}, 29.97: {30000, 1001}, 30000.0 / 1001: {30000, 1001}, 59.94: {60000, 1001},
		12.5: {25, 2}, 14.985: {15000, 1001}, 0.5: {1, 2}, 0.1: {1, 10}, 7.125: {57, 8}, 0.001: {1, 1000},
		-1: {25, 1}, math.NaN(): {25, 1}, math.Inf(1): {25, 1}, 1e-9: {25, 1}, 1e9: {25, 1},
	} {
		f, err := mjpeg.Open(strings.NewReader(one+one), int64(2*len(one)), container.Options{FrameRate: rate})
		if err != nil {
			t.Fatal(err)
		}
		track := f.Tracks[0]
		s, _ := track.Index.At(1)
		if got := [2]int{track.Timescale, s.Duration}; got != want || s.PTS != int64(s.Duration) || s.DTS != s.PTS || !s.Key {
			t.Errorf("%v a second: timescale and duration are %v, want %v; %+v", rate, got, want, s)
		}
	}
}

func TestTrackIsDescribedByTheFirstImage(t *testing.T) {
	noSize := soi + "\xFF\xC0\x00\x02" + sos + eoi
	for _, c := range []struct {
		file          string
		width, height int
	}{
		{one, 8, 8},
		{photo(16, 50) + photo(100, 50), 16, 16},
		{framed(photo(100, 50), photo(16, 50)), 100, 100},
		{noSize + one, 0, 0},
		{framed(one[:20], one), 8, 8},
		{framed(soi+"\xFFno header"+eoi, one), 0, 0},
	} {
		f, err := open(c.file)
		if err != nil {
			t.Fatal(err)
		}
		want := container.Track{
			ID: 1, Codec: container.MJPEG, Video: true, Timescale: 25, ClockRate: 90000, Width: c.width, Height: c.height,
		}
		got := *f.Tracks[0]
		got.Index, got.Reader = nil, nil
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("% x…: %s", c.file[:20], d)
		}
	}
}

func TestErrorsOfTheReaderAreReported(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, r := range []io.Reader{
		iotest.ErrReader(broken),
		io.MultiReader(strings.NewReader(strings.Repeat(one, 5000)), iotest.ErrReader(broken)),
	} {
		if _, err := mjpeg.Open(&sequential{r: r}, 1<<20, container.Options{}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
	r := io.MultiReader(strings.NewReader(strings.Repeat(one, 5000)), iotest.ErrReader(broken))
	f, err := mjpeg.Open(&sequential{r: r}, 1<<30, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := containertest.Scan(f); !errors.Is(err, broken) || !f.Tracks[0].Index.Complete() {
		t.Errorf("scan: got %v", err)
	}
}

// A sequential reader pretends to be an io.ReaderAt; it is read in order.
type sequential struct {
	r  io.Reader
	at int64
}

func (s *sequential) ReadAt(p []byte, off int64) (int, error) {
	if off < s.at {
		return 0, errors.New("not in order")
	}
	if _, err := io.CopyN(io.Discard, s.r, off-s.at); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.r, p)
	s.at = off + int64(n)
	return n, err
}

// Opening reads in blocks, forward, and not the whole file at once.
func TestOpenReadsBoundedBlocks(t *testing.T) {
	file := strings.Repeat(photo(100, 90), 200)
	r := &watched{ReaderAt: strings.NewReader(file)}
	if _, err := mjpeg.Open(r, int64(len(file)), container.Options{}); err != nil {
		t.Fatal(err)
	}
	if r.largest > 64<<10 {
		t.Errorf("read %d bytes at once", r.largest)
	}
	if r.total > 2*len(file) {
		t.Errorf("read %d bytes of %d", r.total, len(file))
	}
}

// A large file is open as soon as its first image is known; Scan finds the others, and can be stopped.
func TestLargeFileIsScannedLater(t *testing.T) {
	img := photo(100, 90)
	n := mjpeg.AtOnce/len(img) + 1
	file := strings.Repeat(img, n)
	r := &watched{ReaderAt: strings.NewReader(file)}
	f, err := mjpeg.Open(r, int64(len(file)), container.Options{FrameRate: 50})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := frames(f); got != 1 || f.Tracks[0].Index.Complete() || r.total > 128<<10 {
		t.Fatalf("%d images known after %d bytes", got, r.total)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := f.Scan(ctx); err != stop {
		t.Errorf("stopped scan: %v", err)
	}
	if err := f.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := frames(f); got != n || !f.Tracks[0].Index.Complete() || f.Duration() != time.Duration(n)*time.Second/50 {
		t.Errorf("%d images of %d, %v", got, n, f.Duration())
	}
}

type watched struct {
	io.ReaderAt
	largest, total int
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	w.largest, w.total = max(w.largest, len(p)), w.total+len(p)
	return w.ReaderAt.ReadAt(p, off)
}

func TestReaderNoticesThatTheFileChanged(t *testing.T) {
	file := []byte(one + one)
	r := &watched{ReaderAt: bytes.NewReader(file)}
	f, err := mjpeg.Open(r, int64(len(file)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := f.Tracks[0].Index.At(1)
	for name, now := range map[string]string{
		"shorter": one + one[:10], "other": one + strings.Repeat("x", len(one)), "gone": "",
	} {
		r.ReaderAt = strings.NewReader(now)
		_, err := f.Tracks[0].Reader.ReadSample(s, nil)
		if damage := (*container.DamagedError)(nil); !errors.Is(err, mjpeg.ErrChanged) || !errors.As(err, &damage) || damage.Offset != s.Offset {
			t.Errorf("%s: got %v, want ErrChanged", name, err)
		}
	}
	broken := errors.New("the disk is broken")
	r.ReaderAt = &sequential{r: iotest.ErrReader(broken), at: s.Offset}
	if _, err := f.Tracks[0].Reader.ReadSample(s, nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestReaderReusesTheBuffer(t *testing.T) {
	f, err := open(photo(100, 90) + one)
	if err != nil {
		t.Fatal(err)
	}
	track := f.Tracks[0]
	samples, buf := containertest.Samples(track), make([]byte, 0, track.Index.Largest())
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range samples {
			if _, err := track.Reader.ReadSample(s, buf); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What is allocated, all growth included, is below twice the file and a fixed amount of scratch.
func TestAllocationIsBoundedByTheFile(t *testing.T) {
	tiny := soi + "\xFF\xC0\x00\x02" + "\xFF\xDA\x00\x02" + eoi
	for _, unit := range []string{tiny, one, framed(tiny), photo(16, 50)} {
		for _, n := range []int{1, 100, 20_000} {
			file := strings.Repeat(unit, n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := open(file)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := frames(f); got != n {
				t.Fatalf("%d images, want %d", got, n)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > uint64(2*len(file)+128<<10) {
				t.Errorf("%d bytes allocated for a file of %d", got, len(file))
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, c := range files() {
		if len(c.file) < 10_000 {
			f.Add([]byte(c.file), int64(len(c.file)))
			f.Add([]byte(c.file), int64(len(c.file)/2))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, size int64) {
		file := containertest.Hostile(t, mjpeg.Open, bytes.NewReader(content), size)
		if file == nil {
			return
		}
		n, _ := frames(file)
		if n < 1 || n > len(content)/12 {
			t.Fatalf("%d images in %d bytes", n, len(content))
		}
		images, err := containertest.Bytes(file.Tracks[0])
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, img := range images {
			sum += len(img)
			if !bytes.HasPrefix(img, []byte(soi)) || !isDigit(content[0]) && img[len(img)-1] != 0xD9 {
				t.Fatalf("image %d is % x", i, img)
			}
		}
		if sum > len(content) || int64(sum) > size {
			t.Fatalf("%d bytes of images in %d, of which %d count", sum, len(content), size)
		}
	})
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// ffprobe finds the same images.
func TestInterop(t *testing.T) {
	path := containertest.Make(t, "film.mjpeg", "-f lavfi -i testsrc2=size=176x144:rate=30:duration=2 -c:v mjpeg -f mjpeg")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := mjpeg.Open(bytes.NewReader(content), int64(len(content)), container.Options{FrameRate: 25})
	if err != nil {
		t.Fatal(err)
	}
	track := f.Tracks[0]
	if track.Width != 176 || track.Height != 144 {
		t.Errorf("%d×%d", track.Width, track.Height)
	}
	samples, packets, hashes := containertest.Samples(track), containertest.Probe(t, path)[0], containertest.Hashes(t, path)[0]
	if len(samples) != len(packets) || len(samples) != len(hashes) {
		t.Fatalf("%d images, ffprobe has %d, ffmpeg %d", len(samples), len(packets), len(hashes))
	}
	for i, s := range samples { // what ffprobe says of the place is that of a block
		if p := packets[i]; s.Size != p.Size || !p.Key || math.Abs(p.PTS-track.Time(s.PTS).Seconds()) > 1e-6 {
			t.Errorf("image %d: %+v, ffprobe has %+v", i, s, p)
		}
		if got := containertest.Hash(track, s); got != hashes[i] {
			t.Errorf("image %d: %s, ffmpeg has %s", i, got, hashes[i])
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	file := strings.Repeat(photo(300, 80), 200)
	for name, file := range map[string]string{"plain": file, "framed": strings.Repeat(framed(photo(300, 80)), 200)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := open(file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadSample(b *testing.B) {
	f, err := open(photo(300, 80))
	if err != nil {
		b.Fatal(err)
	}
	track := f.Tracks[0]
	s, _ := track.Index.At(0)
	var buf []byte
	b.SetBytes(int64(s.Size))
	b.ReportAllocs()
	for b.Loop() {
		if buf, err = track.Reader.ReadSample(s, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleOpen() {
	file := framed(one, one) + "000" // a film with its end missing
	f, err := mjpeg.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	track := f.Tracks[0]
	fmt.Println(track.Codec, track.Width, track.Height, track.Index.Len(), f.Duration())
	fmt.Println(track.Index.Err())

	s, _ := track.Index.At(1)
	img, err := track.Reader.ReadSample(s, nil)
	fmt.Printf("% x … % x %v\n", img[:2], img[len(img)-2:], err)
	// Output:
	// JPEG 8 8 2 80ms
	// damaged at byte 92: end of file
	// ff d8 … ff d9 <nil>
}
