package rtsp

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// SYN-06: names have no case; order and spelling are kept.
func TestHeaderNamesHaveNoCase(t *testing.T) {
	h := Header{{"cseq", "7"}, {"Public", "A"}, {"PUBLIC", "B"}}
	if h.Get("CSeq") != "7" || !h.Has("CSEQ") || h.Has("Session") || h.Get("Session") != "" {
		t.Error("Get, Has")
	}
	if got := h.Values("public"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("Values: %q", got)
	}
	h.Add("X", "1")
	h.Set("puBlic", "C")
	h.Set("New", "2")
	if diff := cmp.Diff(Header{{"cseq", "7"}, {"puBlic", "C"}, {"X", "1"}, {"New", "2"}}, h); diff != "" {
		t.Errorf("Set (-want +got):\n%s", diff)
	}
	h.Del("PUBLIC")
	h.Del("none")
	if diff := cmp.Diff(Header{{"cseq", "7"}, {"X", "1"}, {"New", "2"}}, h); diff != "" {
		t.Errorf("Del (-want +got):\n%s", diff)
	}
}

func TestANilHeaderIsEmpty(t *testing.T) {
	var h Header
	if h.Get("a") != "" || h.Has("a") || h.Values("a") != nil || h.List("a") != nil {
		t.Error("not empty")
	}
	h.Del("a")
	h.Set("a", "1")
	if h.Get("A") != "1" {
		t.Error("Set on nil")
	}
}

// SYN-29: one comma list or repeated lines, commas in quotes do not split.
func TestListsAreTheSameOnOneLineOrMany(t *testing.T) {
	want := []string{"funky", `a="b,c\",d"`, "www.onvif.org/ver20/backchannel"}
	for _, h := range []Header{
		{{"Require", `funky, a="b,c\",d" ,,www.onvif.org/ver20/backchannel`}},
		{{"Require", "funky"}, {"CSeq", "1"}, {"require", `a="b,c\",d"`}, {"REQUIRE", "\twww.onvif.org/ver20/backchannel ,"}},
	} {
		if got := h.List("Require"); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	open := Header{{"Require", `a, "b, c`}}
	if got := open.List("Require"); !slices.Equal(got, []string{"a", `"b, c`}) {
		t.Errorf("open quote: %q", got)
	}
}

func FuzzHeaderList(f *testing.F) {
	f.Add(`funky, a="b,c\",d" ,,x`)
	f.Add(`a, "b, c`)
	f.Fuzz(func(t *testing.T, s string) {
		list := Header{{"Require", s}}.List("Require")
		again := Header{{"Require", strings.Join(list, ",")}}.List("Require")
		if !slices.Equal(list, again) || slices.Contains(list, "") {
			t.Errorf("%q, then %q", list, again)
		}
	})
}

// SYN-02: text from a peer that is echoed can not begin a line or a message of its own.
func TestLineEndsAreNeverEmittedInValues(t *testing.T) {
	evil := "a\r\nX: 1\r\n\r\nTEARDOWN * RTSP/1.0\x00"
	h := Header{{evil, evil}}
	req := &Request{Method: Method(evil), URI: evil, Proto: evil, Header: h}
	res := &Response{Proto: evil, Status: 200, Reason: evil, Header: h}
	for _, b := range [][]byte{req.Append(nil), res.Append(nil)} {
		if n := strings.Count(string(b), "\n"); n != 3 || strings.Contains(string(b), "\x00") {
			t.Errorf("%q", b)
		}
		wantCleanLines(t, b)
	}
}

// SYN-02, SYN-13: bytes.
func TestAppend(t *testing.T) {
	stale := Header{{"content-length", "99"}, {"CSeq", "1"}}
	for want, m := range map[string]interface{ Append([]byte) []byte }{
		"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n":                          &Request{Method: MethodOptions, URI: "*", Header: stale},
		"PLAY rtsp://h/a%20b RTSP/1.0\r\n\r\n":                           &Request{Method: MethodPlay, URI: "rtsp://h/a b"},
		"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nab":      &Response{Status: 200, Header: stale, Body: []byte("ab")},
		"RTSP/1.0 304 Not Modified\r\n\r\n":                              &Response{Status: 304, Body: []byte("ab")},
		"RTSP/2.0 404 Stream Not Found\r\nContent-Length: 1\r\n\r\n\x00": &Response{Proto: "RTSP/2.0", Status: 404, Reason: "Stream Not Found", Body: []byte{0}},
	} {
		if got := string(m.Append([]byte("x"))); got != "x"+want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
