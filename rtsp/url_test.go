package rtsp

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type urlCase struct {
	name, raw string
	want      URL
	text      string     // what String makes of it; raw if empty
	status    StatusCode // of the error, 0 for none
}

func urlCases() []urlCase {
	at := func(host, rawPath, path string) URL {
		return URL{Scheme: "rtsp", Host: host, RawPath: rawPath, Path: path}
	}
	user := func(name, password string) URL {
		return URL{Scheme: "rtsp", User: name, Password: password, HasUser: true, Host: "h", RawPath: "/p", Path: "/p"}
	}
	query := func(rawPath, path, q string) URL {
		return URL{Scheme: "rtsp", Host: "h", RawPath: rawPath, Path: path, RawQuery: q}
	}
	return []urlCase{
		{name: "SYN-19 absolute", raw: "rtsp://h:554/p", want: at("h:554", "/p", "/p")},
		{name: "no path", raw: "rtsp://h", want: at("h", "", "/")},
		{name: "root", raw: "rtsp://h/", want: at("h", "/", "/")},
		{name: "rtsps", raw: "rtsps://h:8322/p/q", want: URL{Scheme: "rtsps", Host: "h:8322", RawPath: "/p/q", Path: "/p/q"}},
		{name: "SYN-20 absolute path", raw: "/p", want: URL{RawPath: "/p", Path: "/p"}},
		{name: "SYN-20 absolute path with query", raw: "//p/?x", want: URL{RawPath: "//p/", Path: "/p", RawQuery: "x"}},
		{name: "star", raw: "*", status: 400},
		{name: "SYN-22 URL-10 user", raw: "rtsp://u:p@h/p", want: user("u", "p"), text: "rtsp://h/p"},
		{name: "SYN-22  escaped password", raw: "rtsp://u%3a:p%40ss@h/p", want: user("u:", "p@ss"), text: "rtsp://h/p"},
		{name: "SYN-22 raw password", raw: "rtsp://admin:p@s%s:@h/p", want: user("admin", "p@s%s:"), text: "rtsp://h/p"},
		{name: "SYN-22 empty user", raw: "rtsp://@h/p", want: user("", ""), text: "rtsp://h/p"},
		{name: "SYN-23 scheme in capitals", raw: "RTSP://H/P", want: at("H", "/P", "/P"), text: "rtsp://H/P"},
		{name: "SYN-23 fragment", raw: "rtsp://h/p?x#f?y", want: query("/p", "/p", "x"), text: "rtsp://h/p?x"},
		{name: "SYN-23 opaque query", raw: "rtsp://h/p?a=%2e%zz&b=/../@:", want: query("/p", "/p", "a=%2e%zz&b=/../@:")},
		{name: "SYN-24 slashes", raw: "rtsp://h//p/.//q/", want: at("h", "//p/.//q/", "/p/q")},
		{name: "SYN-25 decoded once", raw: "rtsp://h/%2570%20%C3%a9", want: at("h", "/%2570%20%C3%a9", "/%70 é")},
		{name: "SYN-25 dot dot", raw: "rtsp://h/a/../b", status: 403},
		{name: "SYN-25 escaped dot dot", raw: "rtsp://h/%2e%2E/etc/passwd", status: 403},
		{name: "SYN-25 escaped slash", raw: "rtsp://h/..%2fetc", status: 403},
		{name: "SYN-25 backslash", raw: "rtsp://h/a%5c..%5cb", status: 403},
		{name: "SYN-25 NUL", raw: "rtsp://h/a%00", status: 403},
		{name: "SYN-25 dots in names", raw: "rtsp://h/..a/b../...", want: at("h", "/..a/b../...", "/..a/b../...")},
		{name: "escaped control", raw: "rtsp://h/a%0d%0ab", status: 400},
		{name: "raw control", raw: "rtsp://h/a\tb", status: 400},
		{name: "bad escape", raw: "rtsp://h/100%", status: 400},
		{name: "blank", raw: " rtsp://h/my film?a b ", want: query("/my%20film", "/my film", "a%20b"), text: "rtsp://h/my%20film?a%20b"},
		{name: "SYN-32 scheme twice", raw: "rtsp://rtsp://h/p", want: at("h", "/p", "/p"), text: "rtsp://h/p"},
		{name: "SYN-32 no scheme", raw: "h:554/p", want: at("h:554", "/p", "/p"), text: "rtsp://h:554/p"},
		{name: "SYN-32 bare IPv6", raw: "rtsp://fe80::1/p", want: at("[fe80::1]", "/p", "/p"), text: "rtsp://[fe80::1]/p"},
		{name: "SYN-32 bare IPv6 with port", raw: "rtsp://::ffff:1.2.3.4:554/p", want: at("[::ffff:1.2.3.4]:554", "/p", "/p"), text: "rtsp://[::ffff:1.2.3.4]:554/p"},
		{name: "SYN-32 no scheme, query with one", raw: "h/p?u=rtsp://x", want: query("/p", "/p", "u=rtsp://x"), text: "rtsp://h/p?u=rtsp://x"},
		{name: "IPv6", raw: "rtsp://[::1]:8554/p", want: at("[::1]:8554", "/p", "/p")},
		{name: "IPv6 zone", raw: "rtsp://[fe80::1%25eth0]/p", want: at("[fe80::1%25eth0]", "/p", "/p")},
		{name: "rtspu", raw: "rtspu://h/p", want: URL{Scheme: "rtspu", Host: "h", RawPath: "/p", Path: "/p"}},
		{name: "other scheme", raw: "http://h/p", status: 400},
		{name: "nothing", raw: " ", status: 400},
		{name: "no host", raw: "rtsp:///p", status: 400},
		{name: "bad host", raw: "rtsp://h h/p", status: 400},
		{name: "port 0", raw: "rtsp://h:0/p", status: 400},
		{name: "port 65536", raw: "rtsp://h:65536/p", status: 400},
		{name: "port is no number", raw: "rtsp://h:x/p", status: 400},
		{name: "empty port", raw: "rtsp://h:/p", want: at("h:", "/p", "/p")},
		{name: "bracket", raw: "rtsp://[::1/p", status: 400},
		{name: "IPv4 in brackets", raw: "rtsp://[1.2.3.4]/p", status: 400},
		{name: "bad bare IPv6", raw: "rtsp://a:b:c/p", status: 400},
		{name: "text behind bracket", raw: "rtsp://[::1]x/p", status: 400},
	}
}

// SYN-19, SYN-20, SYN-22..25, SYN-32, URL-10: see the table.
func TestURLsAreParsed(t *testing.T) {
	for _, c := range urlCases() {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseURL(c.raw)
			if c.status != 0 {
				if StatusOf(err) != c.status {
					t.Errorf("%v, %v; want %d", got, err, c.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// SYN-22, URL-09, URL-10: a URL is emitted with the host and port the client used, and never with user information.
func TestURLsAreEmittedWithoutUser(t *testing.T) {
	for _, c := range urlCases() {
		want := c.text
		if want == "" {
			want = c.raw
		}
		if c.status == 0 && c.want.String() != want {
			t.Errorf("%s: %q, want %q", c.name, c.want.String(), want)
		}
	}
	made := URL{Host: "h", Path: "/my film/é?#", RawQuery: "q"}
	if got := made.String(); got != "rtsp://h/my%20film/%C3%A9%3F%23?q" {
		t.Errorf("made by hand: %q", got)
	}
}

// SYN-23: host names have no case; the port is that of the scheme.
func TestHostnameAndPort(t *testing.T) {
	for raw, want := range map[string]struct {
		host string
		port uint16
	}{
		"rtsp://Cam.LAN/p":           {"cam.lan", 554},
		"rtsps://h/p":                {"h", 322},
		"rtspu://h":                  {"h", 554},
		"rtsp://h:":                  {"h", 554},
		"rtsp://h:8554":              {"h", 8554},
		"rtsp://[::1]":               {"::1", 554},
		"rtsps://[FE80::1%25x]:8322": {"fe80::1%x", 8322},
	} {
		u, err := ParseURL(raw)
		if err != nil {
			t.Fatal(err)
		}
		if u.Hostname() != want.host || u.Port() != want.port {
			t.Errorf("%s: %s %d", raw, u.Hostname(), u.Port())
		}
	}
}

// URL-04, URL-05: however a client builds a URL, with or without the trailing slash, its path reads the same.
func TestPathsAreTheSameWithOrWithoutSlash(t *testing.T) {
	for raw, want := range map[string][2]string{
		"rtsp://h/p":                {"/p", ""},
		"rtsp://h/p/":               {"/p", ""},
		"rtsp://h/p?x=1":            {"/p", "x=1"},
		"rtsp://h/p/?x=1":           {"/p", "x=1"},
		"rtsp://h/p/trackID=0":      {"/p/trackID=0", ""},
		"rtsp://h/p/trackID=0/":     {"/p/trackID=0", ""},
		"rtsp://h/p/trackID=0?x=1":  {"/p/trackID=0", "x=1"},
		"rtsp://h/p?x=1/trackID=0":  {"/p", "x=1/trackID=0"},
		"rtsp://h/p/?x=1/trackID=0": {"/p", "x=1/trackID=0"},
	} {
		u, err := ParseURL(raw)
		if err != nil || u.Path != want[0] || u.RawQuery != want[1] {
			t.Errorf("%s: %+v, %v", raw, u, err)
		}
	}
}

type controlCase struct{ base, control, appended, joined string }

func controlCases() []controlCase {
	return []controlCase{
		{"rtsp://h/p/", "trackID=0", "rtsp://h/p/trackID=0", "rtsp://h/p/trackID=0"},
		{"rtsp://h/p", "trackID=0", "rtsp://h/p/trackID=0", "rtsp://h/trackID=0"},
		{"rtsp://h", "trackID=0", "rtsp://h/trackID=0", "rtsp://h/trackID=0"},
		{"rtsp://h/p?x=1", "trackID=0", "rtsp://h/p?x=1/trackID=0", "rtsp://h/trackID=0"},
		{"rtsp://h/p/?x=a/b", "trackID=0", "rtsp://h/p/?x=a/b/trackID=0", "rtsp://h/p/trackID=0"},
		{"rtsp://h/p/q", "/live/1", "rtsp://h/live/1", "rtsp://h/live/1"},
		{"rtsp://h/p", "?track=1", "rtsp://h/p?track=1", "rtsp://h/p?track=1"},
		{"rtsp://h/p", "*", "rtsp://h/p", "rtsp://h/p"},
		{"rtsp://h/p", " ", "rtsp://h/p", "rtsp://h/p"},
		{"rtsp://h/p", "rtsp://g/q", "rtsp://g/q", "rtsp://g/q"},
		{"rtsp://h/p", "rtsp://rtsp://g/q", "rtsp://g/q", "rtsp://g/q"},
		{"/p", "trackID=0", "/p/trackID=0", "/trackID=0"},
	}
}

// URL-01..03, SYN-32: the append rule of FFmpeg and live555. URL-08: the join rule that a client tries besides. URL-02: where
// the base ends in a slash both are the same.
func TestControlsAreResolved(t *testing.T) {
	for _, c := range controlCases() {
		if got := ResolveControl(c.base, c.control); got != c.appended {
			t.Errorf("append %q to %q: %q, want %q", c.control, c.base, got, c.appended)
		}
		if got := JoinControl(c.base, c.control); got != c.joined {
			t.Errorf("join %q to %q: %q, want %q", c.control, c.base, got, c.joined)
		}
	}
}

func FuzzResolveControl(f *testing.F) {
	for _, c := range controlCases() {
		f.Add(c.base, c.control)
	}
	f.Fuzz(func(t *testing.T, base, control string) {
		for _, got := range []string{ResolveControl(base, control), JoinControl(base, control)} {
			if len(got) > len(base)+len(control)+1 {
				t.Errorf("%q + %q = %q", base, control, got)
			}
		}
	})
}

func TestAURLCutShortIsParsedOrRefused(t *testing.T) {
	for _, c := range urlCases() {
		for i := range c.raw {
			wantURLRoundTrip(t, c.raw[:i])
		}
	}
}

// wantURLRoundTrip checks that an error is a SyntaxError, and that String of what has none means the same but the user.
func wantURLRoundTrip(t *testing.T, s string) {
	t.Helper()
	u, err := ParseURL(s)
	var syntax *SyntaxError
	if err != nil {
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v", s, err)
		}
		return
	}
	again, err := ParseURL(u.String())
	if err != nil {
		t.Fatalf("%q: %q: %v", s, u.String(), err)
	}
	want := *u
	want.User, want.Password, want.HasUser = "", "", false
	if diff := cmp.Diff(want, *again); diff != "" {
		t.Errorf("%q: %q (-want +got):\n%s", s, u.String(), diff)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, c := range urlCases() {
		f.Add(c.raw)
	}
	f.Fuzz(wantURLRoundTrip)
}

func BenchmarkParseURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseURL("rtsp://127.0.0.1:8554/cam/trackID=0"); err != nil {
			b.Fatal(err)
		}
	}
}

// URL-10, SEC-07: requests have no user, and logs no query either.
func TestURLsForOthers(t *testing.T) {
	for _, c := range []struct{ url, bare, redacted string }{
		{"rtsp://h/p?x=1", "rtsp://h/p?x=1", "rtsp://h/p"},
		{"rtsp://u:p@h:554/p", "rtsp://h:554/p", "rtsp://h:554/p"},
		{"rtsp://u:p@ss@h/p", "rtsp://h/p", "rtsp://h/p"},
		{"rtsp://u:p@h", "rtsp://h", "rtsp://h"},
		{"rtsp://u:p@h?user=u&password=p", "rtsp://h?user=u&password=p", "rtsp://h"},
		{"rtsp://h/a@b", "rtsp://h/a@b", "rtsp://h/a@b"},
		{"track1", "track1", "track1"},
	} {
		if bare, redacted := WithoutUser(c.url), Redacted(c.url); bare != c.bare || redacted != c.redacted {
			t.Errorf("%s: %s, %s", c.url, bare, redacted)
		}
	}
}
