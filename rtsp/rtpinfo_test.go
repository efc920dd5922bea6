package rtsp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type rtpInfoCase struct {
	name string
	raw  []string
	want []RTPInfo
	err  bool
}

func rtpInfoCases() []rtpInfoCase {
	full := func(url string, seq uint16, rtptime uint32) RTPInfo {
		return RTPInfo{URL: url, Seq: seq, RTPTime: rtptime, HasSeq: true, HasRTPTime: true}
	}
	return []rtpInfoCase{
		{name: "two tracks", raw: []string{"url=rtsp://h/p/trackID=0;seq=45102;rtptime=12345678,url=rtsp://h/p/trackID=1;seq=0;rtptime=4294967295"},
			want: []RTPInfo{full("rtsp://h/p/trackID=0", 45102, 12345678), full("rtsp://h/p/trackID=1", 0, 4294967295)}},
		{name: "SYN-29 two lines", raw: []string{"url=a;seq=1;rtptime=2", "url=b;seq=3;rtptime=4"}, want: []RTPInfo{full("a", 1, 2), full("b", 3, 4)}},
		{name: "blanks, case, order, quotes", raw: []string{` URL = "rtsp://h/a" ; RTPTime = 2 ; Seq = 1 , url=b;seq=3;rtptime=4;`},
			want: []RTPInfo{full("rtsp://h/a", 1, 2), full("b", 3, 4)}},
		{name: "RTI-02 separators in URLs", raw: []string{"url=rtsp://h/p;v=1?a=1,2/trackID=0;seq=1;rtptime=2,url=b;seq=3;rtptime=4"},
			want: []RTPInfo{full("rtsp://h/p;v=1?a=1,2/trackID=0", 1, 2), full("b", 3, 4)}},
		{name: "url alone", raw: []string{"url=trackID=0"}, want: []RTPInfo{{URL: "trackID=0"}}},
		{name: "numbers that are none", raw: []string{"url=a;seq=65536;rtptime=-1,url=b;seq=;rtptime=x"}, want: []RTPInfo{{URL: "a"}, {URL: "b"}}},
		{name: "ssrc", raw: []string{"url=a;ssrc=12345678;seq=1"}, want: []RTPInfo{{URL: "a", Seq: 1, HasSeq: true}}},
		{name: "nothing", raw: []string{"", " "}},
		{name: "trailing comma", raw: []string{"url=a;seq=1;rtptime=2, "}, want: []RTPInfo{full("a", 1, 2)}},
		{name: "no url", raw: []string{"seq=1;rtptime=2"}, err: true},
		{name: "empty url", raw: []string{"url=;seq=1"}, err: true},
		{name: "too many", raw: []string{strings.Repeat("url=a,", 257)}, err: true},
	}
}

// RTI-02, SYN-29: see the table.
func TestRTPInfosAreParsed(t *testing.T) {
	for _, c := range rtpInfoCases() {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseRTPInfo(c.raw)
			wantSyntaxError(t, err, c.err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// RTI-02..04: the URL byte for byte, the order as given, no blanks, both numbers or no entry.
func TestFormatRTPInfo(t *testing.T) {
	got := FormatRTPInfo([]RTPInfo{
		{URL: "rtsp://h/p?x=1/trackID=1", Seq: 7, HasSeq: true, RTPTime: 4294967295, HasRTPTime: true},
		{URL: "no-time", Seq: 7, HasSeq: true},
		{URL: "no-seq", RTPTime: 7, HasRTPTime: true},
		{URL: "rtsp://h/p?x=1/trackID=0", HasSeq: true, RTPTime: 1, HasRTPTime: true},
	})
	want := "url=rtsp://h/p?x=1/trackID=1;seq=7;rtptime=4294967295,url=rtsp://h/p?x=1/trackID=0;seq=0;rtptime=1"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := FormatRTPInfo([]RTPInfo{{URL: "a"}}); got != "" {
		t.Errorf("nothing known: %q", got)
	}
}

// SYN-17: GStreamer and FFmpeg read lines of 4096 bytes.
func TestSixteenTracksFitOneLine(t *testing.T) {
	infos := make([]RTPInfo, 16)
	for i := range infos {
		infos[i] = RTPInfo{URL: "rtsp://camera-17.example.org:8554/" + strings.Repeat("p", 100) + "/trackID=10", Seq: 65535, RTPTime: 1 << 31, HasSeq: true, HasRTPTime: true}
	}
	if n := len("RTP-Info: " + FormatRTPInfo(infos)); n > 4000 {
		t.Errorf("%d bytes", n)
	}
}

func TestAnRTPInfoCutShortIsParsedOrRefused(t *testing.T) {
	for _, c := range rtpInfoCases() {
		raw := strings.Join(c.raw, ",")
		for i := range raw {
			_, err := ParseRTPInfo([]string{raw[:i]})
			wantSyntaxError(t, err, err != nil)
		}
	}
}

func FuzzParseRTPInfo(f *testing.F) {
	for _, c := range rtpInfoCases() {
		f.Add(strings.Join(c.raw, ","))
	}
	f.Fuzz(func(t *testing.T, s string) {
		infos, err := ParseRTPInfo([]string{s})
		wantSyntaxError(t, err, err != nil)
		var full []RTPInfo
		for _, info := range infos {
			if info.HasSeq && info.HasRTPTime {
				full = append(full, info)
			}
		}
		again, err := ParseRTPInfo([]string{FormatRTPInfo(full)})
		if diff := cmp.Diff(full, again); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", s, err, diff)
		}
	})
}
