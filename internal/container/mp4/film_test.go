package mp4

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
)

// A sparse is a file of which only the beginning and the end are there; zeros are between. It counts what is read.
type sparse struct {
	head, tail []byte
	size       int64
	read       int
}

func (s *sparse) ReadAt(b []byte, at int64) (int, error) {
	if at >= s.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.size-at))
	clear(b[:n])
	if at < int64(len(s.head)) {
		copy(b[:n], s.head[at:])
	}
	start := s.size - int64(len(s.tail))
	if at+int64(n) > start {
		from := max(at, start)
		copy(b[from-at:n], s.tail[from-start:])
	}
	s.read += n
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// A two-hour film: 25 pictures a second with B-frames, AAC of 48 kHz, interleaved picture by picture as ffmpeg does, key
// frames every 2 s.
const (
	pictures = 2 * 3600 * 25
	rate     = 48000
)

type longFilm struct {
	file           *sparse
	moov           []byte
	wantV, wantA   []container.Sample
	sizesV, sizesA []int
}

// newLongFilm makes a film of about a total of bytes, its header behind the media data.
func newLongFilm(total int64) *longFilm {
	r := rand.New(rand.NewPCG(3, 4))
	mean := int(total / pictures * 16 / 7) // so that they come to the total
	f := &longFilm{}
	var offsetsV, offsetsA, shifts, keys, runsA []int
	offset := int64(len(ftyp()) + 16)
	frames := 0
	for i := range pictures {
		size := mean/3 + r.IntN(mean/2) // P, or half of it B
		pattern := [...]int{2, 5, 2, 1, 1}
		switch {
		case i%50 == 0:
			size *= 8
			keys = append(keys, i+1)
		case i%5 != 1:
			size /= 2
		}
		f.sizesV = append(f.sizesV, size)
		offsetsV = append(offsetsV, int(offset>>32), int(uint32(offset)))
		shifts = append(shifts, 1, pattern[i%5]*512)
		f.wantV = append(f.wantV, container.Sample{
			Offset: offset, Size: size, DTS: int64(i)*512 - 1024, PTS: int64(i+pattern[i%5])*512 - 1024,
			Duration: 512, Key: i%50 == 0,
		})
		offset += int64(size)
		offsetsA = append(offsetsA, int(offset>>32), int(uint32(offset)))
		n := 0
		for frames*1024 < (i+1)*rate/25 {
			size := 250 + r.IntN(180)
			f.sizesA = append(f.sizesA, size)
			f.wantA = append(f.wantA, container.Sample{
				Offset: offset, Size: size, DTS: int64(frames)*1024 - 1024, PTS: int64(frames)*1024 - 1024,
				Duration: 1024, Key: true,
			})
			offset += int64(size)
			frames++
			n++
		}
		runsA = append(runsA, i+1, n, 1)
	}
	film := &film{tracks: []trak{
		{id: 1, timescale: 12800, entry: avc1(), tables: [][]byte{
			atom("stts", 0, numbers(2, pictures, 512)),
			atom("ctts", 0, numbers(2, shifts...)),
			atom("stss", 0, numbers(1, keys...)),
			atom("stsc", 0, numbers(3, 1, 1, 1)),
			atom("stsz", 0, 0, numbers(1, f.sizesV...)),
			atom("co64", 0, numbers(2, offsetsV...)),
		}, extra: [][]byte{atom("edts", atom("elst", 0, 1, 7200*1000, 1024, 1<<16))}},
		{id: 2, timescale: rate, entry: mp4a(), tables: [][]byte{
			atom("stts", 0, numbers(2, frames, 1024)),
			atom("stsc", 0, numbers(3, runsA...)),
			atom("stsz", 0, 0, numbers(1, f.sizesA...)),
			atom("co64", 0, numbers(2, offsetsA...)),
		}, extra: [][]byte{atom("edts", atom("elst", 0, 1, 7200*1000, 1024, 1<<16))}},
	}}
	f.moov = film.moov()
	head := slices.Concat(ftyp(), []byte{0, 0, 0, 1}, []byte("mdat"), appendPart(nil, offset-int64(len(ftyp()))))
	f.file = &sparse{head: head, tail: f.moov, size: offset + int64(len(f.moov))}
	return f
}

func TestIndexOfATwoHourFilmIsSmall(t *testing.T) {
	const (
		mostIndex = 2_000_000
		mostRead  = 1 << 20 // beside the header
		mostMore  = 2 << 20 // allocated on the way
	)
	film := newLongFilm(10 << 30)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := Open(film.file, film.file.size, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if read := film.file.read - len(film.moov); read > mostRead {
		t.Errorf("%d bytes read beside a header of %d", read, len(film.moov))
	}
	size := 0
	for i, want := range [][]container.Sample{film.wantV, film.wantA} {
		x := f.Tracks[i].Index
		size += x.Bytes()
		if x.Len() != len(want) || x.Err() != nil {
			t.Fatalf("track %d: %d samples, want %d, %v", i, x.Len(), len(want), x.Err())
		}
		c := x.Cursor(0)
		for n := range want {
			if got, _ := c.Next(); got != want[n] {
				t.Fatalf("track %d sample %d: %+v, want %+v", i, n, got, want[n])
			}
		}
	}
	if size > mostIndex {
		t.Errorf("%d bytes of index", size)
	}
	allocated := int(after.TotalAlloc - before.TotalAlloc)
	if allocated > size+mostMore {
		t.Errorf("%d bytes allocated for an index of %d", allocated, size)
	}
	t.Logf("%d MB: %d samples, %d bytes of index, %d allocated, %d of header",
		film.file.size>>20, len(film.wantV)+len(film.wantA), size, allocated, len(film.moov))
}

func BenchmarkOpenTwoHours(b *testing.B) {
	film := newLongFilm(10 << 30)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(film.file, film.file.size, container.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestErrorsOfTheReaderAreNotDamage(t *testing.T) {
	b := contents(t, "testdata/bframes.mp4")
	count := &counting{r: bytes.NewReader(b)}
	if _, err := Open(count, int64(len(b)), container.Options{}); err != nil {
		t.Fatal(err)
	}
	for after := range count.n {
		broken := errors.New("broken disk")
		_, err := Open(&failing{bytes.NewReader(b), after, broken}, int64(len(b)), container.Options{})
		if !errors.Is(err, broken) || isDamage(err) {
			t.Errorf("after %d reads: %v", after, err)
		}
	}
}

// A failing reader fails after some reads.
type failing struct {
	io.ReaderAt
	left int
	err  error
}

func (f *failing) ReadAt(b []byte, at int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(b, at)
}
