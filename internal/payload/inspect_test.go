package payload

import (
	"bytes"
	"testing"
)

// step is one payload and what Inspect has to say of it.
type step struct {
	name    string
	payload []byte
	want    Info
}

func runSteps(t *testing.T, f Format, steps []step) {
	t.Helper()
	for _, s := range steps {
		if got := f.Inspect(s.payload, false); got != s.want {
			t.Errorf("%s: got %+v, want %+v", s.name, got, s.want)
		}
	}
}

func format(t testing.TB, kind, rtpmap, fmtp string) Format {
	t.Helper()
	f := New(media(t, kind, rtpmap, fmtp))
	if f == nil {
		t.Fatalf("%s is not known", rtpmap)
	}
	return f
}

// PLD-01, PLD-02, PLD-06: every packet type, in a stream whose SDP says mode 0.
func TestH264RandomAccess(t *testing.T) {
	idr, rest := []byte{0x65, 0x88, 1, 2}, []byte{0x65, 0x40, 1, 2}
	other := []byte{0x41, 0x9A, 1, 2}
	runSteps(t, format(t, "video", "H264/90000", "packetization-mode=0"), []step{
		{"other slice", other, Info{Slice: true}},
		{"IDR without parameter sets", idr, Info{Key: true, Slice: true}},
		{"second slice of it", rest, Info{Slice: true}},
		{"access unit delimiter", []byte{9, 0x10}, Info{}},
		{"SPS", testSPS, Info{Key: true, Changed: true}},
		{"PPS", testPPS, Info{Key: true, Params: true, Changed: true}},
		{"SEI between", []byte{6, 5, 1, 9, 0x80}, Info{Key: true, Params: true}},
		{"IDR", idr, Info{Key: true, Slice: true, Params: true}},
		{"second slice of it", rest, Info{Slice: true}},
		{"IDR without parameter sets again", idr, Info{Key: true, Slice: true}},
		{"PPS of a picture", testPPS, Info{}},
		{"SPS alone", testSPS, Info{Key: true}},
		{"IDR", idr, Info{Key: true, Slice: true}},
		{"STAP-A", stap(testSPS, testPPS), Info{Key: true, Params: true}},
		{"FU-A start", []byte{0x7C, 0x85, 0x88, 1}, Info{Key: true, Slice: true, Params: true}},
		{"FU-A middle", []byte{0x7C, 0x05, 0x88, 1}, Info{Slice: true}},
		{"FU-A end", []byte{0x7C, 0x45, 0x88, 1}, Info{Slice: true}},
		{"FU-A start and end", []byte{0x7C, 0xC5, 0x88, 1}, Info{Key: true, Slice: true, Irregular: true}},
		{"FU-A of another slice", []byte{0x7C, 0x81, 0x9A, 1}, Info{Slice: true}},
		{"STAP-A with all", stap(testSPS, testPPS, idr, rest), Info{Key: true, Params: true, Slice: true}},
		{"Annex-B with all", cat([]byte{0, 0, 0, 1}, testSPS, []byte{0, 0, 0, 1}, testPPS, []byte{0, 0, 1}, idr),
			Info{Key: true, Params: true, Slice: true, Irregular: true}},
		{"Annex-B after the first", cat(testSPS, []byte{0, 0, 0, 1}, testPPS), Info{Key: true, Params: true, Irregular: true}},
		{"I slice after them", []byte{0x41, 0xB0, 1}, Info{Key: true, Params: true, Slice: true}},
		{"I slice without", []byte{0x41, 0xB0, 1}, Info{Slice: true}},
		{"SPS before a P slice", testSPS, Info{Key: true}},
		{"the P slice", other, Info{Slice: true}},
		{"STAP-B", cat([]byte{0x79, 0, 1, 0, 4}, idr), Info{Key: true, Slice: true}},
		{"MTAP16", cat([]byte{0x7A, 0, 1, 0, 4, 0, 0, 0}, idr), Info{Key: true, Slice: true}},
		{"MTAP24", cat([]byte{0x7B, 0, 1, 0, 4, 0, 0, 0, 0}, idr), Info{Key: true, Slice: true}},
		{"FU-B start", []byte{0x7D, 0x85, 0, 1, 0x88}, Info{Key: true, Slice: true}},
		{"data partition A", []byte{0x42, 0x9A, 1}, Info{Slice: true}},
		{"data partition B", []byte{0x43, 0x9A, 1}, Info{Slice: true}},
		{"slice of another layer", []byte{0x74, 0x9A, 1}, Info{Slice: true}},
		{"nothing", nil, Info{}},
		{"one byte", []byte{0x65}, Info{Slice: true}},
	})
}

// Streams of x264 with intra refresh have a recovery point and no IDR picture.
func TestRecoveryPointIsRandomAccess(t *testing.T) {
	slice := []byte{0x41, 0x9A, 1, 2}
	runSteps(t, format(t, "video", "H264/90000", ""), []step{
		{"recovery point", []byte{6, 6, 1, 0xC4, 0x80}, Info{Key: true}},
		{"P slice", slice, Info{Key: true, Slice: true}},
		{"next", slice, Info{Slice: true}},
		{"behind another message", []byte{6, 5, 5, 0, 0, 3, 0, 0, 3, 1, 6, 1, 0xC4, 0x80}, Info{Key: true}},
		{"P slice", slice, Info{Key: true, Slice: true}},
		{"other message", []byte{6, 5, 2, 6, 6, 0x80}, Info{}},
		{"size beyond the end", []byte{6, 5, 255, 255, 255}, Info{}},
	})
	runSteps(t, format(t, "video", "H265/90000", ""), []step{
		{"recovery point", []byte{0x4E, 1, 6, 1, 0xC4, 0x80}, Info{Key: true}},
		{"slice", []byte{0x02, 1, 0x80, 1}, Info{Key: true, Slice: true}},
		{"next", []byte{0x02, 1, 0x80, 1}, Info{Slice: true}},
	})
}

// PLD-07: aggregation, fragments, PACI, parameter sets; IRAP is 16 to 23.
func TestH265RandomAccess(t *testing.T) {
	idr, rest := []byte{0x26, 1, 0xAF, 1}, []byte{0x26, 1, 0x2F, 1}
	runSteps(t, format(t, "video", "H265/90000", ""), []step{
		{"other slice", []byte{0x02, 1, 0xD0, 1}, Info{Slice: true}},
		{"IDR alone", idr, Info{Key: true, Slice: true}},
		{"second segment", rest, Info{Slice: true}},
		{"VPS", testVPS265, Info{Key: true, Changed: true}},
		{"SPS", testSPS265, Info{Key: true, Changed: true}},
		{"PPS", testPPS265, Info{Key: true, Params: true, Changed: true}},
		{"AUD between", []byte{0x46, 1, 0x10}, Info{Key: true, Params: true}},
		{"CRA", []byte{0x2A, 1, 0xAF, 1}, Info{Key: true, Params: true, Slice: true}},
		{"AP", ap(nil, nil, testVPS265, testSPS265, testPPS265), Info{Key: true, Params: true}},
		{"FU start", []byte{0x62, 1, 0x93, 0xAF}, Info{Key: true, Params: true, Slice: true}},
		{"FU middle", []byte{0x62, 1, 0x13, 0xAF}, Info{Slice: true}},
		{"FU end", []byte{0x62, 1, 0x53, 0xAF}, Info{Slice: true}},
		{"FU start and end", []byte{0x62, 1, 0xD3, 0xAF}, Info{Key: true, Slice: true, Irregular: true}},
		{"AP with all", ap(nil, nil, testVPS265, testSPS265, testPPS265, idr), Info{Key: true, Params: true, Slice: true}},
		{"Annex-B with all", cat([]byte{0, 0, 0, 1}, testVPS265, []byte{0, 0, 1}, testSPS265, []byte{0, 0, 1}, testPPS265, []byte{0, 0, 1}, idr),
			Info{Key: true, Params: true, Slice: true, Irregular: true}},
		{"first IRAP type", []byte{16 << 1, 1, 0xAF}, Info{Key: true, Slice: true}},
		{"last IRAP type", []byte{23 << 1, 1, 0xAF}, Info{Key: true, Slice: true}},
		{"after it", []byte{24 << 1, 1, 0xAF}, Info{Slice: true}},
		{"before it", []byte{15 << 1, 1, 0xAF}, Info{Slice: true}},
		{"IDR of a layer above", []byte{0x26, 9, 0xAF}, Info{Slice: true}},
		{"PACI", []byte{50 << 1, 1, 0x26, 0, 1}, Info{Slice: true}},
		{"too short", []byte{0x26, 1}, Info{}},
	})
}

// PLD-07: decoding order numbers stand between header and data.
func TestH265WithDecodingOrderNumbers(t *testing.T) {
	runSteps(t, format(t, "video", "H265/90000", "sprop-max-don-diff=1"), []step{
		{"AP", ap([]byte{0}, []byte{0, 7}, testVPS265, testSPS265, testPPS265), Info{Key: true, Params: true, Changed: true}},
		{"IDR", []byte{0x26, 1, 0, 1, 0xAF}, Info{Key: true, Params: true, Slice: true}},
		{"second segment", []byte{0x26, 1, 0x80, 1, 0x2F}, Info{Slice: true}},
		{"FU start", []byte{0x62, 1, 0x93, 0, 1, 0xAF}, Info{Key: true, Slice: true}},
		{"FU middle", []byte{0x62, 1, 0x13, 0xAF}, Info{Slice: true}},
		{"VPS known already", cat([]byte{0x40, 1, 0, 9}, testVPS265[2:]), Info{Key: true}},
	})
}

// PLD-19: N, the sequence header, and a key frame that has neither.
func TestAV1RandomAccess(t *testing.T) {
	n := byte(len(testSequence))
	frame, inter := []byte{0x30, 0x10, 1}, []byte{0x30, 0x30, 1}
	runSteps(t, format(t, "video", "AV1/90000", ""), []step{
		{"inter frame", cat([]byte{0x10}, inter), Info{Slice: true}},
		{"key frame alone", cat([]byte{0x10}, frame), Info{Key: true, Slice: true}},
		{"key frame with size field", []byte{0x10, 0x32, 0x02, 0x10, 1}, Info{Key: true, Slice: true}},
		{"key frame with layer ids", []byte{0x10, 0x34, 0x00, 0x10, 1}, Info{Key: true, Slice: true}},
		{"hidden key frame", []byte{0x10, 0x30, 0x00, 1}, Info{Slice: true}},
		{"sequence and frame begun", cat([]byte{0x68, n}, testSequence, frame), Info{Key: true, Params: true, Slice: true, Changed: true}},
		{"frame goes on", cat([]byte{0xD0}, inter), Info{Slice: true}},
		{"frame ends", cat([]byte{0x90}, inter), Info{Slice: true}},
		{"sequence with W 0", cat([]byte{0x08, n}, testSequence), Info{Key: true, Params: true}},
		{"its frame", cat([]byte{0x10}, inter), Info{Key: true, Params: true, Slice: true}},
		{"N alone", cat([]byte{0x18}, inter), Info{Key: true, Slice: true}},
		{"size beyond the end", []byte{0x00, 0x7F, 1}, Info{}},
		{"size without end", []byte{0x00, 0xFF, 0xFF}, Info{}},
		{"nothing", nil, Info{}},
	})
}

// PLD-19: key frames by the payload descriptors and the frame headers.
func TestVPRandomAccess(t *testing.T) {
	runSteps(t, format(t, "video", "VP8/90000", ""), []step{
		{"key frame", []byte{0x10, 0x10}, Info{Key: true, Slice: true}},
		{"inter frame", []byte{0x10, 0x11}, Info{Slice: true}},
		{"second partition", []byte{0x11, 0x10}, Info{Slice: true}},
		{"continued", []byte{0x00, 0x10}, Info{Slice: true}},
		{"all extensions", []byte{0x90, 0xF0, 0x81, 2, 3, 4, 0x10}, Info{Key: true, Slice: true}},
		{"short picture id", []byte{0x90, 0x80, 0x01, 0x10}, Info{Key: true, Slice: true}},
		{"cut off", []byte{0x90, 0xF0, 0x81, 2, 3, 4}, Info{}},
	})
	runSteps(t, format(t, "video", "VP9/90000", ""), []step{
		{"key frame", []byte{0x0C, 0x82}, Info{Key: true, Slice: true}},
		{"key frame continued", []byte{0x04, 0x82}, Info{Slice: true}},
		{"inter frame", []byte{0x4C, 0x86}, Info{Slice: true}},
		{"inter frame of FFmpeg, P missing", []byte{0x0C, 0x86}, Info{Slice: true}},
		{"profile 3", []byte{0x0C, 0xB0}, Info{Key: true, Slice: true}},
		{"profile 3 inter", []byte{0x0C, 0xB2}, Info{Slice: true}},
		{"show existing frame", []byte{0x0C, 0x88}, Info{Slice: true}},
		{"lowest layer", []byte{0x2C, 0x00, 0x01, 0x82}, Info{Key: true, Slice: true}},
		{"layer above", []byte{0x2C, 0x02, 0x01, 0x82}, Info{Slice: true}},
		{"scalability structure", []byte{0x8E, 0x81, 2, 0x18, 1, 2, 3, 4, 2, 4, 1, 0x82, 0x82}, Info{Key: true, Slice: true}},
		{"structure cut off", []byte{0x0E, 0xF8, 1, 2, 3}, Info{}},
		{"flexible references", []byte{0x5C, 3, 3, 2, 0x86}, Info{Slice: true}},
	})
}

// PLD-22: VOS, VOL, GOV and I-VOP.
func TestMPEG4VideoRandomAccess(t *testing.T) {
	ivop, pvop := []byte{0, 0, 1, 0xB6, 0x10, 1}, []byte{0, 0, 1, 0xB6, 0x50, 1}
	runSteps(t, format(t, "video", "MP4V-ES/90000", ""), []step{
		{"P-VOP", pvop, Info{Slice: true}},
		{"I-VOP", ivop, Info{Key: true, Slice: true}},
		{"continued", []byte{1, 2, 3}, Info{Slice: true}},
		{"headers and I-VOP", cat(testVOL, ivop), Info{Key: true, Params: true, Slice: true, Changed: true}},
		{"headers alone", testVOL, Info{Key: true, Params: true}},
		{"its I-VOP", ivop, Info{Key: true, Params: true, Slice: true}},
		{"GOV and I-VOP", cat([]byte{0, 0, 1, 0xB3, 0, 0, 7}, ivop), Info{Key: true, Slice: true}},
		{"start code cut off", []byte{0, 0, 1}, Info{}},
	})
}

// PLD-08: a JPEG frame begins at offset 0.
func TestJPEGRandomAccess(t *testing.T) {
	runSteps(t, format(t, "video", "JPEG/90000", ""), []step{
		{"first", []byte{0, 0, 0, 0, 1, 50, 8, 8, 1}, Info{Key: true, Slice: true}},
		{"later", []byte{0, 0, 1, 0, 1, 50, 8, 8, 1}, Info{Slice: true}},
		{"cut off", []byte{0, 0, 0, 0, 1, 50, 8}, Info{}},
	})
}

func TestEveryAudioPacketIsRandomAccess(t *testing.T) {
	for _, s := range samples() {
		if s.kind != "audio" {
			continue
		}
		f := s.format(t)
		for _, p := range append(s.payloads, nil) {
			if got := f.Inspect(p, true); !got.Key || got.Slice || got.Params || got.Changed {
				t.Errorf("%s: got %+v", s.name, got)
			}
		}
		if f.Parameters() != nil {
			t.Errorf("%s has parameters", s.name)
		}
	}
}

// PLD-14: ADTS has no place in RTP.
func TestADTSIsIrregular(t *testing.T) {
	s := samples()[8]
	f := s.format(t)
	for _, p := range [][]byte{au(0, fill(300)), au(5000, cat([]byte{0xFF, 0xF1}, fill(300)))} {
		if f.Inspect(p, true).Irregular {
			t.Errorf("%.8x is irregular", p)
		}
	}
	unit := fill(300)
	payload := au(0, adts(unit))
	if !f.Inspect(payload, true).Irregular {
		t.Error("ADTS is regular")
	}
	list, ok := collect(f, payload, 1400)
	if want := au(0, unit); !ok || len(list) != 1 || !bytes.Equal(list[0].payload, want) {
		t.Errorf("got %x, want %x", list[0].payload, want)
	}
}

func TestInspectTruncated(t *testing.T) {
	for _, s := range samples() {
		f := s.format(t)
		for _, p := range s.payloads {
			for n := range min(len(p), 200) {
				f.Inspect(p[:n], n%2 == 0)
			}
		}
	}
}

// The hot path: a packet costs no allocation once the parameter sets are known.
func TestInspectAllocatesNothing(t *testing.T) {
	for _, s := range samples() {
		f := s.format(t)
		run := func() {
			for _, p := range s.payloads {
				f.Inspect(p, true)
			}
		}
		run()
		if n := testing.AllocsPerRun(50, run); n != 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}

func FuzzInspect(f *testing.F) {
	all := samples()
	for i, s := range all {
		for _, p := range s.payloads {
			f.Add(uint8(i), p[:min(len(p), 300)], []byte{1, 2, 3})
		}
		f.Add(uint8(i), s.payloads[0], s.payloads[len(s.payloads)-1])
	}
	f.Fuzz(func(t *testing.T, which uint8, first, second []byte) {
		s := &all[int(which)%len(all)]
		format := s.format(t)
		for _, p := range [][]byte{first, second, first} {
			before := bytes.Clone(p)
			info := format.Inspect(p, true)
			if !bytes.Equal(before, p) {
				t.Fatalf("%s: Inspect changed the payload", s.name)
			}
			if info.Changed && s.kind != "video" {
				t.Fatalf("%s: parameters changed", s.name)
			}
		}
		total := 0
		for _, p := range format.Parameters() {
			total += len(p)
			if info := s.format(t).Inspect(p, true); info.Slice && s.name != "MP4V-ES" {
				t.Fatalf("%s: parameters with a picture: %x", s.name, p)
			}
		}
		if limit := 3*(len(first)+len(second)) + 16; total > limit {
			t.Fatalf("%s: %d bytes of parameters from %d", s.name, total, len(first)+len(second))
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			f, p := s.format(b), s.payloads[1]
			b.ReportAllocs()
			for b.Loop() {
				f.Inspect(p, false)
			}
		})
	}
}
