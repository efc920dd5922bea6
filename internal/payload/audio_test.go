package payload

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// PLD-14: each piece of an access unit says the size of the whole; the marker is
// on the last, and every packet of whole units has one.
func TestAACAccessUnitIsCut(t *testing.T) {
	f := format(t, "audio", "mpeg4-generic/48000/2", "mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190")
	small, large := fill(100), fill(2500)
	list, ok := collect(f, au(0, small, small, large, small), 1000)
	want := []sent{
		{au(0, small, small), 0, true},
		{au(2500, large[:996]), 2048, false},
		{au(2500, large[996:1992]), 2048, false},
		{au(2500, large[1992:]), 2048, true},
		{au(0, small), 3072, true},
	}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(sent{})); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// PLD-13, PLD-15: names in any case, spaces, a trailing semicolon, lengths or
// config missing.
func TestAACParametersAsCamerasWriteThem(t *testing.T) {
	for _, fmtp := range []string{
		"streamtype=5; profile-level-id=15; mode=AAC-hbr; sizeLength=13; indexLength=3; indexDeltaLength=3; config=1408; Profile=1;",
		"MODE=aac-HBR;SIZELENGTH=13;INDEXLENGTH=3;INDEXDELTALENGTH=3;CONFIG=1408",
		"mode=AAC-hbr", "",
	} {
		f := format(t, "audio", "MPEG4-GENERIC/16000/1", fmtp)
		list, ok := collect(f, au(0, fill(800), fill(800)), 1000)
		if !ok || len(list) != 2 || list[1].delta != 1024 {
			t.Errorf("%q: %v, %d payloads", fmtp, ok, len(list))
		}
	}
}

// The duration of a frame in ticks depends on the configuration.
func TestAACFrameDuration(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		clock  string
		want   uint32
	}{
		"LC at 44.1 kHz":                  {"1210", "44100", 1024},
		"960 samples":                     {"1194", "48000", 960},
		"HE-AAC, clock of the output":     {"2B11880800", "48000", 2048}, // SBR 24 to 48 kHz
		"HE-AAC implicit, double clock":   {"1308", "48000", 2048},
		"low delay":                       {"B98800", "48000", 512},
		"low delay, 480 samples":          {"B98C00", "48000", 480},
		"frequency written out":           {"17805DC010", "48000", 1024},
		"reserved frequency":              {"1710", "48000", 1024},
		"object type of two parts":        {"F8E640", "48000", 512}, // ELD, 39
		"no hexadecimal number":           {"zz", "48000", 1024},
		"too short to hold what it needs": {"12", "48000", 1024},
	} {
		f := format(t, "audio", "mpeg4-generic/"+c.clock, "mode=AAC-hbr;config="+c.config)
		list, ok := collect(f, au(0, fill(800), fill(800)), 1000)
		if !ok || len(list) != 2 || list[1].delta != c.want {
			t.Errorf("%s: %v, times %v, want %d", name, ok, deltas(list), c.want)
		}
	}
}

// RFC 3640 §3.3.5: AAC-lbr has headers of one byte.
func TestAACLowBitRate(t *testing.T) {
	f := format(t, "audio", "mpeg4-generic/22050", "mode=AAC-lbr;sizelength=6;indexlength=2;indexdeltalength=2")
	a, b := fill(60), fill(50)
	list, ok := collect(f, cat([]byte{0, 16, 60 << 2, 50 << 2}, a, b), 100)
	want := []sent{{cat([]byte{0, 8, 60 << 2}, a), 0, true}, {cat([]byte{0, 8, 50 << 2}, b), 1024, true}}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(sent{})); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Interleaved units keep the time that their index says.
func TestAACInterleaved(t *testing.T) {
	f := format(t, "audio", "mpeg4-generic/44100", "mode=AAC-hbr")
	payload := au(0, fill(300), fill(300), fill(700))
	payload[5] |= 2 // two units between the first and the second
	list, ok := collect(f, payload, 1000)
	if diff := cmp.Diff([]uint32{0, 3 * 1024, 4 * 1024}, deltas(list)); !ok || diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
}

func deltas(list []sent) []uint32 {
	var out []uint32
	for _, e := range list {
		out = append(out, e.delta)
	}
	return out
}

func TestAACHeadersThatAreNotReadAreNotSplit(t *testing.T) {
	for _, fmtp := range []string{"mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;CTSDeltaLength=8", "mode=CELP-cbr;constantsize=27", "mode=generic"} {
		f := format(t, "audio", "mpeg4-generic/44100", fmtp)
		if list, ok := collect(f, au(0, fill(3000)), 1000); ok || list != nil {
			t.Errorf("%q was split", fmtp)
		}
		if list, ok := collect(f, au(0, fill(300)), 1000); !ok || len(list) != 1 {
			t.Errorf("%q: what fits was refused", fmtp)
		}
	}
}

// RFC 2250 §3.5: whole frames go together, each packet with its time; a frame
// that does not fit is cut, with the offset in each piece.
func TestMPEGAudioSplit(t *testing.T) {
	f := format(t, "audio", "MPA/90000", "")
	frame := mp3()
	list, ok := collect(f, cat([]byte{0, 0, 0, 0}, frame, frame, frame, frame), 1000)
	two := cat([]byte{0, 0, 0, 0}, frame, frame)
	want := []sent{{two, 0, false}, {two, 2 * 1152 * 90000 / 44100, true}}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(sent{})); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	list, ok = collect(f, cat([]byte{0, 0, 0, 0}, frame), 304)
	want = []sent{{cat([]byte{0, 0, 0, 0}, frame[:300]), 0, false}, {cat([]byte{0, 0, 1, 44}, frame[300:]), 0, true}}
	if diff := cmp.Diff(want, list, cmp.AllowUnexported(sent{})); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The frame headers of all versions and layers (ISO/IEC 11172-3, 13818-3).
func TestMPEGAudioFrames(t *testing.T) {
	for name, c := range map[string]struct {
		header []byte
		want   mpegFrame
	}{
		"MPEG-1 layer 3":           {[]byte{0xFF, 0xFB, 0x90, 0x00}, mpegFrame{417, 1152, 44100}},
		"MPEG-1 layer 3, padded":   {[]byte{0xFF, 0xFB, 0x92, 0x00}, mpegFrame{418, 1152, 44100}},
		"MPEG-1 layer 2":           {[]byte{0xFF, 0xFD, 0xA4, 0x00}, mpegFrame{576, 1152, 48000}},
		"MPEG-1 layer 1":           {[]byte{0xFF, 0xFF, 0x98, 0x00}, mpegFrame{432, 384, 32000}},
		"MPEG-2 layer 3":           {[]byte{0xFF, 0xF3, 0x80, 0x00}, mpegFrame{208, 576, 22050}},
		"MPEG-2 layer 2":           {[]byte{0xFF, 0xF5, 0x84, 0x00}, mpegFrame{384, 1152, 24000}},
		"MPEG-2 layer 1":           {[]byte{0xFF, 0xF7, 0x84, 0x00}, mpegFrame{256, 384, 24000}},
		"MPEG-2.5 layer 3":         {[]byte{0xFF, 0xE3, 0x44, 0x00}, mpegFrame{192, 576, 12000}},
		"free bit rate":            {[]byte{0xFF, 0xFB, 0x00, 0x00}, mpegFrame{0, 1152, 44100}},
		"forbidden bit rate":       {[]byte{0xFF, 0xFB, 0xF0, 0x00}, mpegFrame{0, 1152, 44100}},
		"reserved sampling rate":   {[]byte{0xFF, 0xFB, 0x9C, 0x00}, mpegFrame{}},
		"reserved layer":           {[]byte{0xFF, 0xF9, 0x90, 0x00}, mpegFrame{}},
		"reserved version":         {[]byte{0xFF, 0xEB, 0x90, 0x00}, mpegFrame{}},
		"no header":                {[]byte{0x12, 0xFB, 0x90, 0x00}, mpegFrame{}},
		"header that is cut short": {[]byte{0xFF, 0xFB, 0x90}, mpegFrame{}},
	} {
		if got := mpegAudioFrame(c.header); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// PLD-18: samples of all channels stay together, and time goes on.
func TestSampledAudioIsCutBetweenSamples(t *testing.T) {
	for name, c := range map[string]struct {
		rtpmap string
		sizes  []int
		deltas []uint32
	}{
		"PCMU":        {"PCMU/8000", []int{1000, 1000, 500}, []uint32{0, 1000, 2000}},
		"PCMA stereo": {"PCMA/8000/2", []int{1000, 1000, 500}, []uint32{0, 500, 1000}},
		"G722":        {"G722/8000", []int{1000, 1000, 500}, []uint32{0, 1000, 2000}},
		"L16 stereo":  {"L16/48000/2", []int{1000, 1000, 500}, []uint32{0, 250, 500}},
		"L24 of six":  {"L24/48000/6", []int{990, 990, 520}, []uint32{0, 55, 110}},
	} {
		payload := fill(2500)
		list, ok := collect(format(t, "audio", c.rtpmap, ""), payload, 1000)
		if !ok || len(list) != len(c.sizes) {
			t.Errorf("%s: %v, %d payloads", name, ok, len(list))
			continue
		}
		for i, e := range list {
			if len(e.payload) != c.sizes[i] || e.delta != c.deltas[i] || e.last != (i == len(list)-1) {
				t.Errorf("%s: payload %d has %d bytes, delta %d, last %v", name, i, len(e.payload), e.delta, e.last)
			}
		}
	}
}

// PLD-17: an Opus packet is never cut. PLD-16: LATM is, anywhere.
func TestOpusIsNotSplitAndLATMIs(t *testing.T) {
	if list, ok := collect(format(t, "audio", "opus/48000/2", ""), fill(1500), 1400); ok || list != nil {
		t.Error("Opus was split")
	}
	payload := cat([]byte{255, 255, 90}, fill(600))
	list, ok := collect(format(t, "audio", "MP4A-LATM/90000", "cpresent=0"), payload, 400)
	if !ok || len(list) != 2 || !bytes.Equal(cat(list[0].payload, list[1].payload), payload) {
		t.Errorf("LATM: %v %d", ok, len(list))
	}
}
