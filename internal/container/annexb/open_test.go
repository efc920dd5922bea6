package annexb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

func open(b []byte, opt container.Options) (*container.File, error) {
	return Open(bytes.NewReader(b), int64(len(b)), opt)
}

// times are the PTS of a track in pictures, in the order of decoding.
func times(t *container.Track) []int64 {
	var list []int64
	for _, s := range containertest.Samples(t) {
		list = append(list, s.PTS/int64(s.Duration))
	}
	return list
}

// Pictures that are shown in another order than they are decoded have the times of what is shown.
func TestPicturesAreInOrder(t *testing.T) {
	for name, want := range map[string][]int64{
		"small.h264": {0, 3, 1, 2, 4, 5, 8, 6, 7, 9},
		"small.h265": {0, 3, 2, 1, 4, 5, 8, 7, 6, 9},
		"mbaff.h264": {0, 3, 1, 2, 5, 4, 6, 8, 7, 9},
	} {
		f, err := open(small(t)[name], container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, times(f.Tracks[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for i, s := range containertest.Samples(f.Tracks[0]) {
			if s.DTS > s.PTS {
				t.Errorf("%s: picture %d is decoded after it is shown: %+v", name, i, s)
			}
		}
	}
}

// The order of pictures, as streams count it.
func TestOrders(t *testing.T) {
	type picture struct {
		order int
		reset bool
	}
	const none = 1 << 30 // not known
	for name, c := range map[string]struct {
		unit int
		in   []picture
		want []int64
	}{
		"as decoded":             {2, []picture{{0, true}, {2, false}, {4, false}}, []int64{0, 1, 2}},
		"two sequences":          {2, []picture{{0, true}, {4, false}, {2, false}, {0, true}, {2, false}}, []int64{0, 2, 1, 3, 4}},
		"leading pictures":       {1, []picture{{0, true}, {1, false}, {0, true}, {-2, false}, {-1, false}, {1, false}}, []int64{0, 1, 4, 2, 3, 5}},
		"cut before them":        {1, []picture{{8, true}, {6, false}, {7, false}, {9, false}}, []int64{2, 0, 1, 3}},
		"only leading pictures":  {1, []picture{{0, true}, {-1, false}}, []int64{1, 0}},
		"order not known":        {2, []picture{{none, true}, {none, false}}, []int64{0, 1}},
		"not known in between":   {2, []picture{{0, true}, {2, false}, {none, false}, {6, false}}, []int64{0, 1, 2, 3}},
		"begins anew":            {2, []picture{{0, true}, {1000, false}, {1002, false}, {0, false}, {2, false}}, []int64{0, 1, 2, 3, 4}},
		"pictures are left out":  {1, []picture{{0, true}, {2, false}, {4, false}, {0, true}}, []int64{0, 2, 4, 5}},
		"odd number, unit of 2":  {2, []picture{{1, true}, {5, false}, {3, false}}, []int64{0, 2, 1}},
		"below, with unit of 2":  {2, []picture{{0, true}, {-3, false}, {-1, false}, {2, false}}, []int64{2, 0, 1, 3}},
		"more than can be led":   {1, append([]picture{{100, true}}, make([]picture, 20)...), nil},
		"a sequence of one each": {1, []picture{{0, true}, {0, true}, {0, true}}, []int64{0, 1, 2}},
	} {
		var got []int64
		q := sequencer{unit: c.unit, duration: 1, add: func(s container.Sample) bool {
			got = append(got, s.PTS)
			return true
		}}
		for _, p := range c.in {
			q.put(unit{Picture{Order: p.order, Ordered: p.order != none, Reset: p.reset}, 1})
		}
		q.release()
		if len(got) != len(c.in) {
			t.Errorf("%s: %d pictures, want %d", name, len(got), len(c.in))
		}
		if diff := cmp.Diff(c.want, got); c.want != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTrackIsDescribed(t *testing.T) {
	for name, want := range map[string]container.Track{
		"small.h264": {ID: 1, Codec: container.H264, Video: true, Timescale: 1000, ClockRate: 90000, Width: 96, Height: 64, NALLength: 4},
		"small.h265": {ID: 1, Codec: container.H265, Video: true, Timescale: 1000, ClockRate: 90000, Width: 96, Height: 64, NALLength: 4},
	} {
		f, err := open(small(t)[name], container.Options{FrameRate: 50})
		if err != nil {
			t.Fatal(err)
		}
		got := *f.Tracks[0]
		s, _ := got.Index.At(0)
		if n := len(got.Config); n != 2 && got.Codec == container.H264 || n != 3 && got.Codec == container.H265 || s.Duration != 100 || !s.Key {
			t.Errorf("%s: %d parameter sets, first sample %+v", name, n, s)
		}
		got.Config, got.Index, got.Reader = nil, nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The rate is that of the operator, or 25, where the stream says none.
func TestRateWithoutTiming(t *testing.T) {
	idr := slice(0x65, "1", sliceI, "0000", "", idrID+"0000")
	b := stream(framesSPS, onlyPPS, idr, idr)
	for in, want := range map[float64][2]int{0: {1000, 40}, 12.5: {1000, 80}, 29.97: {30000, 1001}, 23.976: {24000, 1001}, -1: {1000, 40}, 1e9: {1000, 40}} {
		f, err := open(b, container.Options{FrameRate: in})
		if err != nil {
			t.Fatal(err)
		}
		s, _ := f.Tracks[0].Index.At(0)
		if f.Tracks[0].Timescale != want[0] || s.Duration != want[1] || f.Tracks[0].Width != 640 || f.Tracks[0].Height != 352 {
			t.Errorf("%v: %+v, %+v", in, f.Tracks[0], s)
		}
	}
}

func TestTimescales(t *testing.T) {
	for in, want := range map[Rate][2]int64{
		{25, 1}: {1000, 40}, {50, 2}: {1000, 40}, {30000, 1001}: {30000, 1001}, {180000, 3600}: {1000, 20}, {1, 2}: {1000, 2000},
		{1 << 32, 1 << 27}: {1000 / 32 * 32, 31}, {100_000_007, 2_000_000}: {27_000_000, 539_999},
	} {
		if scale, duration := in.timescale(); scale != want[0] || duration != want[1] {
			t.Errorf("%v: %d %d, want %v", in, scale, duration, want)
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	good := small(t)["small.h264"]
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("00000001 a stream of words"), "zeros": make([]byte, 5000), "a start code": {0, 0, 0, 1},
		"program stream": {0, 0, 1, 0xBA, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xF8, 0, 0, 1, 0xE0}, "MPEG-2": {0, 0, 1, 0xB3, 0x14, 0, 0xF0, 0x13, 0, 0, 1, 0xB5},
		"MPEG-4": {0, 0, 1, 0xB0, 1, 0, 0, 1, 0xB5, 9, 0, 0, 1, 0, 0, 0, 1, 0x20}, "no slices": stream(framesSPS, onlyPPS),
		"no parameter sets": stream([]byte{0x65, 0x88, 0x84, 0}, []byte{0x41, 0x9A, 1}), "no start code first": good[4:],
		"MP4": cat([]byte{0, 0, 0, 24}, []byte("ftypisom"), good),
	} {
		if f, err := open(b, container.Options{}); !errors.Is(err, container.ErrFormat) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RELIABILITY: a file that is cut anywhere is what is whole of it.
func TestTruncated(t *testing.T) {
	for name, b := range small(t) {
		for n := range b {
			f := containertest.Hostile(t, Open, bytes.NewReader(b[:n]), int64(n))
			if n > len(b)/2 && f == nil {
				t.Fatalf("%s: %d of %d bytes are nothing", name, n, len(b))
			}
		}
	}
}

// A large file is read in the background, and what is known grows.
func TestScanInTheBackground(t *testing.T) {
	b := bytes.Repeat(small(t)["small.h264"], 1000)
	f, err := open(b, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	track := f.Tracks[0]
	known := track.Index.Len()
	if f.Scan == nil || track.Index.Complete() || known < 2500 || known > 3500 || f.Declared < 900e9 || f.Declared > 1100e9 {
		t.Fatalf("%d known, complete %v, %v long", known, track.Index.Complete(), f.Declared)
	}
	if err := f.Scan(t.Context()); err != nil || track.Index.Len() != 10000 || !track.Index.Complete() || f.Duration() != 1000e9 {
		t.Errorf("%v, %d samples, %v", err, track.Index.Len(), f.Duration())
	}
	if n := track.Index.Bytes(); n > 4*10000 {
		t.Errorf("the index takes %d bytes", n)
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
	b := bytes.Repeat(small(t)["small.h264"], 1000)
	f, err := open(b, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	if err := f.Scan(ctx); !errors.Is(err, io.ErrClosedPipe) || f.Tracks[0].Index.Complete() {
		t.Errorf("cancelled: %v", err)
	}
	bad := errors.New("bad sector")
	f, err = Open(&failing{b, 2 << 20, bad}, int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Scan(t.Context()); !errors.Is(err, bad) || !errors.Is(f.Tracks[0].Index.Err(), bad) || f.Tracks[0].Index.Len() < 5000 {
		t.Errorf("%v, %v, %d samples", err, f.Tracks[0].Index.Err(), f.Tracks[0].Index.Len())
	}
	f, err = Open(&failing{b, 2 << 20, io.EOF}, int64(len(b)), container.Options{}) // it shrank
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Scan(t.Context()); !containertest.Damage(err) || !f.Tracks[0].Index.Complete() {
		t.Errorf("%v", err)
	}
	if _, err := Open(&failing{b, 1000, bad}, int64(len(b)), container.Options{}); !errors.Is(err, bad) {
		t.Errorf("open: %v", err)
	}
}

func TestSamplesThatAreNotThere(t *testing.T) {
	b := small(t)["small.h264"]
	r := newReader(bytes.NewReader(b))
	for _, s := range []container.Sample{{Offset: int64(len(b)) - 10, Size: 20}, {Offset: int64(len(b)) + 10, Size: 20}, {Size: -1}, {Size: container.MaxSample + 1}} {
		if _, err := r.ReadSample(s, nil); !containertest.Damage(err) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// RELIABILITY: allocation is at most twice what was read, and something fixed.
func TestAllocationIsBounded(t *testing.T) {
	unit := []byte{0, 0, 1, 0x65, 0x88, 0x84, 0x21}
	b := cat(stream(framesSPS, onlyPPS), bytes.Repeat(unit, 4<<20/len(unit)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := open(b, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(2*len(b))+4<<20 {
		t.Errorf("%d bytes for %d", n, len(b))
	}
}

func TestReadSampleAllocatesNothing(t *testing.T) {
	f, err := open(small(t)["small.h264"], container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := f.Tracks[0].Index.At(0)
	buf, err := f.Tracks[0].Reader.ReadSample(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { buf, _ = f.Tracks[0].Reader.ReadSample(s, buf) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzOpen(f *testing.F) {
	for _, b := range small(f) {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add(stream(fieldsSPS, onlyPPS, slice(0x65, "1", sliceI, "0000", "10", idrID+"0000"), slice(0x41, "1", sliceP, "0000", "11", "0001")))
	f.Fuzz(func(t *testing.T, b []byte) {
		containertest.Hostile(t, Open, bytes.NewReader(b), int64(len(b)))
		for _, codec := range []container.Codec{container.H264, container.H265} {
			whole, cut := pictures(codec, b, len(b)+1), pictures(codec, b, 7)
			if len(whole) != len(cut) {
				t.Fatalf("%s: %d pictures, %d in pieces", codec, len(whole), len(cut))
			}
			for i := range whole {
				cut[i].Start.Offset = whole[i].Start.Offset
				if whole[i] != cut[i] {
					t.Fatalf("%s: %+v, in pieces %+v", codec, whole[i], cut[i])
				}
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	one, err := os.ReadFile("testdata/small.h264")
	if err != nil {
		b.Fatal(err)
	}
	data := bytes.Repeat(cat(one, []byte{0, 0, 1, 12}, bytes.Repeat([]byte{0xFF, 3, 0x80, 0}, 10000)), 64)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := open(data, container.Options{})
		if err == nil {
			err = containertest.Scan(f)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
