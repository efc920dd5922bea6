package sdp

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// RTP-02, PLD-18: static payload types need no a=rtpmap.
func TestStaticPayloadTypesAreKnown(t *testing.T) {
	for _, test := range []struct {
		pt       uint8
		encoding string
		rate     int
		channels int
	}{
		{0, "PCMU", 8000, 1}, {3, "GSM", 8000, 1}, {4, "G723", 8000, 1}, {5, "DVI4", 8000, 1}, {6, "DVI4", 16000, 1},
		{7, "LPC", 8000, 1}, {8, "PCMA", 8000, 1}, {9, "G722", 8000, 1}, {10, "L16", 44100, 2}, {11, "L16", 44100, 1},
		{12, "QCELP", 8000, 1}, {13, "CN", 8000, 1}, {14, "MPA", 90000, 1}, {15, "G728", 8000, 1}, {16, "DVI4", 11025, 1},
		{17, "DVI4", 22050, 1}, {18, "G729", 8000, 1}, {25, "CelB", 90000, 0}, {26, "JPEG", 90000, 0}, {28, "nv", 90000, 0},
		{31, "H261", 90000, 0}, {32, "MPV", 90000, 0}, {33, "MP2T", 90000, 0}, {34, "H263", 90000, 0},
	} {
		m := &Media{Type: "video", Proto: "RTP/AVP", Formats: []string{strconv.Itoa(int(test.pt))}}
		want := []Format{{test.pt, test.encoding, test.rate, test.channels, nil}}
		if got := m.FormatList(); !reflect.DeepEqual(got, want) {
			t.Errorf("payload type %d: %+v, want %+v", test.pt, got, want)
		}
	}
}

// PLD-13, PLD-15, PLD-17, PLD-18, PLD-21: what a=rtpmap says, however it says it.
func TestRTPMapIsRead(t *testing.T) {
	for _, test := range []struct {
		kind, text string
		want       Format
	}{
		{"video", "H264/90000", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264/0", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264/-1", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264/99999999999", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264 90000", Format{96, "H264", 90000, 0, nil}},
		{"video", "H264 / 90000 / 1", Format{96, "H264", 90000, 0, nil}},
		{"video", "vnd.x/1000", Format{96, "vnd.x", 1000, 0, nil}},
		{"application", "vnd.x", Format{96, "vnd.x", 90000, 0, nil}},
		{"audio", "opus/48000/2", Format{96, "opus", 48000, 2, nil}},
		{"audio", "opus", Format{96, "opus", 48000, 1, nil}},
		{"audio", "opus/16000/1", Format{96, "opus", 16000, 1, nil}},
		{"audio", "L16/44100/2", Format{96, "L16", 44100, 2, nil}},
		{"audio", "L16", Format{96, "L16", 44100, 1, nil}},
		{"audio", "MPA", Format{96, "MPA", 90000, 1, nil}},
		{"audio", "G726-32/8000", Format{96, "G726-32", 8000, 1, nil}},
		{"audio", "AAL2-G726-32", Format{96, "AAL2-G726-32", 8000, 1, nil}},
		{"audio", "PCMU/8000/0", Format{96, "PCMU", 8000, 1, nil}},
		{"audio", "PCMU/16000/999", Format{96, "PCMU", 16000, 1, nil}},
		{"audio", "G722/8000", Format{96, "G722", 8000, 1, nil}},
	} {
		m := &Media{Type: test.kind, Formats: []string{"96"}, Attributes: []Attribute{{"rtpmap", "96 " + test.text}}}
		if got := m.FormatList(); !reflect.DeepEqual(got, []Format{test.want}) {
			t.Errorf("%s %q: %+v, want %+v", test.kind, test.text, got, test.want)
		}
	}
}

// PLD-15: formats keep the order of the m= line, each once; a medium that nothing describes is
// still a track.
func TestFormatListFollowsTheMediaLine(t *testing.T) {
	m := &Media{Type: "audio", Formats: []string{"97", "0", "97", "x", "200", "98"}, Attributes: []Attribute{
		{"fmtp", "97 a=1"}, {"rtpmap", "97 first/16000"}, {"rtpmap", "97 second/8000"}, {"fmtp", "97 b=2"},
	}}
	want := []Format{
		{97, "first", 16000, 1, Params{{"a", "1"}, {"b", "2"}}},
		{0, "PCMU", 8000, 1, nil},
		{98, "", 8000, 1, nil},
	}
	if got := m.FormatList(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// PLD-13: parameters in every spelling met.
func TestParamsAreRead(t *testing.T) {
	for _, test := range []struct {
		text string
		want Params
	}{
		{"a=1;b=2", Params{{"a", "1"}, {"b", "2"}}},
		{"a=1; b=2;", Params{{"a", "1"}, {"b", "2"}}},
		{" a = 1 ;; B = \"2\" ; ", Params{{"a", "1"}, {"B", "2"}}},
		{"a=1 b=2", Params{{"a", "1"}, {"b", "2"}}},
		{"a=1 b=2; c=3", Params{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
		{"sprop-parameter-sets=Z0==,aM4=", Params{{"sprop-parameter-sets", "Z0==,aM4="}}},
		{"0-15", Params{{"0-15", ""}}},
		{"96/97/98", Params{{"96/97/98", ""}}},
		{"annexb; config=", Params{{"annexb", ""}, {"config", ""}}},
		{"=1;;", nil},
		{"", nil},
		{strings.Repeat("a;", 3*maxParams), slices.Repeat(Params{{"a", ""}}, maxParams)},
	} {
		if got := parseParams(nil, test.text); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

// Parameter names have no case; Set replaces or adds.
func TestParamsAreFoundWithoutCase(t *testing.T) {
	p := Params{{"SizeLength", "13"}, {"annexb", ""}}
	if p.Get("sizelength") != "13" || p.Get("mode") != "" || !p.Has("AnnexB") || p.Has("mode") {
		t.Errorf("%q", p)
	}
	p.Set("SIZELENGTH", "6")
	p.Set("mode", "AAC-lbr")
	if got := p.String(); got != "SizeLength=6;annexb;mode=AAC-lbr" {
		t.Errorf("%q", got)
	}
}

// PLD-17, FBK-04: SetFormat writes what FormatList reads, and replaces what was there.
func TestSetFormatIsReadBack(t *testing.T) {
	for _, f := range []Format{
		{96, "H264", 90000, 0, Params{{"packetization-mode", "1"}, {"sprop-parameter-sets", "Z0==,aM4="}}},
		{97, "opus", 48000, 2, nil},
		{0, "PCMU", 8000, 1, nil},
		{98, "rtx", 90000, 0, Params{{"apt", "96"}, {"rtx-time", "2000"}}},
	} {
		kind := "video"
		if f.Channels > 0 {
			kind = "audio"
		}
		m := &Media{Type: kind, Attributes: []Attribute{{"control", "1"}}}
		m.SetFormat(Format{PayloadType: f.PayloadType, Encoding: "old", ClockRate: 1000, Params: Params{{"old", "1"}}})
		m.SetFormat(f)
		if got := m.FormatList(); !reflect.DeepEqual(got, []Format{f}) || m.Control() != "1" {
			t.Errorf("%+v, want %+v", got, f)
		}
	}
}

// RFC 4855 §3: encoding names have no case.
func TestEncodingNameHasNoCase(t *testing.T) {
	f := Format{Encoding: "MPEG4-GENERIC"}
	if !f.Is("mpeg4-generic") || f.Is("MP4A-LATM") {
		t.Error(f)
	}
}
