package sdp

import (
	"reflect"
	"testing"
)

// A clone shares nothing with its original.
func TestCloneIsIndependent(t *testing.T) {
	s := mustParse(t, string(corpusFiles(t)["ffmpeg-publish"]))
	want := string(s.Append(nil))
	c := s.Clone()
	c.SetAttr("tool", "other")
	c.Attributes[0].Value = "other"
	c.Media[0].SetAttr("control", "other")
	c.Media[0].Formats[0] = "99"
	c.Media[0].Bandwidth[0].Value = 1
	c.Media[1].Type = "text"
	c.Media = append(c.Media[:1], &Media{})
	if got := string(s.Append(nil)); got != want {
		t.Errorf("the original became\n%s", got)
	}
}

// Attributes of neighbouring sections do not grow into each other.
func TestSectionsDoNotShareRoom(t *testing.T) {
	s := mustParse(t, string(corpusFiles(t)["dahua"]))
	want := string(s.Media[1].append(nil))
	s.Media[0].SetAttr("x-new", "1")
	s.SetAttr("x-new", "1")
	if got := string(s.Media[1].append(nil)); got != want {
		t.Errorf("the neighbour became\n%s", got)
	}
}

// SDP-07: attribute names are found whatever their case; SetAttr leaves one, DelAttr none.
func TestAttributesAreSetInPlace(t *testing.T) {
	m := &Media{Attributes: []Attribute{{"Control", "a"}, {"rtpmap", "96 H264/90000"}, {"control", "b"}}}
	if got := m.AttrAll("CONTROL"); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("all %q", got)
	}
	m.SetAttr("control", "c")
	if want := []Attribute{{"control", "c"}, {"rtpmap", "96 H264/90000"}}; !reflect.DeepEqual(m.Attributes, want) {
		t.Errorf("set: %v", m.Attributes)
	}
	m.SetAttr("recvonly", "")
	if value, ok := m.Attr("recvonly"); !ok || value != "" {
		t.Errorf("flag: %q, %v", value, ok)
	}
	m.DelAttr("Control")
	if _, ok := m.Attr("control"); ok || len(m.Attributes) != 2 {
		t.Errorf("deleted: %v", m.Attributes)
	}
	s := new(Session)
	s.SetAttr("control", "*")
	s.SetAttr("Control", "rtsp://h/p")
	if s.Control() != "rtsp://h/p" || len(s.AttrAll("control")) != 1 {
		t.Errorf("session: %v", s.Attributes)
	}
	s.DelAttr("control")
	if _, ok := s.Attr("control"); ok || s.Control() != "" {
		t.Errorf("session: %v", s.Attributes)
	}
}

// SDP-07, URL-06: a=control without the spaces and quotes around it.
func TestControlIsUnquoted(t *testing.T) {
	for value, want := range map[string]string{
		"trackID=1": "trackID=1", ` "trackID=1" `: "trackID=1", `"`: `"`, `""`: "", "*": "*",
	} {
		m := &Media{Attributes: []Attribute{{"control", value}}}
		if got := m.Control(); got != want {
			t.Errorf("control %q of %q, want %q", got, value, want)
		}
	}
}

// SDP-02: the profile of a proto that carries the lower transport too.
func TestProfileIsWithoutLowerTransport(t *testing.T) {
	for proto, want := range map[string]string{
		"RTP/AVP": "RTP/AVP", "RTP/AVP/TCP": "RTP/AVP", "RTP/SAVPF/UDP": "RTP/SAVPF",
		"TCP/RTP/AVP": "RTP/AVP", "udp": "", "TCP/FOO": "", "": "",
	} {
		if got := (&Media{Proto: proto}).Profile(); got != want {
			t.Errorf("profile %q of %q, want %q", got, proto, want)
		}
	}
}
