package container

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A shape makes the samples of a test.
type shape struct {
	name    string
	samples func(n int) []Sample
}

var shapes = []shape{
	{"constant", func(n int) []Sample {
		s := make([]Sample, n)
		for i := range s {
			s[i] = Sample{int64(1000 + 160*i), 160, int64(160 * i), int64(160 * i), 160, true}
		}
		return s
	}},
	{"film", func(n int) []Sample { return film(n, 3) }},
	{"no keys", func(n int) []Sample {
		s := film(n, 4)
		for i := range s {
			s[i].Key = false
		}
		return s
	}},
	{"one key", func(n int) []Sample {
		s := film(n, 5)
		for i := range s {
			s[i].Key = i == 0
		}
		return s
	}},
	{"milliseconds", func(n int) []Sample {
		s := make([]Sample, n)
		for i := range s {
			at, next := int64(i)*1001/30, int64(i+1)*1001/30
			s[i] = Sample{int64(i) * 5000, 4000 + i%7, at, at, int(next - at), i%30 == 0}
		}
		return s
	}},
	{"anything", func(n int) []Sample {
		r := rand.New(rand.NewPCG(1, 2))
		s := make([]Sample, n)
		dts := int64(-1 << 40)
		for i := range s {
			dts += r.Int64N(1 << r.IntN(45))
			s[i] = Sample{
				Offset: r.Int64N(1 << 60), Size: 1 + r.IntN(MaxSample), DTS: dts,
				PTS: dts + r.Int64N(1<<20) - 1<<19, Duration: r.IntN(1 << r.IntN(31)), Key: r.IntN(9) == 0,
			}
		}
		return s
	}},
	{"all there is to a number", func(n int) []Sample {
		s := make([]Sample, n)
		for i := range s {
			s[i] = Sample{maxTime, MaxSample, maxTime, -maxTime, 0, false}
			if i%2 == 0 {
				s[i] = Sample{0, 1, maxTime, maxTime, maxDuration, true}
			}
			if i == 0 {
				s[i].DTS = -maxTime
			}
		}
		return s
	}},
}

// film is video with two levels of B-frames, interleaved with audio.
func film(n int, seed uint64) []Sample {
	const frame = 512
	r := rand.New(rand.NewPCG(seed, seed))
	shift := [...]int64{2, 5, 2, 0, 1}
	s := make([]Sample, n)
	offset := int64(48)
	for i := range s {
		size := 3000 + r.IntN(20000)
		if i%250 == 0 {
			size *= 6
		}
		dts := int64(i) * frame
		s[i] = Sample{offset, size, dts, dts + frame*shift[i%5], frame, i%250 == 0}
		offset += int64(size) + int64(300+r.IntN(500))
	}
	return s
}

func build(samples []Sample) *Index {
	b := NewBuilder()
	for _, s := range samples {
		b.Add(s)
	}
	b.Finish(nil)
	return b.Index()
}

var lengths = []int{0, 1, 2, 127, 128, 129, 255, 256, 300, 1000}

func TestIndexReturnsWhatWasAdded(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range lengths {
			want := shape.samples(n)
			x := build(want)
			if x.Len() != n || !x.Complete() || x.Err() != nil {
				t.Fatalf("%s: Len %d, Complete %v, Err %v", shape.name, x.Len(), x.Complete(), x.Err())
			}
			c := x.Cursor(0)
			for i := range want {
				if got, ok := x.At(i); !ok || got != want[i] {
					t.Fatalf("%s: At(%d) of %d: %s", shape.name, i, n, cmp.Diff(want[i], got))
				}
				if got, ok := c.Next(); !ok || got != want[i] || c.Pos() != i+1 {
					t.Fatalf("%s: Next at %d of %d: %s", shape.name, i, n, cmp.Diff(want[i], got))
				}
			}
			if _, ok := c.Next(); ok {
				t.Errorf("%s: a sample behind the last", shape.name)
			}
			for _, i := range []int{-1, n, n + 1, n + 1000} {
				if _, ok := x.At(i); ok {
					t.Errorf("%s: a sample %d of %d", shape.name, i, n)
				}
			}
		}
	}
}

// What the methods find is compared with a search through all samples.
func TestIndexFinds(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range lengths {
			samples := shape.samples(n)
			x := build(samples)
			for i := -1; i <= n; i++ {
				if got, want := x.KeyBefore(i), keyBefore(samples, i); got != want {
					t.Fatalf("%s: KeyBefore(%d) of %d is %d, want %d", shape.name, i, n, got, want)
				}
				if got, want := x.KeyAfter(i), keyAfter(samples, i); got != want {
					t.Fatalf("%s: KeyAfter(%d) of %d is %d, want %d", shape.name, i, n, got, want)
				}
			}
			times := []int64{-1 << 63, -1, 0, 1, 1<<63 - 1}
			for i := 0; i < n; i += 1 + n/100 {
				times = append(times, samples[i].PTS-1, samples[i].PTS, samples[i].PTS+1)
			}
			for _, pts := range times {
				if got, want := x.Find(pts), find(samples, pts); got != want {
					t.Fatalf("%s: Find(%d) of %d is %d, want %d", shape.name, pts, n, got, want)
				}
			}
		}
	}
}

func keyBefore(s []Sample, i int) int {
	for i = min(i, len(s)-1); i >= 0 && !s[i].Key; i-- {
	}
	return i
}

func keyAfter(s []Sample, i int) int {
	for i = max(i, 0); i < len(s); i++ {
		if s[i].Key {
			return i
		}
	}
	return -1
}

func find(s []Sample, pts int64) int {
	best := -1
	for i := range s {
		if s[i].PTS <= pts && (best < 0 || s[i].PTS > s[best].PTS) {
			best = i
		}
	}
	return best
}

func TestIndexTakesFewBytes(t *testing.T) {
	for _, test := range []struct {
		samples []Sample
		most    float64 // bytes a sample
	}{
		{shapes[0].samples(100000), 0.7},
		{film(180000, 1), 5},
	} {
		x := build(test.samples)
		if got := float64(x.Bytes()) / float64(x.Len()); got > test.most {
			t.Errorf("%.2f bytes a sample, want at most %v", got, test.most)
		}
	}
}

func TestBuilderLeavesOutWhatNobodyCanUse(t *testing.T) {
	b := NewBuilder()
	for _, s := range []Sample{{Size: 0}, {Size: -1}, {Size: MaxSample + 1}, {Size: 1, Offset: -1}, {Size: 1, PTS: maxTime + 1}} {
		if b.Add(s) {
			t.Errorf("%+v was added", s)
		}
	}
	if !b.Add(Sample{Size: 1, DTS: 10, PTS: 10, Duration: -5}) || !b.Add(Sample{Size: 1, DTS: 5, PTS: 5}) {
		t.Error("not added")
	}
	b.Finish(nil)
	want := []Sample{{Size: 1, DTS: 10, PTS: 10}, {Size: 1, DTS: 10, PTS: 5}}
	for i := range want {
		if got, _ := b.Index().At(i); got != want[i] {
			t.Error(cmp.Diff(want[i], got))
		}
	}
}

func TestIndexTellsWhyItEnds(t *testing.T) {
	b := NewBuilder()
	if b.Index().Complete() {
		t.Error("complete before it is finished")
	}
	reason := errors.New("reason")
	b.Finish(reason)
	if x := b.Index(); !x.Complete() || !errors.Is(x.Err(), reason) {
		t.Errorf("complete %v, because of %v", x.Complete(), x.Err())
	}
}

func TestCursorGoesOnWhenTheIndexHasGrown(t *testing.T) {
	samples := film(1000, 7)
	b := NewBuilder()
	c := b.Index().Cursor(0)
	n := 0
	for i, s := range samples {
		b.Add(s)
		if i%17 != 0 && i != len(samples)-1 {
			continue
		}
		b.Flush()
		for {
			got, ok := c.Next()
			if !ok {
				break
			}
			if got != samples[n] {
				t.Fatalf("sample %d: %s", n, cmp.Diff(samples[n], got))
			}
			n++
		}
		if n != i+1 {
			t.Fatalf("%d samples of %d", n, i+1)
		}
	}
}

// The race detector has the last word here.
func TestIndexIsReadWhileItGrows(t *testing.T) {
	samples := film(20000, 8)
	b := NewBuilder()
	x := b.Index()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			c := x.Cursor(0)
			for n := 0; n < len(samples); {
				complete := x.Complete()
				s, ok := c.Next()
				if !ok {
					if complete {
						t.Error("not all there")
						return
					}
					continue
				}
				if s != samples[n] {
					t.Errorf("sample %d: %s", n, cmp.Diff(samples[n], s))
					return
				}
				if n%1000 == 0 {
					x.Find(s.PTS)
					x.KeyBefore(n)
					x.KeyAfter(n)
				}
				n++
			}
		})
	}
	for i, s := range samples {
		b.Add(s)
		if i%333 == 0 {
			b.Flush()
		}
	}
	b.Finish(nil)
	readers.Wait()
}

func TestReadingAnIndexDoesNotAllocate(t *testing.T) {
	x := build(film(1000, 9))
	c := x.Cursor(0)
	got := testing.AllocsPerRun(100, func() {
		c.Next()
		x.At(500)
		x.Find(512 * 700)
		x.KeyBefore(600)
		x.KeyAfter(600)
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte{}, 1)
	f.Add([]byte("a sample has a size, a place, a time and some more"), 7)
	f.Add(make([]byte, 3000), 40)
	f.Fuzz(func(t *testing.T, b []byte, stride int) {
		var samples []Sample
		dts := int64(0)
		for len(b) >= 8 {
			wide := func(i int) int64 { return int64(b[i]) << (b[7] % 48) }
			dts += wide(0)
			s := Sample{
				Offset: wide(1), Size: 1 + int(b[2])*int(b[3])*int(b[4]), DTS: dts,
				PTS: dts + wide(5) - wide(6), Duration: int(wide(0) & (1<<31 - 1)), Key: b[6]&1 != 0,
			}
			if !usable(s) { // no index knows of it: TestBuilderLeavesOutWhatNobodyCanUse
				break
			}
			samples = append(samples, s)
			b = b[1+(stride&7):]
		}
		x := build(samples)
		c := x.Cursor(0)
		for i := range samples {
			if got, ok := c.Next(); !ok || got != samples[i] {
				t.Fatalf("sample %d: %s", i, cmp.Diff(samples[i], got))
			}
		}
		if got, want := x.Find(dts/2), find(samples, dts/2); got != want {
			t.Errorf("Find is %d, want %d", got, want)
		}
	})
}

func TestTicksAndTimeRoundDown(t *testing.T) {
	track := &Track{Timescale: 90000}
	for _, test := range []struct {
		ticks int64
		time  time.Duration
	}{
		{0, 0}, {90000, time.Second}, {1, 11111}, {-1, -11112}, {-90000, -time.Second},
		{90000 * 3600 * 24 * 365, 365 * 24 * time.Hour}, {1<<63 - 1, 1<<63 - 1}, {-1 << 63, -(1<<63 - 1)},
	} {
		if got := track.Time(test.ticks); got != test.time {
			t.Errorf("%d ticks are %d, want %d", test.ticks, got, test.time)
		}
	}
	if got := track.Ticks(time.Second + 11111); got != 90000 {
		t.Errorf("%d ticks", got)
	}
	if got := (&Track{}).Time(5); got != 1<<63-1 {
		t.Errorf("without timescale: %v", got)
	}
}

func BenchmarkBuild(b *testing.B) {
	samples := film(1<<17, 10)
	b.ReportAllocs()
	for b.Loop() {
		build(samples)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(samples)), "ns/sample")
}

func BenchmarkCursor(b *testing.B) {
	x := build(film(1<<17, 10))
	c := x.Cursor(0)
	for b.Loop() {
		if _, ok := c.Next(); !ok {
			c = x.Cursor(0)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	x := build(film(1<<17, 10))
	i := 0
	for b.Loop() {
		i = (i + 7919) & (1<<17 - 1)
		x.At(i)
	}
}

func BenchmarkFind(b *testing.B) {
	x := build(film(1<<17, 10))
	i := int64(0)
	for b.Loop() {
		i = (i + 7919*512) & (1<<26 - 1)
		x.Find(i)
	}
}
