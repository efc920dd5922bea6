package sdp

import (
	"reflect"
	"strings"
	"testing"
)

// SDP-01: the whole of what Baton writes, byte for byte.
func TestAppendWritesLinesInOrder(t *testing.T) {
	s := &Session{
		Origin:     Origin{ID: 1, Version: 2, Address: "192.0.2.10"},
		Name:       "clock",
		Info:       "wall time",
		Attributes: []Attribute{{"control", "*"}, {"range", "npt=now-"}},
		Media: []*Media{{
			Type: "video", Proto: "RTP/AVP", Formats: []string{"96"}, Bandwidth: []Bandwidth{{"AS", 500}},
			Attributes: []Attribute{{"rtpmap", "96 H264/90000"}, {"recvonly", ""}, {"control", "track1"}},
		}, {
			Type: "audio", Port: 5004, Ports: 2, Proto: "RTP/AVP", Formats: []string{"0", "8"},
			Info: "left", Connection: "IN IP4 239.1.2.3/15",
		}},
	}
	want := strings.ReplaceAll(`v=0
o=- 1 2 IN IP4 192.0.2.10
s=clock
i=wall time
c=IN IP4 0.0.0.0
t=0 0
a=control:*
a=range:npt=now-
m=video 0 RTP/AVP 96
b=AS:500
a=rtpmap:96 H264/90000
a=recvonly
a=control:track1
m=audio 5004/2 RTP/AVP 0 8
i=left
c=IN IP4 239.1.2.3/15
`, "\n", "\r\n")
	if got := string(s.Append(nil)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// SDP-01: the zero values of all that is mandatory are written as their neutral values.
func TestAppendSuppliesWhatIsMandatory(t *testing.T) {
	for name, s := range map[string]*Session{
		"no media":    {},
		"empty media": {Media: []*Media{{}, {}}},
		"IPv6":        {Origin: Origin{AddrType: "IP6", Address: "2001:db8::1"}, Media: []*Media{{}}},
		"own c=":      {Media: []*Media{{Connection: "IN IP4 0.0.0.0"}}},
	} {
		t.Run(name, func(t *testing.T) { checkStrictly(t, s) })
	}
}

// SEC-01: no value can end its line and begin another.
func TestAppendNeverLetsAValueAddALine(t *testing.T) {
	const evil = "x\r\na=evil:1\nm=evil\x00"
	s := &Session{
		Origin: Origin{Username: evil, NetType: evil, AddrType: evil, Address: evil},
		Name:   evil, Info: evil, Connection: evil, Timing: evil,
		Bandwidth:  []Bandwidth{{evil, 1}},
		Attributes: []Attribute{{evil, evil}},
		Media: []*Media{{
			Type: evil, Proto: evil, Formats: []string{evil}, Info: evil, Connection: evil,
			Bandwidth: []Bandwidth{{evil, 1}}, Attributes: []Attribute{{evil, evil}},
		}},
	}
	text := strings.TrimSuffix(string(s.Append(nil)), "\r\n")
	if n := strings.Count(text, "\r\n") + 1; n != 13 || strings.Count(text, "\n") != n-1 || strings.ContainsRune(text, 0) {
		t.Errorf("%d lines:\n%q", n, text)
	}
}

// SDP-04, ONV-13, RTP-13: what Baton does not know is passed on as it came, in order.
func TestUnknownAttributesPassThrough(t *testing.T) {
	want := []Attribute{
		{"x-onvif-profile", "main"}, {"mid", "1"}, {"ssrc", "1234 cname:x"}, {"framerate", "25.0"},
		{"x-dimensions", "2560,1440"}, {"cliprect", "0,0,1080,1920"}, {"ts-refclk", "ptp=IEEE1588-2008:00-11:0"},
		{"mediaclk", "direct=963214424"}, {"x-onvif-track", "VIDEO001"}, {"sendonly", ""},
	}
	s := &Session{Media: []*Media{{Type: "video", Proto: "RTP/AVP", Formats: []string{"26"}, Attributes: want}}}
	s.SetAttr("tool", "encoder 1.0")
	s.SetAttr("group", "LS 1 2")
	again := mustParse(t, string(s.Append(nil)))
	if !reflect.DeepEqual(again.Media[0].Attributes, want) || !reflect.DeepEqual(again.Attributes, s.Attributes) {
		t.Errorf("session %v, media %v", again.Attributes, again.Media[0].Attributes)
	}
}

// Append adds to what is there and allocates nothing when there is room.
func TestAppendAllocatesNothing(t *testing.T) {
	s := mustParse(t, string(corpusFiles(t)["hikvision-main"]))
	buffer := make([]byte, 0, 8<<10)
	allocs := testing.AllocsPerRun(100, func() { buffer = s.Append(buffer[:0]) })
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	if got := string(s.Append([]byte("body:"))); got != "body:"+string(buffer) {
		t.Errorf("did not append: %q", got)
	}
}
