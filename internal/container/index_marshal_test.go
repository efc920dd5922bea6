package container

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stored is the index as it is stored.
func stored(t testing.TB, x *Index) []byte {
	t.Helper()
	b, err := x.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantSamples compares all that is to see of an index.
func wantSamples(t testing.TB, x *Index, want []Sample) {
	t.Helper()
	if x.Len() != len(want) || !x.Complete() {
		t.Fatalf("%d samples, complete %v, want %d", x.Len(), x.Complete(), len(want))
	}
	c := x.Cursor(0)
	for i := range want {
		if got, _ := c.Next(); got != want[i] {
			t.Fatalf("sample %d of %d: %s", i, len(want), cmp.Diff(want[i], got))
		}
	}
}

func TestStoredIndexIsTheSame(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range lengths {
			want := shape.samples(n)
			x := build(want)
			b := stored(t, x)
			y, err := ParseIndex(b)
			if err != nil {
				t.Fatalf("%s of %d: %v", shape.name, n, err)
			}
			wantSamples(t, y, want)
			if x.Duration() != y.Duration() || x.Largest() != y.Largest() || y.Err() != nil {
				t.Errorf("%s of %d: lasts %d, largest %d, %v", shape.name, n, y.Duration(), y.Largest(), y.Err())
			}
			if !bytes.Equal(stored(t, y), b) {
				t.Errorf("%s of %d: stored again it is another", shape.name, n)
			}
			for _, s := range want {
				if x.Find(s.PTS) != y.Find(s.PTS) {
					t.Fatalf("%s of %d: Find(%d) is another", shape.name, n, s.PTS)
				}
			}
		}
	}
}

func TestStoredIndexTakesFewBytes(t *testing.T) {
	for _, test := range []struct {
		samples []Sample
		most    float64 // bytes a sample
	}{
		{shapes[0].samples(100000), 0.3},
		{film(180000, 1), 4.5},
	} {
		if got := float64(len(stored(t, build(test.samples)))) / float64(len(test.samples)); got > test.most {
			t.Errorf("%.2f bytes a sample, want at most %v", got, test.most)
		}
	}
}

func TestStoredIndexKnowsWhyItEnds(t *testing.T) {
	b := NewBuilder()
	b.Add(Sample{Size: 1})
	if _, err := b.Index().AppendBinary(nil); err == nil {
		t.Error("an index that is not complete was stored")
	}
	b.Finish(io.ErrClosedPipe)
	if _, err := b.Index().AppendBinary(nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("an index of a file that could not be read: %v", err)
	}
	b.Finish(&DamagedError{1234, errors.New("two heads")})
	x, err := ParseIndex(stored(t, b.Index()))
	if err != nil {
		t.Fatal(err)
	}
	var damage *DamagedError
	if !errors.As(x.Err(), &damage) || damage.Offset != 1234 || damage.Err.Error() != "two heads" {
		t.Errorf("got %v", x.Err())
	}
}

func TestStoredIndexCutAtEveryByte(t *testing.T) {
	for _, shape := range shapes {
		b := stored(t, build(shape.samples(200)))
		for i := range b {
			if _, err := ParseIndex(b[:i]); !errors.Is(err, errIndex) {
				t.Fatalf("%s cut at %d of %d: %v", shape.name, i, len(b), err)
			}
		}
		if _, err := ParseIndex(append(b, 0)); !errors.Is(err, errIndex) {
			t.Errorf("%s with a byte more: %v", shape.name, err)
		}
	}
}

func FuzzParseIndex(f *testing.F) {
	for _, shape := range shapes {
		for _, n := range []int{0, 1, 200} {
			f.Add(stored(f, build(shape.samples(n))))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseIndex(b)
		if err != nil {
			return
		}
		var samples []Sample
		c := x.Cursor(0)
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			if !usable(s) || s.Duration < 0 || len(samples) > 0 && s.DTS < samples[len(samples)-1].DTS {
				t.Fatalf("sample %d: %+v", len(samples), s)
			}
			samples = append(samples, s)
		}
		y, err := ParseIndex(stored(t, x))
		if err != nil {
			t.Fatal(err)
		}
		wantSamples(t, y, samples)
	})
}

// What a builder would not take is no index.
func TestParseIndexRefusesImpossibleSamples(t *testing.T) {
	good := Sample{Offset: 5, Size: 3, DTS: 7, PTS: 7, Duration: 1, Key: true}
	for name, change := range map[string]func(*Sample){
		"nothing":           func(*Sample) {},
		"no size":           func(s *Sample) { s.Size = 0 },
		"huge":              func(s *Sample) { s.Size = MaxSample + 1 },
		"before the file":   func(s *Sample) { s.Offset = -1 },
		"negative duration": func(s *Sample) { s.Duration = -1 },
		"beyond time":       func(s *Sample) { s.PTS = maxTime + 1 },
		"back in time":      func(s *Sample) { s.DTS = 6 },
	} {
		for _, n := range []int{100, blockSize} { // tail, block
			for _, at := range []int{1, n - 1} {
				var all [blockSize]Sample
				for i := range all {
					all[i] = good
				}
				change(&all[at])
				b := block{offset: all[0].Offset, dts: all[0].DTS, data: appendBlock(nil, &all)}
				stored := b.appendBinary(binary.AppendUvarint([]byte{endOfTrack}, uint64(n)))
				if _, err := ParseIndex(stored); (err == nil) != (name == "nothing") {
					t.Errorf("%s, sample %d of %d: %v", name, at, n, err)
				}
			}
		}
	}
}

// The least that can be said of 128 samples makes the most of memory.
func TestParseIndexAllocatesInProportion(t *testing.T) {
	for _, shape := range shapes {
		b := stored(t, build(shape.samples(1<<20)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := ParseIndex(b); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(b)+128<<10); got > most {
			t.Errorf("%s: %d bytes allocated for %d, want at most %d", shape.name, got, len(b), most)
		}
	}
}

func BenchmarkParseIndex(b *testing.B) {
	samples := film(1<<17, 10)
	stored := stored(b, build(samples))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseIndex(stored); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(samples)), "ns/sample")
}
