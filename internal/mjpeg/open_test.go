package mjpeg_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/baton-rtsp/baton/internal/mjpeg"
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

func open(file string) (*mjpeg.File, error) {
	return mjpeg.Open(strings.NewReader(file), int64(len(file)))
}

func TestOpen(t *testing.T) {
	for _, c := range files() {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(c.file)
			if c.images == nil {
				if !errors.Is(err, mjpeg.ErrFormat) {
					t.Fatalf("got %v, want ErrFormat", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Frames() != len(c.images) || f.Truncated() != c.truncated {
				t.Fatalf("got %d images, truncated %t; want %d, %t", f.Frames(), f.Truncated(), len(c.images), c.truncated)
			}
			if want := c.file[0] == '0'; f.Framed() != want {
				t.Errorf("framed is %t", f.Framed())
			}
			var buf []byte
			largest := 0
			for i, want := range c.images {
				if buf, err = f.Frame(i, buf); err != nil || string(buf) != want {
					t.Errorf("image %d: got % x, %v; want % x", i, buf, err, want)
				}
				if f.Size(i) != len(want) {
					t.Errorf("image %d has size %d, want %d", i, f.Size(i), len(want))
				}
				largest = max(largest, len(want))
			}
			if f.MaxSize() != largest {
				t.Errorf("largest is %d, want %d", f.MaxSize(), largest)
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
				f, err := mjpeg.Open(strings.NewReader(c.file[:cut]), int64(size))
				if whole == 0 {
					if !errors.Is(err, mjpeg.ErrFormat) {
						t.Errorf("%s cut at %d: got %v, want ErrFormat", c.name, cut, err)
					}
					continue
				}
				if err != nil || f.Frames() != whole || f.Truncated() == slices.Contains(c.ends, cut) {
					t.Errorf("%s cut at %d: got %+v, %v; want %d images", c.name, cut, f, err, whole)
				}
			}
		}
	}
}

func TestSizeLies(t *testing.T) {
	for _, size := range []int64{-1, 0} {
		if _, err := mjpeg.Open(strings.NewReader(one), size); !errors.Is(err, mjpeg.ErrFormat) {
			t.Errorf("size %d: got %v, want ErrFormat", size, err)
		}
	}
	f, err := mjpeg.Open(strings.NewReader(one+one), int64(len(one)))
	if err != nil || f.Frames() != 1 || f.Truncated() {
		t.Errorf("size of one image: got %+v, %v", f, err)
	}
	f, err = mjpeg.Open(strings.NewReader(one), 1<<62)
	if err != nil || f.Frames() != 1 {
		t.Errorf("size of all: got %+v, %v", f, err)
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
		if err != nil || f.Frames() != c.frames || f.Truncated() != (c.frames < 3) {
			t.Errorf("%d bytes: got %+v, %v", len(big), f, err)
		}
	}
}

func TestErrorsOfTheReaderAreReported(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, r := range []io.Reader{
		iotest.ErrReader(broken),
		io.MultiReader(strings.NewReader(strings.Repeat(one, 5000)), iotest.ErrReader(broken)),
	} {
		if _, err := mjpeg.Open(&sequential{r: r}, 1<<20); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
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
	if _, err := mjpeg.Open(r, int64(len(file))); err != nil {
		t.Fatal(err)
	}
	if r.largest > 64<<10 {
		t.Errorf("read %d bytes at once", r.largest)
	}
	if r.total > 2*len(file) {
		t.Errorf("read %d bytes of %d", r.total, len(file))
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

func TestFrameBounds(t *testing.T) {
	f, err := open(one + one)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{-1, 2, 1 << 30} {
		if _, err := f.Frame(i, nil); !errors.Is(err, io.EOF) {
			t.Errorf("image %d: got %v, want io.EOF", i, err)
		}
		if f.Size(i) != 0 {
			t.Errorf("image %d has size %d", i, f.Size(i))
		}
	}
}

func TestFrameNoticesThatTheFileChanged(t *testing.T) {
	file := []byte(one + one)
	r := &watched{ReaderAt: bytes.NewReader(file)}
	f, err := mjpeg.Open(r, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for name, now := range map[string]string{
		"shorter": one + one[:10], "other": one + strings.Repeat("x", len(one)), "gone": "",
	} {
		r.ReaderAt = strings.NewReader(now)
		if _, err := f.Frame(1, nil); !errors.Is(err, mjpeg.ErrChanged) {
			t.Errorf("%s: got %v, want ErrChanged", name, err)
		}
	}
}

func TestFrameReusesTheBuffer(t *testing.T) {
	f, err := open(photo(100, 90) + one)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, f.MaxSize())
	if n := testing.AllocsPerRun(100, func() {
		for i := range f.Frames() {
			if _, err := f.Frame(i, buf); err != nil {
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
			if err != nil || f.Frames() != n {
				t.Fatalf("got %+v, %v", f, err)
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
		file, err := mjpeg.Open(bytes.NewReader(content), size)
		if err != nil {
			if !errors.Is(err, mjpeg.ErrFormat) {
				t.Fatalf("unexpected error %v", err)
			}
			return
		}
		if file.Frames() < 1 || file.Frames() > len(content)/12 {
			t.Fatalf("%d images in %d bytes", file.Frames(), len(content))
		}
		sum := 0
		for i := range file.Frames() {
			img, err := file.Frame(i, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum += len(img)
			if !bytes.HasPrefix(img, []byte(soi)) || !file.Framed() && img[len(img)-1] != 0xD9 {
				t.Fatalf("image %d is % x", i, img)
			}
		}
		if sum > len(content) || int64(sum) > size {
			t.Fatalf("%d bytes of images in %d, of which %d count", sum, len(content), size)
		}
	})
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

func BenchmarkFrame(b *testing.B) {
	f, err := open(photo(300, 80))
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.SetBytes(int64(f.MaxSize()))
	b.ReportAllocs()
	for b.Loop() {
		if buf, err = f.Frame(0, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleOpen() {
	file := framed(one, one) + "000" // a film with its end missing
	f, err := mjpeg.Open(strings.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Frames(), f.Framed(), f.Truncated())

	img, err := f.Frame(1, make([]byte, 0, f.MaxSize()))
	fmt.Printf("% x … % x %v\n", img[:2], img[len(img)-2:], err)
	// Output:
	// 2 true true
	// ff d8 … ff d9 <nil>
}
