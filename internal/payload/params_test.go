package payload

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/sdp"
)

func b64(b ...[]byte) string { return base64.StdEncoding.EncodeToString(cat(b...)) }

// PLD-04: what cameras put in sprop-parameter-sets.
func TestSpropIsRead(t *testing.T) {
	code := []byte{0, 0, 0, 1}
	for name, c := range map[string]struct {
		value string
		want  [][]byte
	}{
		"regular":                  {b64(testSPS) + "," + b64(testPPS), [][]byte{testSPS, testPPS}},
		"start codes":              {b64(code, testSPS) + "," + b64(code, testPPS), [][]byte{testSPS, testPPS}},
		"both in one":              {b64(code, testSPS, code, testPPS), [][]byte{testSPS, testPPS}},
		"zeros at the end":         {b64(testSPS, []byte{0, 0}) + "," + b64(testPPS, []byte{0}), [][]byte{testSPS, testPPS}},
		"no padding, spaces":       {" " + base64.RawStdEncoding.EncodeToString(testSPS) + ", " + b64(testPPS) + " ", [][]byte{testSPS, testPPS}},
		"an empty part":            {b64(testSPS) + ",," + b64(testPPS) + ",", [][]byte{testSPS, testPPS}},
		"a part that is no base64": {"!!," + b64(testPPS), [][]byte{testPPS}},
		"nothing":                  {"", nil},
	} {
		if diff := cmp.Diff(c.want, DecodeSprop(c.value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// PLD-04, RTP-16: parameter sets of the SDP reach readers as one STAP-A; an AUD
// among them does not.
func TestH264ParametersFromSDP(t *testing.T) {
	sprop := b64([]byte{0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1}, testSPS) + "," + b64(testPPS, []byte{0})
	f := format(t, "video", "H264/90000", "sprop-parameter-sets="+sprop)
	if diff := cmp.Diff([][]byte{stap(testSPS, testPPS)}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
	if info := f.Inspect(stap(testSPS, testPPS), false); info.Changed {
		t.Error("the same sets in band are a change")
	}
}

// PLD-05: sets learned in band, and a resolution switch.
func TestH264ParametersFromTheBand(t *testing.T) {
	f := format(t, "video", "H264/90000", "")
	f.Inspect(testSPS, false)
	if f.Parameters() != nil {
		t.Error("an SPS alone is complete")
	}
	f.Inspect([]byte{0x7C, 0xC8, 0xEB, 0xE3}, false) // a PPS in an FU-A that is start and end
	old := f.Parameters()
	if diff := cmp.Diff([][]byte{stap(testSPS, []byte{0x68, 0xEB, 0xE3})}, old); diff != "" {
		t.Error(diff)
	}
	smaller := bytes.Clone(testSPS)
	smaller[9]++
	if !f.Inspect(smaller, false).Changed || f.Inspect(smaller, false).Changed {
		t.Error("the switch is not one change")
	}
	if diff := cmp.Diff([][]byte{stap(smaller, []byte{0x68, 0xEB, 0xE3})}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(old[0], stap(testSPS, []byte{0x68, 0xEB, 0xE3})) {
		t.Error("payloads given out were written again")
	}
}

// PLD-04: several SPS and PPS, in the order of their ids, whatever the order in band.
func TestH264SeveralParameterSets(t *testing.T) {
	sps1 := []byte{0x67, 0x64, 0x00, 0x1f, 0x40, 1}               // id 1
	pps1, pps2 := []byte{0x68, 0x40, 1}, []byte{0x68, 0x60, 1, 2} // ids 1 and 2
	f := format(t, "video", "H264/90000", "")
	for _, nal := range [][]byte{pps2, testPPS, sps1, pps1, testSPS} {
		f.Inspect(nal, false)
	}
	if diff := cmp.Diff([][]byte{stap(testSPS, sps1, testPPS, pps1, pps2)}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
}

// Large sets do not make a payload that has to be split again.
func TestParameterPayloadsFitADatagram(t *testing.T) {
	f := format(t, "video", "H264/90000", "")
	f.Inspect(testSPS, false)
	large := cat([]byte{0x68, 0x40}, bytes.Repeat([]byte{1}, 700))
	larger := cat([]byte{0x68, 0x60}, bytes.Repeat([]byte{1}, 700))
	for _, nal := range [][]byte{testPPS, large, larger} {
		f.Inspect(nal, false)
	}
	if diff := cmp.Diff([][]byte{stap(testSPS, testPPS, large), larger}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
}

// RELIABILITY: a hostile stream of ever new sets does not grow memory.
func TestParameterSetsAreBounded(t *testing.T) {
	f := format(t, "video", "H264/90000", "")
	f.Inspect(testSPS, false)
	for id := range 256 {
		w := bitWriter{b: []byte{0x68}}
		w.put(0, 8)
		w.put(uint32(id+1), 9) // Exp-Golomb of 255 to 510
		w.b = append(w.b, bytes.Repeat([]byte{byte(id | 1)}, 1000)...)
		f.Inspect(w.b, false)
	}
	total := 0
	for _, p := range f.Parameters() {
		total += len(p)
	}
	if total > maxParameterSetBytes+3*maxParameterSets {
		t.Errorf("%d bytes are remembered", total)
	}
}

// PLD-07: sprop of all three kinds, or nothing.
func TestH265ParametersFromSDP(t *testing.T) {
	all := "sprop-vps=" + b64(testVPS265) + ";sprop-sps=" + b64(testSPS265) + ";sprop-pps=" + b64(testPPS265)
	want := [][]byte{ap(nil, nil, testVPS265, testSPS265, testPPS265)}
	if diff := cmp.Diff(want, format(t, "video", "H265/90000", all).Parameters()); diff != "" {
		t.Error(diff)
	}
	f := format(t, "video", "H265/90000", "sprop-sps="+b64(testSPS265)+";sprop-pps="+b64(testPPS265))
	f.Inspect(testVPS265, false)
	if f.Parameters() != nil {
		t.Error("an incomplete trio was used")
	}
	if got := format(t, "video", "H265/90000", all+";sprop-max-don-diff=2").Parameters(); got != nil {
		t.Errorf("parameters without decoding order numbers: %x", got)
	}
}

// PLD-19: the sequence header is the parameter set of AV1.
func TestAV1Parameters(t *testing.T) {
	f := format(t, "video", "AV1/90000", "")
	if f.Parameters() != nil {
		t.Error("parameters of nothing")
	}
	f.Inspect(cat([]byte{0x68, byte(len(testSequence))}, testSequence, []byte{0x30, 0x10, 1}), false)
	if diff := cmp.Diff([][]byte{cat([]byte{0x18}, testSequence)}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
	f.Inspect(cat([]byte{0x58}, testSequence[:6]), false) // goes on in the next packet: not whole
	if diff := cmp.Diff([][]byte{cat([]byte{0x18}, testSequence)}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
}

// PLD-22: config of the SDP, and in band.
func TestMPEG4VideoParameters(t *testing.T) {
	f := format(t, "video", "MP4V-ES/90000", "profile-level-id=1;config=000001B001000001B58913000001000000012000C48D88")
	if diff := cmp.Diff([][]byte{testVOL}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
	other := cat(testVOL, []byte{0x55})
	if info := f.Inspect(cat(other, []byte{0, 0, 1, 0xB6, 0x10}), true); !info.Changed {
		t.Error("no change")
	}
	if diff := cmp.Diff([][]byte{other}, f.Parameters()); diff != "" {
		t.Error(diff)
	}
	if got := format(t, "video", "MP4V-ES/90000", "config=xyz").Parameters(); got != nil {
		t.Errorf("got %x", got)
	}
}

// PLD-01, PLD-04: what Baton says of its own H.264.
func TestH264Params(t *testing.T) {
	want := sdp.Params{
		{Name: "packetization-mode", Value: "1"}, {Name: "profile-level-id", Value: "64001F"},
		{Name: "sprop-parameter-sets", Value: b64(testSPS) + "," + b64(testPPS)},
	}
	code := []byte{0, 0, 0, 1}
	for name, got := range map[string]sdp.Params{
		"NAL units":          H264Params(testSPS, testPPS),
		"with start codes":   H264Params(cat(code, testSPS), cat(code, testPPS)),
		"PPS first, and SEI": H264Params([]byte{6, 5, 1, 1, 0x80}, testPPS, testSPS),
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// PLD-01, PLD-05: what was learned in band is in the description of new readers.
func TestDescribeWritesWhatWasLearned(t *testing.T) {
	for name, c := range map[string]struct {
		rtpmap, fmtp string
		payloads     [][]byte
		want         string
	}{
		"H264": {"H264/90000", "packetization-mode=0;x=1", [][]byte{testSPS, testPPS},
			"96 packetization-mode=1;x=1;profile-level-id=64001F;sprop-parameter-sets=" + b64(testSPS) + "," + b64(testPPS)},
		"H264 without sets": {"H264/90000", "", nil, "96 packetization-mode=1"},
		"H264 interleaved":  {"H264/90000", "packetization-mode=2", nil, "96 packetization-mode=2"},
		"H265": {"H265/90000", "", [][]byte{testVPS265, testSPS265, testPPS265},
			"96 sprop-vps=" + b64(testVPS265) + ";sprop-sps=" + b64(testSPS265) + ";sprop-pps=" + b64(testPPS265)},
		"MP4V-ES": {"MP4V-ES/90000", "", [][]byte{cat(testVOL, []byte{0, 0, 1, 0xB6, 0x10})},
			"96 config=000001B001000001B58913000001000000012000C48D88"},
		"VP8": {"VP8/90000", "max-fr=30", nil, "96 max-fr=30"},
	} {
		m := media(t, "video", c.rtpmap, c.fmtp)
		f := New(m)
		for _, p := range c.payloads {
			f.Inspect(p, false)
		}
		Describe(f, m)
		if got, _ := m.Attr("fmtp"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
