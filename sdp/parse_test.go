package sdp

import (
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// SDP-02, ONV-14: o= lines with missing, misspelt or unnumeric fields become whole.
func TestOriginIsCompleted(t *testing.T) {
	for _, test := range []struct {
		text string
		want Origin
	}{
		{"- 1 2 IN IP4 192.0.2.1", Origin{"-", 1, 2, "IN", "IP4", "192.0.2.1"}},
		{"", Origin{"-", 0, 0, "IN", "IP4", "0.0.0.0"}},
		{"- 1109", Origin{"-", 1109, 0, "IN", "IP4", "0.0.0.0"}},
		{"-0 0 IN IP4 127.0.0.1", Origin{"-0", 0, 0, "IN", "IP4", "127.0.0.1"}},
		{"RTSP 16381778200090761968 16381778200090839277 IN IP4 0.0.0.0", Origin{"RTSP", 16381778200090761968, 16381778200090839277, "IN", "IP4", "0.0.0.0"}},
		{"- 99999999999999999999 1 IN IP4 0.0.0.0", Origin{"-", 1<<64 - 1, 1, "IN", "IP4", "0.0.0.0"}},
		{"- 0xAC4EC96E -7 in ip4 cam.example.org", Origin{"-", 0xAC4EC96E, 7, "IN", "IP4", "cam.example.org"}},
		{"Topaz HQ 3 4 IN IP4 (null)", Origin{"Topaz_HQ", 3, 4, "IN", "IP4", "0.0.0.0"}},
		{"- 3 4 IN IP4 fe80::1%eth0", Origin{"-", 3, 4, "IN", "IP6", "fe80::1"}},
		{"- x y IN IP6", Origin{"-", 0, 0, "IN", "IP4", "0.0.0.0"}},
	} {
		if got := parseOrigin(test.text); got != test.want {
			t.Errorf("o=%s: %+v, want %+v", test.text, got, test.want)
		}
	}
}

// SDP-02, ONV-10: a c= line is brought into the form of RFC 8866 §5.7 or dropped.
func TestConnectionIsRegularOrDropped(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"IN IP4 0.0.0.0", "IN IP4 0.0.0.0"},
		{"IN IPV4 10.0.0.1", "IN IP4 10.0.0.1"},
		{"IP4 10.0.0.1", "IN IP4 10.0.0.1"},
		{"10.0.0.1", "IN IP4 10.0.0.1"},
		{"IN IP4 10.0.0.1/127", "IN IP4 10.0.0.1"},
		{"IN IP4 239.1.2.3/15", "IN IP4 239.1.2.3/15"},
		{"IN IP4 239.1.2.3", "IN IP4 239.1.2.3/127"},
		{"IN IP4 239.1.2.3/1000", "IN IP4 239.1.2.3/127"},
		{"IN IP4 239.1.2.3/1/3", "IN IP4 239.1.2.3/1/3"},
		{"IN IP6 FF15::101/3", "IN IP6 ff15::101/3"},
		{"IN IP4 ::1", "IN IP6 ::1"},
		{"IN IP6 fe80::1%en0", "IN IP6 fe80::1"},
		{"IN IP4 media.example.org", "IN IP4 media.example.org"},
		{"IN IP4", ""},
		{"IN", ""},
		{"", ""},
		{"IN IP4 300.1.1.1", ""},
		{"IN c=IN IP4 0.0.0.0", ""},
	} {
		if got := parseConnection(test.text); got != test.want {
			t.Errorf("c=%s: %q, want %q", test.text, got, test.want)
		}
	}
}

// SDP-02: m= lines as they are met.
func TestMediaLineIsCompleted(t *testing.T) {
	for _, test := range []struct {
		text string
		want Media
	}{
		{"video 0 RTP/AVP 96", Media{Type: "video", Proto: "RTP/AVP", Formats: []string{"96"}}},
		{"audio 49170/2 RTP/SAVPF 0 8", Media{Type: "audio", Port: 49170, Ports: 2, Proto: "RTP/SAVPF", Formats: []string{"0", "8"}}},
		{"Video\t0\tRTP/AVP/TCP\t96", Media{Type: "video", Proto: "RTP/AVP/TCP", Formats: []string{"96"}}},
		{"video RTP/AVP 96", Media{Type: "video", Proto: "RTP/AVP", Formats: []string{"96"}}},
		{"video -1 RTP/AVP 96", Media{Type: "video", Proto: "RTP/AVP", Formats: []string{"96"}}},
		{"video 70000 RTP/AVP 96,97", Media{Type: "video", Proto: "RTP/AVP", Formats: []string{"96", "97"}}},
		{"application/TP-LINK 0 RTP/AVP smart/1/90000", Media{Type: "application", Proto: "RTP/AVP", Formats: nil}},
		{"application 9 TCP/TLS/BFCP *", Media{Type: "application", Port: 9, Proto: "TCP/TLS/BFCP", Formats: []string{"*"}}},
		{"video 0 udp 33", Media{Type: "video", Proto: "udp", Formats: []string{"33"}}},
		{"video 0 RTP/AVP 128 -1 H264 96", Media{Type: "video", Proto: "RTP/AVP", Formats: []string{"96"}}},
		{"video", Media{Type: "video", Proto: "RTP/AVP"}},
		{"", Media{Proto: "RTP/AVP"}},
	} {
		got, err := parseMedia(test.text)
		if err != nil || !reflect.DeepEqual(*got, test.want) {
			t.Errorf("m=%s: %+v, %v; want %+v", test.text, *got, err, test.want)
		}
	}
}

// SDP-02: b= and t= lines are taken, tidied or dropped.
func TestBandwidthAndTimingAreRegularOrDropped(t *testing.T) {
	raw := "b=AS:100\nb=TIAS: 90000 bps\nb=AS:1.5\nb=X-a b:1\nb=AS\nb=AS:-1\nb=AS:99999999999\nt=now\nt=2873397496 2873404696\nm=video 0 RTP/AVP 96\n"
	s := mustParse(t, raw)
	if want := []Bandwidth{{"AS", 100}, {"TIAS", 90000}, {"AS", 1}}; !reflect.DeepEqual(s.Bandwidth, want) {
		t.Errorf("bandwidth %v, want %v", s.Bandwidth, want)
	}
	if want := "2873397496 2873404696"; s.Timing != want {
		t.Errorf("timing %q, want %q", s.Timing, want)
	}
}

// SDP-02: the first name that says something is the name.
func TestFirstNameWins(t *testing.T) {
	s := mustParse(t, "s=-\ns= \ns=Live\ns=other\nm=video 0 RTP/AVP 96\n")
	if s.Name != "Live" {
		t.Errorf("name %q", s.Name)
	}
}

// PLD-15: an a=fmtp of another format is not taken for the only one's.
func TestFmtpOfRetransmissionStays(t *testing.T) {
	s := mustParse(t, "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n")
	if got, _ := s.Media[0].Attr("fmtp"); got != "97 apt=96" {
		t.Errorf("fmtp %q", got)
	}
}

// PLD-15: an a=fmtp before the first m= goes to the medium it is about.
func TestSessionLevelFmtpFindsItsMedium(t *testing.T) {
	s := mustParse(t, "a=fmtp:96 packetization-mode=1\na=rtpmap:96 H264\na=control:*\na=rtpmap\nm=audio 0 RTP/AVP 8\nm=video 0 RTP/AVP 96\n")
	f := s.Media[1].FormatList()[0]
	if !f.Is("H264") || f.Params.Get("packetization-mode") != "1" || len(s.Attributes) != 1 {
		t.Errorf("parameters %q, session %v", f.Params, s.Attributes)
	}
}

// The lines of a section that cannot be read do not fall to the section before it.
func TestUnreadableMediaTakesItsLinesAlong(t *testing.T) {
	s := mustParse(t, "m=video 0 RTP/AVP 96\na=control:1\nm=\na=control:2\nb=AS:1\nc=IN IP4 192.0.2.1\n")
	m := s.Media[0]
	if len(s.Media) != 1 || len(m.Attributes) != 1 || m.Bandwidth != nil || m.Connection != "" {
		t.Errorf("%+v", m)
	}
}

// What is no description is refused with ErrNoMedia; what exceeds a limit, with ErrTooBig.
func TestParseRefuses(t *testing.T) {
	header := "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nt=0 0\n"
	video := "m=video 0 RTP/AVP 96\n"
	for _, test := range []struct {
		name, raw string
		want      error
	}{
		{"empty", "", ErrNoMedia},
		{"no media", header, ErrNoMedia},
		{"HTML", "<!DOCTYPE html><html><body class=\"m\">404</body></html>", ErrNoMedia},
		{"binary", "\x00\x01\xff\xfe=\x80m", ErrNoMedia},
		{"empty m=", "m=\nm= \n", ErrNoMedia},
		{"size", video + strings.Repeat(" ", MaxSize), ErrTooBig},
		{"media", strings.Repeat(video, MaxMedia+1), ErrTooBig},
		{"attributes", video + strings.Repeat("a=x\n", MaxAttributes+1), ErrTooBig},
		{"attributes of the session", strings.Repeat("a=x\n", MaxAttributes+1) + video, ErrTooBig},
		{"bandwidth", video + strings.Repeat("b=AS:1\n", MaxAttributes+1), ErrTooBig},
		{"formats", "m=video 0 RTP/AVP" + strings.Repeat(" 96", maxFormats+1), ErrTooBig},
		{"all in all", strings.Repeat(video+strings.Repeat("a=x\n", 100), 30), ErrTooBig},
	} {
		if _, err := Parse([]byte(test.raw)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// The limits themselves are within what is accepted.
func TestParseAcceptsItsLimits(t *testing.T) {
	video := "m=video 0 RTP/AVP 96\n"
	for _, raw := range []string{
		strings.Repeat(video, MaxMedia),
		video + strings.Repeat("a=x\n", MaxAttributes),
		"m=video 0 RTP/AVP" + strings.Repeat(" 96", maxFormats),
	} {
		checkRewrite(t, mustParse(t, raw))
	}
	raw := video + "a=x:" + strings.Repeat("y", MaxSize-len(video)-4)
	mustParse(t, raw)
}

// SEC-01: a prefix of a description parses or is refused, and never panics.
func TestParseTruncatedAnywhere(t *testing.T) {
	for name, raw := range corpusFiles(t) {
		for i := range raw {
			s, err := Parse(raw[:i])
			if err != nil && !errors.Is(err, ErrNoMedia) {
				t.Fatalf("%s[:%d]: %v", name, i, err)
			}
			if err == nil {
				checkRewrite(t, s)
			}
		}
	}
}

// SEC-01: memory is at most twice the input and a fixed amount, whatever the input.
func TestParseAllocationIsBounded(t *testing.T) {
	const fixed = 160 << 10 // maxItems attributes, MaxMedia media, and their slices
	video := "m=video 0 RTP/AVP 96\n"
	for name, raw := range map[string]string{
		"one long value":  video + "a=x:" + strings.Repeat("y", MaxSize-100),
		"fields":          "o=" + strings.Repeat(" 1", MaxSize/2-20) + "\n" + video,
		"empty lines":     video + strings.Repeat("\n", MaxSize-100),
		"attributes":      strings.Repeat("a=x\n", MaxAttributes) + strings.Repeat(video+strings.Repeat("a=x\n", 200), 8),
		"bandwidths":      strings.Repeat(video+strings.Repeat("b=x:1\n", 250), 8),
		"media":           strings.Repeat("m=video 0 RTP/AVP 0 1 2 3 4 5 6 7 8\n", MaxMedia),
		"formats refused": "m=video 0 RTP/AVP" + strings.Repeat(" 0", MaxSize/2-20),
		"a= lines":        strings.Repeat("a=\n", MaxSize/3-10) + video,
		"strays":          strings.Repeat("m=a 0 udp 1\na=fmtp:2 x\na=fmtp x\n", MaxMedia),
	} {
		used := allocated(func() { _, _ = Parse([]byte(raw)) }) - uint64(len(raw)) // the []byte is the test's
		if limit := uint64(2*len(raw) + fixed); used > limit {
			t.Errorf("%s: %d bytes for %d of input, limit %d", name, used, len(raw), limit)
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What Parse returns has nothing in common with its input.
func TestParseKeepsNothingOfItsInput(t *testing.T) {
	raw := []byte("s=Live\nm=video 0 RTP/AVP 96\na=control:1\n")
	s := mustParse(t, string(raw))
	want := s.Append(nil)
	got, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if !bytes.Equal(got.Append(nil), want) {
		t.Error("changed with the input")
	}
}

func mustParse(t *testing.T, raw string) *Session {
	t.Helper()
	s, err := Parse([]byte(raw))
	if err != nil {
		t.Fatalf("%v from\n%s", err, raw)
	}
	return s
}
