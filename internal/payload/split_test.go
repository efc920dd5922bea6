package payload

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// collect runs Split and copies what it emits.
func collect(f Format, payload []byte, max int) ([]sent, bool) {
	var list []sent
	ok := f.Split(payload, max, func(p []byte, delta uint32, last bool) {
		list = append(list, sent{bytes.Clone(p), delta, last})
	})
	return list, ok
}

// checkSplit tests what holds for every Split, and returns what was emitted.
func checkSplit(t *testing.T, s *sample, f Format, payload []byte, max int) []sent {
	t.Helper()
	before := bytes.Clone(payload)
	list, ok := collect(f, payload, max)
	if !bytes.Equal(before, payload) {
		t.Fatalf("%s: Split changed the payload", s.name)
	}
	if !ok {
		if len(list) > 0 {
			t.Fatalf("%s: refused after %d payloads", s.name, len(list))
		}
		return nil
	}
	for i, e := range list {
		if len(e.payload) > max {
			t.Fatalf("%s: payload %d has %d bytes, max %d", s.name, i, len(e.payload), max)
		}
	}
	if len(list) == 0 || !list[len(list)-1].last {
		t.Fatalf("%s: no last payload among %d", s.name, len(list))
	}
	want, ok := s.join([]sent{{payload: payload}})
	if !ok {
		if len(list) == 1 && bytes.Equal(list[0].payload, payload) {
			return list
		}
		t.Fatalf("%s: split what makes no sense: %x", s.name, payload)
	}
	got, ok := s.join(list)
	if !ok {
		t.Fatalf("%s: %d payloads cannot be joined", s.name, len(list))
	}
	if slices.ContainsFunc(want, func(p piece) bool { return bytes.Contains(p.data, startCode) }) {
		return list // no NAL unit has a start code in it: such a one is cut there, once it is alone in a packet
	}
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%s, max %d: joined again it is not the same (-want +got):\n%s", s.name, max,
			cmp.Diff(want, got, cmp.AllowUnexported(piece{})))
	}
	return list
}

// RTP-15: payloads fit the datagram, and put together again they are what they were.
func TestSplitPayloadsJoinToWhatTheyWere(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			f := s.format(t)
			for _, p := range s.payloads {
				for _, max := range []int{1400, 1200, 576, 160, 3000, 65535} {
					list := checkSplit(t, &s, f, p, max)
					if list == nil && max >= 160 && s.name != "opus" {
						t.Errorf("payload %.8x of %d bytes not split to %d", p, len(p), max)
					}
				}
			}
		})
	}
}

// Every cut of every payload, and every small max: no panic, and all or nothing.
func TestSplitTruncated(t *testing.T) {
	for _, s := range samples() {
		f := s.format(t)
		for _, p := range s.payloads {
			for n := 0; n <= len(p); n += 1 + n/64*37 {
				checkSplit(t, &s, f, p[:n], 100)
			}
			for max := -1; max < 40; max++ {
				checkSplit(t, &s, f, p[:min(len(p), 200)], max)
			}
		}
	}
}

// A regular payload that fits goes through as it is, in the caller's memory.
func TestSplitLeavesWhatFits(t *testing.T) {
	for _, s := range samples() {
		f := s.format(t)
		for _, p := range s.payloads {
			if f.Inspect(p, true).Irregular || len(p) == 0 {
				continue
			}
			f.Split(p, len(p), func(q []byte, delta uint32, last bool) {
				if &q[0] != &p[0] || len(q) != len(p) || delta != 0 || !last {
					t.Errorf("%s: %.8x became %.8x", s.name, p, q)
				}
			})
		}
	}
}

// What Split makes of an irregular payload is regular.
func TestSplitMendsIrregularPayloads(t *testing.T) {
	mended := 0
	for _, s := range samples() {
		f := s.format(t)
		for _, p := range s.payloads {
			if !f.Inspect(p, true).Irregular {
				continue
			}
			mended++
			for _, e := range checkSplit(t, &s, f, p, 65535) {
				if s.format(t).Inspect(e.payload, true).Irregular {
					t.Errorf("%s: %.8x is still irregular", s.name, e.payload)
				}
			}
		}
	}
	if mended < 7 {
		t.Errorf("only %d irregular payloads among the samples", mended)
	}
}

func TestSplitAllocatesNothing(t *testing.T) {
	emit := func([]byte, uint32, bool) {}
	for _, s := range samples() {
		f := s.format(t)
		for _, p := range s.payloads {
			if n := testing.AllocsPerRun(20, func() { f.Split(p, 1400, emit) }); n != 0 {
				t.Errorf("%s: %v allocations for %.8x", s.name, n, p)
			}
		}
	}
}

func FuzzSplit(f *testing.F) {
	all := samples()
	for i, s := range all {
		for _, p := range s.payloads {
			f.Add(uint8(i), uint16(1400), p)
			f.Add(uint8(i), uint16(60), p[:min(len(p), 200)])
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, max uint16, payload []byte) {
		s := &all[int(which)%len(all)]
		checkSplit(t, s, s.format(t), payload, int(max))
	})
}

func BenchmarkSplit(b *testing.B) {
	emit := func([]byte, uint32, bool) {}
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			f, p := s.format(b), s.payloads[1]
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				f.Split(p, 1400, emit)
			}
		})
	}
}
