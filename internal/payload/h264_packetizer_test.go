package payload

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func packetizeH264(nals [][]byte, max int) ([]sent, error) {
	var p H264Packetizer
	var list []sent
	err := p.PacketizeUnits(nals, max, func(payload []byte, _ uint32, marker bool) {
		list = append(list, sent{bytes.Clone(payload), 0, marker})
	})
	return list, err
}

// PLD-02, PLD-03: small units go together, large ones in FU-As, the marker is on
// the last packet of the access unit.
func TestH264AccessUnitIsPacketized(t *testing.T) {
	idr, small := cat([]byte{0x65, 0x88}, fill(250)), []byte{0x41, 0x9A, 1}
	for name, c := range map[string]struct {
		nals [][]byte
		want []sent
	}{
		"parameter sets and a picture": {[][]byte{testSPS, testPPS, idr}, []sent{
			{stap(testSPS, testPPS), 0, false},
			{cat([]byte{0x7C, 0x85}, idr[1:85]), 0, false},
			{cat([]byte{0x7C, 0x05}, idr[85:169]), 0, false},
			{cat([]byte{0x7C, 0x45}, idr[169:]), 0, true},
		}},
		"one small unit":  {[][]byte{small}, []sent{{small, 0, true}}},
		"small ones last": {[][]byte{idr[:100], small, small}, []sent{{idr[:100], 0, false}, {stap(small, small), 0, true}}},
		"exactly full":    {[][]byte{idr[:46], idr[:49]}, []sent{{stap(idr[:46], idr[:49]), 0, true}}},
		"one byte more":   {[][]byte{idr[:47], idr[:49]}, []sent{{idr[:47], 0, false}, {idr[:49], 0, true}}},
		"empty units":     {[][]byte{{}, small, {}}, []sent{{small, 0, true}}},
		"nothing":         {nil, nil},
	} {
		got, err := packetizeH264(c.nals, 100)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(sent{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if got, err := packetizeH264([][]byte{small}, 2); !errors.Is(err, ErrSize) || got != nil {
		t.Errorf("max 2: %v", err)
	}
}

// PLD-02: NRI of a STAP-A is the highest of its units, F any of theirs.
func TestSTAPHeaderIsTheStrictest(t *testing.T) {
	got, err := packetizeH264([][]byte{{0x06, 1}, {0xA1, 1}, {0x41, 1}}, 100)
	if err != nil || len(got) != 1 || got[0].payload[0] != 0x80|0x40|24 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestH264PacketizerAllocatesNothing(t *testing.T) {
	var p H264Packetizer
	nals := [][]byte{testSPS, testPPS, cat([]byte{0x65, 0x88}, fill(5000))}
	emit := func([]byte, uint32, bool) {}
	if n := testing.AllocsPerRun(20, func() { _ = p.PacketizeUnits(nals, 1400, emit) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzH264Packetizer(f *testing.F) {
	f.Add(cat([]byte{0, 0, 1}, testSPS, []byte{0, 0, 1}, testPPS, []byte{0, 0, 1, 0x65}, fill(300)), uint16(100))
	f.Fuzz(func(t *testing.T, stream []byte, max uint16) {
		var nals [][]byte
		var want []piece
		for nal, rest := nextH264(stream); len(nal) > 0; nal, rest = nextH264(rest) {
			nals = append(nals, nal)
			want = append(want, piece{fmt.Sprint(nal[0]), true, true, nal[1:]})
		}
		list, err := packetizeH264(nals, int(max))
		if err != nil {
			return
		}
		for i, e := range list {
			if len(e.payload) > int(max) || e.last != (i == len(list)-1) {
				t.Fatalf("payload %d: %d bytes, marker %v", i, len(e.payload), e.last)
			}
		}
		got, ok := joinH264(list)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(piece{})); !ok || diff != "" {
			t.Fatalf("joined again (-want +got):\n%s", diff)
		}
	})
}

func BenchmarkH264Packetizer(b *testing.B) {
	var p H264Packetizer
	nals := [][]byte{testSPS, testPPS, cat([]byte{0x65, 0x88}, fill(30000))}
	emit := func([]byte, uint32, bool) {}
	b.SetBytes(30000)
	b.ReportAllocs()
	for b.Loop() {
		_ = p.PacketizeUnits(nals, 1400, emit)
	}
}
