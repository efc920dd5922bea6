package mp4

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// all returns the samples of all tracks.
func all(f *container.File) [][]container.Sample {
	var samples [][]container.Sample
	for _, t := range f.Tracks {
		samples = append(samples, containertest.Samples(t))
	}
	return samples
}

// A growing file is read byte by byte as it is written: what it holds in the end is the same, and on the way only samples
// that are whole.
func TestGrowingFile(t *testing.T) {
	for _, name := range []string{"fragments.mp4", "dash.mp4"} {
		whole := contents(t, filepath.Join("testdata", name))
		want := all(mustOpen(t, whole))
		for _, step := range []int{1, 7, 100, 1000, 5000} {
			header := headerEnd(whole)
			// The reader is the same file, which has more than was said, as a file does.
			f, err := Open(bytes.NewReader(whole), int64(header), container.Options{})
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			for size := header; ; {
				size = min(size+step, len(whole))
				grew, err := f.Refresh(int64(size))
				if err != nil {
					t.Fatalf("%s at %d: %v", name, size, err)
				}
				now := 0
				for _, samples := range all(f) {
					now += len(samples)
					for _, s := range samples {
						if s.Offset+int64(s.Size) > int64(size) {
							t.Fatalf("%s at %d: %+v", name, size, s)
						}
					}
				}
				if grew != (now > count) {
					t.Fatalf("%s at %d: grew %v, %d samples after %d", name, size, grew, now, count)
				}
				if count = now; size == len(whole) {
					break
				}
			}
			if diff := cmp.Diff(want, all(f)); diff != "" {
				t.Errorf("%s by %d bytes: %s", name, step, diff)
			}
			if grew, err := f.Refresh(int64(len(whole))); grew || err != nil {
				t.Errorf("grew %v without growing, %v", grew, err)
			}
		}
	}
}

// headerEnd is where the first fragment begins.
func headerEnd(b []byte) int {
	i := bytes.Index(b, []byte("moov")) - 4
	return i + int(binary.BigEndian.Uint32(b[i:]))
}

func TestAFileThatShrankIsDamaged(t *testing.T) {
	b := contents(t, "testdata/fragments.mp4")
	f := mustOpen(t, b)
	if _, err := f.Refresh(int64(len(b) / 2)); !isDamage(err) {
		t.Errorf("%v", err)
	}
}

// A file is filled up with zeros before it is written.
func TestZerosAreNotWrittenYet(t *testing.T) {
	whole := contents(t, "testdata/fragments.mp4")
	want := all(mustOpen(t, whole))
	b := slices.Clone(whole)
	clear(b[headerEnd(b):])
	f := mustOpen(t, b)
	copy(b, whole)
	b = append(b, make([]byte, 100)...)
	f2, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(f2)); diff != "" {
		t.Error(diff)
	}
	if n := len(all(f)[0]); n != 0 {
		t.Errorf("%d samples of nothing", n)
	}
}

// fragmentOf is a fragment with one track fragment for each of the parts, and media data of a size.
func fragmentOf(size int, trafs ...[]byte) []byte {
	parts := []any{atom("mfhd", 0, 1)}
	for _, t := range trafs {
		parts = append(parts, t)
	}
	return slices.Concat(atom("moof", parts...), atom("mdat", make([]byte, size)))
}

// fragmented is the header of a file of one track or more.
func fragmented(tracks ...trak) []byte {
	parts := []any{}
	for _, t := range tracks {
		parts = append(parts, atom("trex", 0, max(t.id, 1), 1, 512, 10, 0x10000))
	}
	f := film{tracks: tracks, extra: [][]byte{atom("mvex", parts...)}}
	return slices.Concat(ftyp(), f.moov())
}

func videoTrack() trak { return trak{id: 1, timescale: 12800, entry: avc1()} }
func audioTrack() trak { return trak{id: 2, timescale: 48000, entry: mp4a()} }

func TestRunsOfFragments(t *testing.T) {
	head := fragmented(videoTrack())
	at := int64(len(head))
	for _, test := range []struct {
		name string
		file []byte
		want []container.Sample
	}{
		{
			"all by default",
			fragmentOf(20, atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset|runFirstFlags, 2, 72, 0))),
			[]container.Sample{sample(at+72, 10, 0, 0, 512, true), sample(at+82, 10, 512, 512, 512, false)},
		},
		{
			"defaults of the fragment",
			fragmentOf(20, atom("traf",
				atom("tfhd", headFromMoof|headDuration|headSize|headFlags, 1, 100, 5, 0),
				atom("trun", runOffset, 1, 80))),
			[]container.Sample{sample(at+80, 5, 0, 0, 100, true)},
		},
		{
			"all in the run, and another run behind it",
			fragmentOf(100, atom("traf",
				atom("tfhd", headFromMoof, 1),
				atom("trun", runOffset|runDuration|runSize|runFlags|runShift, 2, 200, 7, 20, 0, 3, 8, 21, sampleDepends, -2),
				atom("trun", runSize, 1, 5))),
			[]container.Sample{
				sample(at+200, 20, 0, 3, 7, true), sample(at+220, 21, 7, 5, 8, false), sample(at+241, 5, 15, 15, 512, false),
			},
		},
		{
			"offsets from the beginning of the file",
			fragmentOf(20, atom("traf", atom("tfhd", headBase, 1, int64(4)), atom("trun", runOffset|runFirstFlags, 1, 3, 0))),
			[]container.Sample{sample(7, 10, 0, 0, 512, true)},
		},
		{
			"neither base nor offset: behind the fragment before",
			fragmentOf(20, atom("traf", atom("tfhd", headFromMoof, 9), atom("trun", runOffset|runSize, 1, 100, 13)),
				atom("traf", atom("tfhd", 0, 1), atom("trun", runFirstFlags, 1, 0))),
			[]container.Sample{sample(at+113, 10, 0, 0, 512, true)},
		},
		{
			"times go on without box tfdt, and jump with it",
			slices.Concat(
				fragmentOf(60, atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset, 1, 68))),
				fragmentOf(60, atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset, 1, 68))),
				fragmentOf(60, atom("traf", atom("tfhd", headFromMoof, 1), atom("tfdt", 1<<24, int64(9000)), atom("trun", runOffset, 1, 68)))),
			[]container.Sample{
				sample(at+68, 10, 0, 0, 512, false), sample(at+136+68, 10, 512, 512, 512, false), sample(at+272+68, 10, 9000, 9000, 512, false),
			},
		},
		{
			"a box between fragments",
			slices.Concat(atom("emsg", make([]byte, 30)), atom("styp"), fragmentOf(60,
				atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset, 1, 68)))),
			[]container.Sample{sample(at+38+8+68, 10, 0, 0, 512, false)},
		},
		{
			"nothing has a size",
			fragmentOf(60, atom("traf", atom("tfhd", headFromMoof|headSize, 1, 0), atom("trun", runOffset, 1<<30, 68))),
			nil,
		},
	} {
		f := mustOpen(t, append(slices.Clone(head), append(test.file, make([]byte, 200)...)...))
		if diff := cmp.Diff(test.want, containertest.Samples(f.Tracks[0])); diff != "" || f.Tracks[0].Index.Err() != nil {
			t.Errorf("%s: %v %s", test.name, f.Tracks[0].Index.Err(), diff)
		}
	}
}

// What was cut out of a live stream counts from whenever that began.
func TestFragmentsBeginAtZero(t *testing.T) {
	const hours = 30 * 3600
	traf := func(id int, at int64) []byte {
		return atom("traf", atom("tfhd", headFromMoof, id), atom("tfdt", 1<<24, at), atom("trun", runOffset, 1, 128))
	}
	b := append(fragmented(videoTrack(), audioTrack()), fragmentOf(40,
		traf(1, hours*12800+1280), traf(2, hours*48000))...)
	f := mustOpen(t, b)
	if s, _ := f.Tracks[0].Index.At(0); s.PTS != 1280 {
		t.Errorf("video begins at %d", s.PTS)
	}
	if s, _ := f.Tracks[1].Index.At(0); s.PTS != 0 {
		t.Errorf("audio begins at %d", s.PTS)
	}
}

func TestDamagedFragmentEndsTheIndex(t *testing.T) {
	good := fragmentOf(60, atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset, 1, 68)))
	for _, test := range []struct {
		name string
		file []byte
	}{
		{"a run with fewer samples than it says", fragmentOf(60, atom("traf",
			atom("tfhd", headFromMoof, 1), atom("trun", runOffset|runSize, 9999, 68, 1)))},
		{"a box that is smaller than its header", []byte("\x00\x00\x00\x04moof12345678")},
		{"samples without end", slices.Concat(fragmentOf(20000, atom("traf",
			atom("tfhd", headFromMoof|headSize, 1, 1),
			atom("trun", runOffset, 19000, 100), atom("trun", runOffset, 19000, 100), atom("trun", runOffset, 19000, 100))))},
	} {
		f := mustOpen(t, slices.Concat(fragmented(videoTrack()), good, test.file, make([]byte, 100)))
		x := f.Tracks[0].Index
		if x.Len() == 0 || !x.Complete() || !isDamage(x.Err()) {
			t.Errorf("%s: %d samples, complete %v, %v", test.name, x.Len(), x.Complete(), x.Err())
		}
	}
}

// many is a file of fragments of one picture each.
func many(n int) []byte {
	one := fragmentOf(20, atom("traf", atom("tfhd", headFromMoof, 1), atom("trun", runOffset, 1, 68)))
	return append(fragmented(videoTrack()), bytes.Repeat(one, n)...)
}

func TestManyFragmentsAreLeftToScan(t *testing.T) {
	const n = 5 * eagerFragments / 2
	b := many(n)
	f := mustOpen(t, b)
	x := f.Tracks[0].Index
	if x.Complete() || f.Scan == nil || x.Len() == 0 || x.Len() == n {
		t.Fatalf("complete %v with %d samples of %d", x.Complete(), x.Len(), n)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("reason")
	cancel(reason)
	if err := f.Scan(ctx); !errors.Is(err, reason) || x.Complete() {
		t.Errorf("%v, complete %v", err, x.Complete())
	}
	if err := f.Scan(t.Context()); err != nil || !x.Complete() || x.Len() != n {
		t.Errorf("%v, complete %v with %d samples of %d", err, x.Complete(), x.Len(), n)
	}
}

func TestFewReadsAFragment(t *testing.T) {
	const n = 400
	b := many(n)
	count := &counting{r: bytes.NewReader(b)}
	if _, err := Open(count, int64(len(b)), container.Options{}); err != nil {
		t.Fatal(err)
	}
	if count.n > n {
		t.Errorf("%d reads for %d fragments", count.n, n)
	}
}

// counting counts reads.
type counting struct {
	r io.ReaderAt
	n int
}

func (c *counting) ReadAt(b []byte, at int64) (int, error) {
	c.n++
	return c.r.ReadAt(b, at)
}

// The boxes that tell how long a file is serve until all fragments are read.
func TestDurationIsDeclared(t *testing.T) {
	const n = 2 * eagerFragments
	mfra := atom("mfra",
		atom("tfra", 0, 1, 0, 2, 0, 100, make([]byte, 3), 12800*77, 200, make([]byte, 3)),
		atom("mfro", 0, 16+8+8+24+22-8-8))
	binary.BigEndian.PutUint32(mfra[len(mfra)-4:], uint32(len(mfra)))
	sidx := atom("sidx", 0, 1, 12800, 0, 0, uint16(0), uint16(2), 100, 12800*40, 0, 100, 12800*2, 0)
	head := fragmented(videoTrack())
	body := many(n)[len(head):]
	mehd := film{tracks: []trak{videoTrack()}, extra: [][]byte{
		atom("mvex", atom("mehd", 0, 50_000), atom("trex", 0, 1, 1, 512, 10, 0)),
	}}
	for _, test := range []struct {
		name string
		file []byte
		want time.Duration
	}{
		{"mfra", slices.Concat(head, body, mfra), 77 * time.Second},
		{"sidx", slices.Concat(head, sidx, body), 42 * time.Second},
		{"mehd", slices.Concat(ftyp(), mehd.moov(), body), 50 * time.Second},
	} {
		f := mustOpen(t, test.file)
		if got := f.Duration(); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if err := f.Scan(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := f.Duration(), time.Duration(n)*40*time.Millisecond; got != want {
			t.Errorf("%s: %v in the end, want %v", test.name, got, want)
		}
	}
}

func TestFragmentsOfPCM(t *testing.T) {
	head := fragmented(trak{id: 1, timescale: 8000, entry: audio("sowt", 1, 16, 8000)})
	for _, test := range []struct {
		name string
		traf []byte
	}{
		{"a frame each", atom("traf",
			atom("tfhd", headFromMoof|headDuration|headSize, 1, 1, 2), atom("tfdt", 0, 8000), atom("trun", runOffset, 400, 200))},
		{"pieces of frames", atom("traf",
			atom("tfhd", headFromMoof|headDuration|headSize, 1, 50, 100), atom("tfdt", 0, 8000), atom("trun", runOffset, 8, 200))},
		{"pieces with sizes", atom("traf",
			atom("tfhd", headFromMoof|headDuration, 1, 200), atom("tfdt", 0, 8000), atom("trun", runOffset|runSize, 2, 200, 400, 400))},
	} {
		b := slices.Concat(head, fragmentOf(1000, test.traf))
		at := int64(len(head)) + 200
		want := []container.Sample{
			sample(at, 320, 0, 0, 160, true), sample(at+320, 320, 160, 160, 160, true), sample(at+640, 160, 320, 320, 80, true),
		}
		f := mustOpen(t, b)
		if diff := cmp.Diff(want, containertest.Samples(f.Tracks[0])); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		// The same by pieces: other blocks, the same frames.
		f, err := Open(bytes.NewReader(b), int64(len(head)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for size := len(head); size <= len(b); size += 33 {
			if _, err := f.Refresh(int64(size)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(spans(want), spans(containertest.Samples(f.Tracks[0]))); diff != "" {
			t.Errorf("%s, growing: %s", test.name, diff)
		}
	}
}

// sample is a sample in the order of its fields.
func sample(offset int64, size int, dts, pts int64, duration int, key bool) container.Sample {
	return container.Sample{Offset: offset, Size: size, DTS: dts, PTS: pts, Duration: duration, Key: key}
}
