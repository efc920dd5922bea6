package payload

import (
	"bytes"
	"testing"

	"github.com/pion/rtp/codecs"
)

// oracle is a depacketizer that somebody else wrote.
type oracle interface {
	Unmarshal(payload []byte) ([]byte, error)
}

// PLD-02, PLD-07, PLD-19: what Split makes is read by pion's depacketizers as
// what went in.
func TestPionReadsWhatSplitMakes(t *testing.T) {
	for name, c := range map[string]struct {
		kind     string
		oracle   func() oracle
		payloads [][]byte
	}{
		"H264/90000": {"video", func() oracle { return new(codecs.H264Packet) }, [][]byte{
			cat([]byte{0x65, 0x88}, fill(5000)), stap(testSPS, testPPS, cat([]byte{0x65, 0x88}, fill(3000))),
		}},
		"H265/90000": {"video", func() oracle { return new(codecs.H265Depacketizer) }, [][]byte{
			cat([]byte{0x26, 0x01, 0xAF}, fill(5000)), ap(nil, nil, testVPS265, testSPS265, testPPS265, cat([]byte{0x26, 0x01, 0xAF}, fill(3000))),
		}},
		"AV1/90000": {"video", func() oracle { return new(codecs.AV1Depacketizer) }, [][]byte{
			cat([]byte{0x28, byte(len(testSequence))}, testSequence, []byte{0x30, 0x10}, fill(3000)), cat([]byte{0x10, 0x30, 0x30}, fill(3000)),
		}},
		"VP8/90000": {"video", func() oracle { return new(codecs.VP8Packet) }, [][]byte{cat([]byte{0x90, 0xF0, 0x81, 0x02, 0x03, 0x20, 0x11}, fill(3000))}},
		"VP9/90000": {"video", func() oracle { return new(codecs.VP9Packet) }, [][]byte{
			cat([]byte{0x8E, 0x81, 0x02, 0x18, 0x02, 0x80, 0x01, 0xE0, 0x01, 0x04, 0x01, 0x82, 0x49}, fill(3000)),
		}},
	} {
		for _, payload := range c.payloads {
			list, ok := collect(format(t, c.kind, name, ""), payload, 1200)
			if !ok {
				t.Fatalf("%s: not split", name)
			}
			want := unmarshal(t, c.oracle(), []sent{{payload: payload}})
			if got := unmarshal(t, c.oracle(), list); !bytes.Equal(got, want) {
				t.Errorf("%s: pion reads %d bytes, want %d", name, len(got), len(want))
			}
		}
	}
}

func unmarshal(t *testing.T, o oracle, list []sent) []byte {
	t.Helper()
	var all []byte
	for _, e := range list {
		b, err := o.Unmarshal(e.payload)
		if err != nil {
			t.Fatalf("%T: %v", o, err)
		}
		all = append(all, b...)
	}
	return all
}
