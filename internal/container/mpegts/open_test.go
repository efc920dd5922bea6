package mpegts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

func TestOtherFilesAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("GGGGGG no packets"), "zeros": make([]byte, 5000), "two packets": small(t)["h264-aac.ts"][:2*packetSize],
		"packets without tables": append(bytes.Repeat(append([]byte{0x47, 0x1F, 0xFF, 0x10}, make([]byte, 184)...), 5), 0),
		"MP4":                    cat([]byte{0, 0, 0, 24}, []byte("ftypisom"), make([]byte, 4000)),
	} {
		if f, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{}); !errors.Is(err, container.ErrFormat) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := bytes.Repeat(append([]byte{0x47, 0x1F, 0xFF, 0x10}, make([]byte, 184)...), 500)
	if _, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{}); !containertest.Damage(err) {
		t.Errorf("no tables in a transport stream: %v", err)
	}
}

// RELIABILITY: a file that is cut anywhere is what is whole of it.
func TestTruncated(t *testing.T) {
	for name, b := range small(t) {
		for n := 0; n < len(b); n += 1 + n%37 {
			f := containertest.Hostile(t, Open, bytes.NewReader(b[:n]), int64(n))
			if n > len(b)/2 && (f == nil || len(f.Tracks) != 2) {
				t.Fatalf("%s: %d of %d bytes are nothing", name, n, len(b))
			}
		}
	}
}

// RELIABILITY: a file with damage anywhere is what is left of it.
func TestDamaged(t *testing.T) {
	for _, b := range small(t) {
		for i := 0; i < len(b); i += 1 + i%23 {
			broken := bytes.Clone(b)
			broken[i] ^= 0xFF
			containertest.Hostile(t, Open, bytes.NewReader(broken), int64(len(broken)))
		}
	}
}

// long is a file that is not known on opening, in which things go on for a while.
func long(t testing.TB) []byte {
	t.Helper()
	var m mux
	m.tables(avcElement, aacElement)
	for i := range 4000 {
		pts := int64(i) * 3600
		m.pes(videoPID, videoID, pts, pts, access(i%25 == 0, byte(i), 1500))
		m.pes(audioPID, audioID, pts, pts, cat(adts(byte(i), 120), adts(byte(i), 120)))
	}
	return m.b
}

// A large file is read in the background, and what is known grows.
func TestScanInTheBackground(t *testing.T) {
	b := long(t)
	f, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	video, audio := f.Tracks[0].Index, f.Tracks[1].Index
	if f.Scan == nil || video.Complete() || video.Len() < 100 || video.Len() > 1000 || f.Declared < 159e9 || f.Declared > 160e9 {
		t.Fatalf("%d known, complete %v, %v long", video.Len(), video.Complete(), f.Declared)
	}
	if err := f.Scan(t.Context()); err != nil || video.Len() != 4000 || audio.Len() != 8000 || !video.Complete() || !audio.Complete() {
		t.Errorf("%v, %d and %d samples", err, video.Len(), audio.Len())
	}
	if d := f.Duration(); d < 159e9 || d > 161e9 {
		t.Errorf("%v long", d)
	}
	if n := video.Bytes() + audio.Bytes(); n > 4*12000 {
		t.Errorf("the indexes take %d bytes", n)
	}
	for i, track := range f.Tracks {
		for n := 0; n < track.Index.Len(); n += 371 {
			s, _ := track.Index.At(n)
			got, err := track.Reader.ReadSample(s, nil)
			want := byte(n) | 1
			if i == 1 {
				want = byte(n / 2)
			}
			if err != nil || got[len(got)-1] != want {
				t.Fatalf("track %d sample %d: %v", i, n, err)
			}
		}
	}
}

// failing is a file that can be read up to a place.
type failing struct {
	b   []byte
	end int64
	err error
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.end {
		return copy(p, f.b[min(at, f.end):f.end]), f.err
	}
	return copy(p, f.b[at:]), nil
}

func TestScanEnds(t *testing.T) {
	b := long(t)
	f, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	if err := f.Scan(ctx); !errors.Is(err, io.ErrClosedPipe) || f.Tracks[0].Index.Complete() {
		t.Errorf("cancelled: %v", err)
	}
	bad := errors.New("bad sector")
	for _, c := range []struct {
		err    error
		damage bool
	}{{bad, false}, {io.EOF, true}} {
		f, err = Open(&failing{b, 3 << 20, c.err}, int64(len(b)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		err := f.Scan(t.Context())
		if err == nil || containertest.Damage(err) != c.damage || !f.Tracks[0].Index.Complete() || f.Tracks[1].Index.Err() == nil || f.Tracks[0].Index.Len() < 600 {
			t.Errorf("%v, %d samples", err, f.Tracks[0].Index.Len())
		}
	}
	if _, err := Open(&failing{b, 1000, bad}, int64(len(b)), container.Options{}); !errors.Is(err, bad) {
		t.Errorf("open: %v", err)
	}
	junk := append(b[:4<<20:4<<20], make([]byte, 1<<20)...)
	if f, err = Open(bytes.NewReader(junk), int64(len(junk)), container.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Scan(t.Context()); !containertest.Damage(err) || f.Tracks[0].Index.Len() < 1000 {
		t.Errorf("no packets any more: %v", err)
	}
}

func TestSamplesThatAreNotThere(t *testing.T) {
	b := small(t)["h264-aac.ts"]
	f := openBytes(t, b)
	first, _ := f.Tracks[0].Index.At(0)
	for _, s := range []container.Sample{
		{Offset: int64(len(b)) - 10, Size: 20}, {Offset: int64(len(b)) + 10, Size: 20}, {Size: 20}, {Size: -1}, {Offset: -5, Size: 10},
		{Offset: first.Offset, Size: len(b)}, {Offset: first.Offset, Size: container.MaxSample + 1},
	} {
		for _, track := range f.Tracks {
			if _, err := track.Reader.ReadSample(s, nil); !containertest.Damage(err) {
				t.Errorf("%+v: %v", s, err)
			}
		}
	}
}

// RELIABILITY: a sample whose packets are far from each other is not read, or reading it would mean to read the file.
func TestSamplesAreNotSpread(t *testing.T) {
	var m mux
	m.tables(avcElement, aacElement)
	m.movie('a', 3, 0, 100)
	m.pes(audioPID, audioID, 0, 0, adts('a', 100))
	begin := header(videoID, 3*3600, 3*3600, 0)
	m.packet(videoPID, true, append(begin, access(true, 'g', 50)...))
	tail := bytes.Repeat([]byte{'g'}, 100)
	r := &sparse{first: m.b, size: maxSpan + 1<<20}
	r.size -= (r.size - int64(len(m.b))) % packetSize
	m.b = nil
	m.packet(videoPID, false, tail)
	m.pes(videoPID, videoID, 4*3600, 4*3600, access(false, 'i', 100))
	r.last = m.b
	f, err := Open(r, r.size+int64(len(r.last)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := marks(t, f.Tracks[0]); got != "acei" {
		t.Errorf("%q", got)
	}
}

// Opening reads the beginning and the end, however large the file is and whatever is missing.
func TestOpenReadsLittle(t *testing.T) {
	var m mux
	m.tables(avcElement, aacElement) // of which nothing comes
	m.movie('a', 3, 0, 100)
	r := &sparse{first: m.b, size: 10 << 30}
	if _, err := Open(r, r.size, container.Options{}); err != nil || r.read > 2*longHead {
		t.Errorf("%v, %d bytes", err, r.read)
	}
}

// sparse is a file with packets of padding between its first and its last ones.
type sparse struct {
	first, last []byte
	size        int64 // without last
	read        int
}

func (s *sparse) ReadAt(p []byte, at int64) (int, error) {
	n := int(max(0, min(int64(len(p)), s.size+int64(len(s.last))-at)))
	s.read += n
	clear(p[:n])
	phase := (at - int64(len(s.first))) % packetSize
	for i := int((packetSize - phase) % packetSize); i < n; i += packetSize {
		copy(p[i:n], []byte{0x47, 0x1F, 0xFF, 0x10})
	}
	if at < int64(len(s.first)) {
		copy(p[:n], s.first[at:])
	}
	if from := s.size - at; from < int64(n) {
		copy(p[max(from, 0):n], s.last[max(-from, 0):])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// RELIABILITY: allocation is at most twice what was read, and something fixed.
func TestAllocationIsBounded(t *testing.T) {
	b := long(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	openBytes(t, b)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(len(b))+4<<20 {
		t.Errorf("%d bytes for %d", n, len(b))
	}
}

func TestReadSampleAllocatesNothing(t *testing.T) {
	for name, b := range small(t) {
		for _, track := range openBytes(t, b).Tracks {
			s, _ := track.Index.At(0)
			buf, err := track.Reader.ReadSample(s, nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := testing.AllocsPerRun(100, func() { buf, _ = track.Reader.ReadSample(s, buf) }); n >= 1 {
				t.Errorf("%s, %s: %v allocations", name, track.Codec, n)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, b := range small(f) {
		f.Add(b)
	}
	var m mux
	m.tables(avcElement, aacElement)
	m.movie('a', 3, 1<<33-3600, 200)
	m.pes(audioPID, audioID, 0, 0, adts('a', 100))
	m.b = append(m.b, bytes.Repeat([]byte{0x47}, 700)...)
	m.movie('k', 3, 1<<32, 200)
	f.Add(m.b)
	f.Fuzz(func(t *testing.T, b []byte) {
		containertest.Hostile(t, Open, bytes.NewReader(b), int64(len(b)))
	})
}

// FuzzStreams skips the tables, which have a checksum: what is in the packets is arbitrary.
func FuzzStreams(f *testing.F) {
	for _, b := range small(f) {
		f.Add(b[2*packetSize:])
	}
	f.Add(cat(access(true, 'a', 300), access(false, 'c', 300)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m mux
		m.tables(avcElement, aacElement, element{0x24, 0x102, nil}, element{0x03, 0x103, nil}, element{0x81, 0x104, nil},
			element{0x06, 0x105, []byte{0x05, 4, 'O', 'p', 'u', 's'}})
		for n := 0; len(b) > 0; n++ {
			pid := 0x100 + uint16(b[0]%6)
			size := min(len(b), 184)
			m.packet(pid, b[0]&0x40 != 0 || n < 6, append(header(videoID, int64(n)*3600, int64(n)*3600, 0), b[:size]...)[max(0, 14+size-184):])
			b = b[size:]
		}
		containertest.Hostile(t, Open, bytes.NewReader(m.b), int64(len(m.b)))
	})
}

func BenchmarkScan(b *testing.B) {
	data := long(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		openBytes(b, data)
	}
}

func BenchmarkReadSample(b *testing.B) {
	f := openBytes(b, long(b))
	for i, name := range []string{"video", "audio"} {
		b.Run(name, func(b *testing.B) {
			track := f.Tracks[i]
			s, _ := track.Index.At(100)
			var buf []byte
			b.SetBytes(int64(s.Size))
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = track.Reader.ReadSample(s, buf)
			}
		})
	}
}
