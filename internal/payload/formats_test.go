package payload

import (
	"bytes"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/sdp"
)

// media makes a media description with one format.
func media(t testing.TB, kind, rtpmap, fmtp string) *sdp.Media {
	t.Helper()
	text := "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=" + kind + " 0 RTP/AVP 96\r\na=rtpmap:96 " + rtpmap + "\r\n"
	if fmtp != "" {
		text += "a=fmtp:96 " + fmtp + "\r\n"
	}
	s, err := sdp.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Media[0]
}

// sample is one format with payloads of it, in order, and how to join them.
type sample struct {
	name               string
	kind, rtpmap, fmtp string
	join               joiner
	payloads           [][]byte
}

func (s *sample) format(t testing.TB) Format {
	t.Helper()
	f := New(media(t, s.kind, s.rtpmap, s.fmtp))
	if f == nil {
		t.Fatalf("%s is not known", s.name)
	}
	return f
}

func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8 + 1)
	}
	return b
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var (
	testSPS = []byte{0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x6c, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb}
	testPPS = []byte{0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0}

	testVPS265 = []byte{0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x5d, 0x95, 0x98, 0x09}
	testSPS265 = []byte{0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x5d, 0xa0, 0x02, 0x80, 0x80, 0x2d, 0x16, 0x59, 0x59, 0xa4, 0x93, 0x2b, 0xc0, 0x5a, 0x70, 0x80, 0x00, 0x01, 0xf4, 0x80, 0x00, 0x3a, 0x98, 0x04}
	testPPS265 = []byte{0x44, 0x01, 0xc1, 0x72, 0xb4, 0x62, 0x40}

	testSequence = []byte{0x08, 0x00, 0x00, 0x00, 0x24, 0xc6, 0xab, 0xdf, 0x3e, 0xfe, 0x24, 0x04, 0x04, 0x04, 0x10}
	testVOL      = []byte{0, 0, 1, 0xB0, 1, 0, 0, 1, 0xB5, 0x89, 0x13, 0, 0, 1, 0, 0, 0, 1, 0x20, 0, 0xC4, 0x8D, 0x88}
)

func stap(nals ...[]byte) []byte {
	b := []byte{0}
	for _, nal := range nals {
		b = appendSTAP(b, nal)
	}
	return b
}

func ap(between []byte, first []byte, nals ...[]byte) []byte {
	b := append([]byte{48 << 1, 1}, first...)
	for i, nal := range nals {
		if i > 0 {
			b = append(b, between...)
		}
		b = append(append(b, byte(len(nal)>>8), byte(len(nal))), nal...)
	}
	return b
}

// au makes an AAC-hbr payload of access units; whole is the size that a lone one
// says, 0 for its own.
func au(whole int, units ...[]byte) []byte {
	b := []byte{byte(len(units) * 16 >> 8), byte(len(units) * 16)}
	for _, u := range units {
		n := len(u)
		if whole > 0 {
			n = whole
		}
		b = append(b, byte(n>>5), byte(n<<3))
	}
	return append(b, bytes.Join(units, nil)...)
}

func adts(unit []byte) []byte {
	n := len(unit) + 7
	return cat([]byte{0xFF, 0xF1, 0x50, 0x80 | byte(n>>11), byte(n >> 3), byte(n<<5) | 0x1F, 0xFC}, unit)
}

// mp3 is a frame of 128 kbit/s, 44.1 kHz: 417 bytes, 1152 samples.
func mp3() []byte {
	b := fill(417)
	copy(b, []byte{0xFF, 0xFB, 0x90, 0x00})
	return b
}

// samples are all formats. Each has payloads above 1400 bytes among others.
func samples() []sample {
	return []sample{
		{"H264", "video", "H264/90000", "packetization-mode=1", joinH264, [][]byte{
			stap(testSPS, testPPS), cat([]byte{0x65, 0x88}, fill(3000)), cat([]byte{0x41, 0x9A}, fill(5000)),
			cat([]byte{0x7C, 0x85, 0x88}, fill(3000)), cat([]byte{0x7C, 0x05}, fill(3000)), cat([]byte{0x7C, 0x45}, fill(3000)),
			cat([]byte{0x7C, 0xC5, 0x88}, fill(3000)), cat([]byte{0x7C, 0xC5, 0x88}, fill(30)),
			stap(testSPS, testPPS, cat([]byte{0x65, 0x88}, fill(3000)), []byte{0x65, 0x40, 1}),
			cat([]byte{0, 0, 0, 1}, testSPS, []byte{0, 0, 1}, testPPS, []byte{0, 0, 0, 1, 0x65, 0x88, 0x80}, bytes.Repeat([]byte{7}, 3000)),
			cat(testSPS, []byte{0, 0, 0, 1}, testPPS, []byte{0, 0, 1, 0x65, 0x88}),
			{0x06, 0x06, 0x01, 0xC4, 0x80}, {0x09, 0x10}, {}, {0x41},
		}},
		{"H265", "video", "H265/90000", "", joinH265(false), [][]byte{
			ap(nil, nil, testVPS265, testSPS265, testPPS265), cat([]byte{0x26, 0x01, 0xAF}, fill(3000)), cat([]byte{0x02, 0x01, 0xD0}, fill(3000)),
			cat([]byte{0x62, 0x01, 0x93, 0xAF}, fill(3000)), cat([]byte{0x62, 0x01, 0x13}, fill(3000)), cat([]byte{0x62, 0x01, 0x53}, fill(3000)),
			cat([]byte{0x62, 0x01, 0xD3, 0xAF}, fill(30)), cat([]byte{0x62, 0x01, 0xD3, 0xAF}, fill(3000)),
			ap(nil, nil, testVPS265, testSPS265, testPPS265, cat([]byte{0x26, 0x01, 0xAF}, fill(3000))),
			cat([]byte{0, 0, 0, 1}, testVPS265, []byte{0, 0, 1}, testSPS265, []byte{0, 0, 1, 0x26, 0x01, 0xAF}, bytes.Repeat([]byte{9}, 3000)),
			{50 << 1, 1, 0x26, 0, 1, 2}, {0x4E, 0x01, 0x06, 0x01, 0xC4, 0x80}, {0x48, 0x01}, {},
		}},
		{"H265 with DONL", "video", "H265/90000", "sprop-max-don-diff=2", joinH265(true), [][]byte{
			ap([]byte{0}, []byte{0, 7}, testVPS265, testSPS265, testPPS265), cat([]byte{0x26, 0x01, 0, 10, 0xAF}, fill(3000)),
			cat([]byte{0x62, 0x01, 0x93, 0, 11, 0xAF}, fill(3000)), cat([]byte{0x62, 0x01, 0x13}, fill(3000)),
			cat([]byte{0x62, 0x01, 0xD3, 0, 12, 0xAF}, fill(30)), cat([]byte{0x40, 0x01, 0, 3}, testVPS265[2:]),
			ap([]byte{3}, []byte{0xFF, 0xFE}, testVPS265, cat([]byte{0x26, 0x01, 0xAF}, fill(3000)), cat([]byte{0x02, 0x01, 0xAF}, fill(300))),
		}},
		{"AV1", "video", "AV1/90000", "", joinAV1, [][]byte{
			cat([]byte{0x28, byte(len(testSequence))}, testSequence, []byte{0x30, 0x10}, fill(3000)), cat([]byte{0x10, 0x30, 0x30}, fill(3000)),
			cat([]byte{0x50, 0x30, 0x30}, fill(3000)), cat([]byte{0xD0}, fill(3000)), cat([]byte{0x90}, fill(3000)),
			cat([]byte{0x08, byte(len(testSequence))}, testSequence, []byte{2, 0x30, 0x10}), {},
		}},
		{"VP8", "video", "VP8/90000", "", joinVP8(), [][]byte{
			cat([]byte{0x10, 0x10, 0x02, 0x00}, fill(3000)), cat([]byte{0x90, 0xF0, 0x81, 0x02, 0x03, 0x20, 0x11}, fill(3000)), cat([]byte{0x00}, fill(3000)),
		}},
		{"VP9", "video", "VP9/90000", "", joinVP9(), [][]byte{
			cat([]byte{0x8E, 0x81, 0x02, 0x18, 0x02, 0x80, 0x01, 0xE0, 0x01, 0x04, 0x01, 0x82, 0x49}, fill(3000)), cat([]byte{0xCC, 0x03, 0x86}, fill(3000)),
			cat([]byte{0xFC, 0x81, 0x02, 0x02, 0x03, 0x02, 0x86}, fill(3000)), cat([]byte{0x08, 0x82}, fill(1500)), cat([]byte{0x04, 0x82}, fill(1500)),
		}},
		{"MP4V-ES", "video", "MP4V-ES/90000", "", joinBytes, [][]byte{
			cat(testVOL, []byte{0, 0, 1, 0xB6, 0x10}, fill(3000)), fill(3000), cat([]byte{0, 0, 1, 0xB6, 0x50}, fill(3000)),
		}},
		{"JPEG", "video", "JPEG/90000", "", joinJPEG, [][]byte{
			cat([]byte{0, 0, 0, 0, 1, 255, 80, 45, 0, 0, 0, 128}, fill(128), fill(3000)), cat([]byte{0, 0, 0xC, 0, 1, 255, 80, 45}, fill(3000)),
			cat([]byte{0, 0, 0, 0, 65, 80, 80, 45, 0, 4, 0xFF, 0xFF}, fill(3000)), cat([]byte{0, 0, 0, 9, 64, 80, 80, 45, 0, 4, 0xC0, 0x07}, fill(3000)),
		}},
		{"mpeg4-generic", "audio", "mpeg4-generic/44100/2", "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1210", joinAAC, [][]byte{
			au(0, fill(300)), au(0, fill(700), fill(800), fill(900)), au(0, fill(6000)), au(5000, fill(2000)), au(0, fill(100), fill(3000), fill(200), fill(300)),
			au(0, adts(fill(300))), au(0, adts(fill(3000))),
		}},
		{"MP4A-LATM", "audio", "MP4A-LATM/44100/2", "cpresent=0", joinBytes, [][]byte{cat([]byte{255, 255, 90}, fill(3000)), fill(100)}},
		{"opus", "audio", "opus/48000/2", "", joinBytes, [][]byte{fill(300), fill(1400)}},
		{"PCMU", "audio", "PCMU/8000", "", joinPCM(1), [][]byte{fill(160), fill(4000)}},
		{"G722", "audio", "G722/8000", "", joinPCM(1), [][]byte{fill(160), fill(4000)}},
		{"L16", "audio", "L16/44100/2", "", joinPCM(4), [][]byte{fill(160), fill(4000)}},
		{"L24", "audio", "L24/48000/6", "", joinPCM(18), [][]byte{fill(180), fill(3600)}},
		{"MPA", "audio", "MPA/90000", "", joinMPA, [][]byte{
			cat([]byte{0, 0, 0, 0}, mp3()), cat([]byte{0, 0, 0, 0}, mp3(), mp3(), mp3(), mp3()), cat([]byte{0, 0, 1, 0}, fill(3000)),
		}},
	}
}

func TestFormatsAreKnownByEncodingName(t *testing.T) {
	for _, s := range samples() {
		for _, name := range []string{s.rtpmap, strings.ToUpper(s.rtpmap), strings.ToLower(s.rtpmap)} {
			m := media(t, s.kind, name, s.fmtp)
			if New(m) == nil || !Known(m) || Video(m) != (s.kind == "video") {
				t.Errorf("%s: not known", name)
			}
		}
	}
}

// PLD-21, PLD-22: what is not known is opaque, not an error.
func TestOtherEncodingsAreOpaque(t *testing.T) {
	for _, m := range []*sdp.Media{
		media(t, "video", "vnd.x/1000", ""), media(t, "application", "smpte336m/90000", ""),
		media(t, "video", "mpeg4-generic/90000", "mode=generic"), media(t, "audio", "mpa-robust/90000", ""), nil,
	} {
		if New(m) != nil || Known(m) {
			t.Errorf("%+v is known", m)
		}
	}
	Describe(nil, media(t, "video", "vnd.x/1000", ""))
}

// RTP-02: static payload types need no rtpmap.
func TestStaticPayloadTypesAreKnown(t *testing.T) {
	for pt, kind := range map[string]string{"0": "audio", "8": "audio", "9": "audio", "10": "audio", "14": "audio", "26": "video"} {
		s, err := sdp.Parse([]byte("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=" + kind + " 0 RTP/AVP " + pt + "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if New(s.Media[0]) == nil {
			t.Errorf("payload type %s is not known", pt)
		}
	}
}
