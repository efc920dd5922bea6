package rtspserver_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// SYN-01, SYN-03, SYN-04, SYN-06, SYN-07, SYN-08, SYN-09, SYN-10, SYN-12, SYN-18, SYN-27: requests as
// clients write them, and as nobody should.
func TestRequestsAreReadHoweverTheyAreWritten(t *testing.T) {
	many := make([]string, 20)
	for i := range many {
		many[i] = "X-Foo: bar"
	}
	udp := "Transport: RTP/AVP;unicast;\r\n\tclient_port=5000-5001"
	runDialogues(t, []dialogue{
		{name: "LF", raw: "OPTIONS * RTSP/1.0\nCSeq: 1\n\n", want: []string{"200 1"}},
		{name: "CR", raw: "OPTIONS * RTSP/1.0\rCSeq: 1\r\r", want: []string{"200 1"}},
		{name: "blank lines before", raw: "\r\n\r\n\n" + options(1), want: []string{"200 1"}},
		{name: "blank lines behind", raw: options(1) + "\r\n\r\n" + options(2), want: []string{"200 1", "200 2"}},
		{name: "folded", raw: request("SETUP", "URL/p/trackID=0", 1, udp), want: []string{"200 1"}},
		{name: "case of names", raw: "OPTIONS * RTSP/1.0\r\ncseq: 7\r\n\r\n" + "OPTIONS * RTSP/1.0\r\nCSEQ: 8\r\n\r\n", want: []string{"200 7", "200 8"}},
		{name: "blanks", raw: "OPTIONS * RTSP/1.0\r\nCSeq :9\r\n\r\n" + "OPTIONS * RTSP/1.0\r\nCSeq:\t10 \t\r\n\r\n", want: []string{"200 9", "200 10"}},
		{name: "case of methods", raw: request("options", "*", 1), want: []string{"501 1"}},
		{name: "unknown headers", raw: options(1, many...), want: []string{"200 1"}},
		{name: "unknown method", raw: request("FOO", "URL/p", 1, "Content-Length: 5") + "hello" + options(2), want: []string{"501 1", "200 2"}},
		{name: "chunked", raw: options(1, "Transfer-Encoding: chunked", "Content-Length: 5") + "0\r\n\r\n" + options(2), want: []string{"200 1", "200 2"}},
		{name: "UTF-8", raw: options(1, "User-Agent: Кам"), want: []string{"200 1"}},
		{name: "bytes over 127", raw: options(1, "User-Agent: \xff\xfe"), want: []string{"200 1"}},
		{name: "Host", raw: request("DESCRIBE", "URL/p", 1, "Host: elsewhere:99"), want: []string{"200 1"}},
	})
}

// SYN-19, SYN-20, SYN-21, SYN-23, SYN-24, SYN-25: which URLs name /p, and which nothing.
func TestRequestURLs(t *testing.T) {
	describe := func(url string) string { return request("DESCRIBE", url, 1) }
	var list []dialogue
	for url, status := range map[string]string{
		"rtsp://h:554/p": "200 1", "rtsp://192.0.2.1/p": "200 1", "/p": "200 1", "*": "400 1", "p": "404 1",
		"RTSP://H/p": "200 1", "rtsp://h/P": "404 1", "rtsp://h/p#x": "200 1", "rtsp://h/p?x=1": "200 1",
		"rtsp://h//p/": "200 1", "rtsp://h/./p": "200 1", "rtsp://h/%70": "200 1", "rtsp://h/%2570": "404 1",
		"rtsp://h/%2e%2e/etc/passwd": "403 1", "rtsp://h/x/..%2fp": "403 1", "rtsp://h/p%00": "403 1",
		"rtsp://h/%zz": "400 1", "rtsp://h:0/p": "400 1", "http://h/p": "400 1",
	} {
		list = append(list, dialogue{name: url, raw: describe(url), want: []string{status}})
	}
	for _, m := range []string{"SETUP", "PLAY", "PAUSE", "TEARDOWN", "RECORD", "ANNOUNCE"} {
		list = append(list, dialogue{name: m + " *", raw: request(m, "*", 1), want: []string{"400 1"}})
	}
	for _, m := range []string{"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"} {
		list = append(list, dialogue{name: m + " *", raw: request(m, "*", 1), want: []string{"200 1"}})
	}
	runDialogues(t, list)
}

// SYN-11, SYN-14, SYN-15, ERR-413: framing hangs on Content-Length.
func TestContentLengthIsBelieved(t *testing.T) {
	sized := func(lines ...string) string { return request("SET_PARAMETER", "URL/p", 1, lines...) }
	announce := request("ANNOUNCE", "URL/new", 1, "Content-Type: application/sdp")
	list := []dialogue{
		{name: "none means none", raw: sized() + options(2), want: []string{"200 1", "200 2"}},
		{name: "0", raw: sized("Content-Length: 0") + options(2), want: []string{"200 1", "200 2"}},
		{name: "twice the same", raw: sized("Content-Length: 2", "Content-Length: 2") + "\r\n" + options(2), want: []string{"200 1", "200 2"}},
		{name: "an SDP without", raw: announce + servertest.Video + options(2), want: []string{"400 1", "400"}, closed: true},
		{name: "too much", raw: sized("Content-Length: 99999999"), want: []string{"413 1"}, closed: true},
	}
	for _, value := range []string{"-1", "+1", "1e9", "0x10", "", "9223372036854775808", "99999999999999999999", "4, 4", "2\r\nContent-Length: 3"} {
		list = append(list, dialogue{name: value, raw: sized("Content-Length: "+value) + "hello", want: []string{"400 1"}, closed: true})
	}
	runDialogues(t, list)
}

// SYN-16: what is too long is refused with its own status, and the connection kept where the end was seen.
func TestLongRequestsAreRefused(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	headers := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("X-%d: y", i)
		}
		return list
	}
	body := func(n int) string {
		return request("SET_PARAMETER", "*", 1, fmt.Sprintf("Content-Length: %d", n)) + strings.Repeat("\r\n", n/2)
	}
	runDialogues(t, []dialogue{
		{name: "URL of 4000", raw: request("DESCRIBE", "URL/"+long(4000-20), 1), want: []string{"404 1"}},
		{name: "URL of 5000", raw: request("DESCRIBE", "URL/"+long(5000), 1), want: []string{"414 1"}},
		{name: "URL without end", raw: "DESCRIBE URL/" + long(70000), want: []string{"414"}, closed: true},
		{name: "header of 8000", raw: options(1, "X-Long: "+long(8000)), want: []string{"200 1"}},
		{name: "header of 9000", raw: options(1, "X-Long: "+long(9000)), want: []string{"400 1"}},
		{name: "199 headers", raw: options(1, headers(199)...), want: []string{"200 1"}},
		{name: "300 headers", raw: options(1, headers(300)...), want: []string{"400 1"}},
		{name: "headers without end", raw: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" + strings.Repeat("X-Foo: bar\r\n", 5900), want: []string{"400 1"}, closed: true},
		{name: "body of 1 MiB", raw: body(1 << 20), want: []string{"200 1"}},
		{name: "body over 1 MiB", raw: body(1<<20 + 2)[:200], want: []string{"413 1"}, closed: true},
	})
}

// SYN-02, SYN-05: what the server writes has CRLF at the end of each line and no folded line.
func TestResponsesHaveCleanLines(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("av", servertest.VideoAudio), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1))
		c := w.Dial()
		defer c.Close()
		c.Do("OPTIONS", "*", "Timestamp: 1\r 2\r\n 3")
		c.Do("DESCRIBE", "av")
		c.Setup("av/trackID=0", "udp")
		c.Setup("av/trackID=1", "udp")
		c.Do("PLAY", "av")
		c.Do("GET_PARAMETER", "av", "\r\nfoo\r\nbar\r\n")
		c.Do("SETUP", "av", "Require: a\r\nRequire: b")
		c.Do("TEARDOWN", "av")
		for line := range strings.SplitSeq(c.Received(), "\r\n") {
			if strings.ContainsAny(line, "\r\n\x00") || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
				t.Errorf("line %q", line)
			}
		}
	})
}

// SYN-17: no header line is longer than what FFmpeg and GStreamer read, however many tracks there are,
// and a description of the usual size stays under live555's 20 000 bytes.
func TestHeaderLinesAreShort(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		const tracks = 64
		path := "stage/" + strings.Repeat("long", 20)
		live := w.Handler.Live(path, servertest.Video+strings.Repeat("m=audio 0 RTP/AVP 0\r\n", tracks-1))
		c := w.Dial()
		defer c.Close()
		for i := range tracks {
			src := servertest.Source{PayloadType: 0}
			servertest.Write(live, i, src.Packet(false, 1))
			c.Setup(fmt.Sprintf("%s/trackID=%d", path, i), "tcp")
		}
		info, err := rtsp.ParseRTPInfo(c.Do("PLAY", path).Header.Values("RTP-Info"))
		if err != nil || len(info) != tracks-1 { // the video has no key picture yet
			t.Errorf("RTP-Info of %d tracks: %v", len(info), err)
		}
		refused := c.Do("PLAY", path, "Require: "+strings.Repeat("tag, ", 1500), "Require: "+strings.Repeat("tag, ", 1500))
		if n := len(refused.Header.List("Unsupported")); n != 3000 {
			t.Errorf("%d tags", n)
		}
		for line := range strings.SplitSeq(c.Received(), "\r\n") {
			binary := strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) // media in front of an answer
			if strings.Contains(line, ": ") && !binary && len(line) > 4000 {
				t.Errorf("line of %d bytes: %.40s…", len(line), line)
			}
		}
	})
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("av", servertest.Video+strings.Repeat("m=audio 0 RTP/AVP 0\r\n", 15))
		c := w.Dial()
		defer c.Close()
		if n := len(c.Do("DESCRIBE", "av").Raw); n > 20000 {
			t.Errorf("description of 16 tracks has %d bytes", n)
		}
	})
}

// SYN-22, URL-10: a password in a URL comes back in no answer.
func TestUserInformationIsNotEchoed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1))
		c := w.Dial()
		defer c.Close()
		url := strings.Replace(w.URL, "rtsp://", "rtsp://u:canary@", 1) + "/p"
		describe := c.Do("DESCRIBE", url+"?q=1")
		c.Do("SETUP", url+"/trackID=0", "Transport: RTP/AVP;unicast;client_port=5000-5001")
		play := c.Do("PLAY", url)
		if info := play.Header.Get("RTP-Info"); !strings.HasPrefix(info, "url="+w.URL+"/p/trackID=0;") {
			t.Errorf("RTP-Info %q", info)
		}
		if base := describe.Header.Get("Content-Base"); base != w.URL+"/p/" {
			t.Errorf("Content-Base %q", base)
		}
		c.Do("DESCRIBE", strings.Replace(url, "/p", "/%zz", 1))
		if strings.Contains(c.Received(), "canary") {
			t.Errorf("a password came back:\n%s", c.Transcript())
		}
	})
}

// SYN-28: each challenge has a line of its own.
func TestChallengesAreNotJoined(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		want := []string{`Digest realm="a", algorithm=SHA-256`, `Digest realm="a", algorithm=MD5`, `Basic realm="a"`}
		w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) {
			err := &rtsp.StatusError{Code: rtsp.StatusUnauthorized}
			for _, challenge := range want {
				err.Header.Add("WWW-Authenticate", challenge)
			}
			return nil, err
		}
		c := w.Dial()
		defer c.Close()
		if got := c.Do("DESCRIBE", "p").Header.Values("WWW-Authenticate"); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("challenges %q", got)
		}
	})
}

// SYN-29: a list on several lines is one list.
func TestListsMayBeSpreadOverLines(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		r := c.Do("OPTIONS", "*", "Require: one", "require: two ,three")
		if got := r.Header.Get("Unsupported"); r.Status != rtsp.StatusOptionNotSupported || got != "one, two, three" {
			t.Errorf("%d, Unsupported %q", r.Status, got)
		}
	})
}

// SYN-31: Timestamp comes back as it was, whatever the answer is.
func TestTimestampIsEchoed(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for _, path := range []string{"*", "nothing"} {
			r := c.Do("OPTIONS", path, "Timestamp: 3.14")
			if got := r.Header.Get("Timestamp"); got != "3.14" && !strings.HasPrefix(got, "3.14 ") {
				t.Errorf("Timestamp %q", got)
			}
		}
		if got := c.Do("DESCRIBE", "nothing", "Timestamp: 3.14").Header.Get("Timestamp"); got != "3.14" {
			t.Errorf("Timestamp of a refusal %q", got)
		}
		if got := c.Do("OPTIONS", "*", "Timestamp: "+strings.Repeat("1", 5000)).Header.Get("Timestamp"); got != "" {
			t.Errorf("a Timestamp of %d bytes came back", len(got))
		}
	})
}

// SYN-30: who begins a request has to end it, whether he sends nothing more or a byte a second; who only
// connects may be silent for a minute; a blank line is neither.
func TestSlowAndSilentConnectionsAreClosed(t *testing.T) {
	for _, x := range []struct {
		name, first, then string
		after             time.Duration
	}{
		{"silent", "", "", 60 * time.Second},
		{"silent after a request", options(1), "", 60 * time.Second},
		{"silent after a blank line", options(1) + "\r\n", "", 60 * time.Second},
		{"blank lines", "\r\n", "\r\n", 60 * time.Second},
		{"half a request", "OPTIONS * RTSP/1.0\r\n", "", 10 * time.Second},
		{"half a second request", options(1) + "OPT", "", 10 * time.Second},
		{"a byte a second", "OPTIONS * RTSP/1.0\r\nX: ", "x", 10 * time.Second},
		{"a body by the byte", options(1, "Content-Length: 1000"), "x", 10 * time.Second},
		{"half a frame", "$\x00\x10\x00", "x", 10 * time.Second},
	} {
		t.Run(x.name, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				c := w.Dial()
				defer c.Close()
				c.Send(x.first)
				w.Wait(500 * time.Millisecond)
				for at := time.Second; at < x.after; at += time.Second {
					if w.Server.Stats().Conns != 1 {
						t.Fatalf("closed after %v, want %v", at, x.after)
					}
					c.Send(x.then)
					w.Wait(time.Second)
				}
				w.Wait(time.Second)
				if w.Server.Stats().Conns != 0 {
					t.Errorf("still open %v later", x.after)
				}
			})
		})
	}
}

// SYN-30, SES-09: a connection whose last session was torn down from elsewhere is as idle as one that
// never had any; one with a session may be silent as long as that lives.
func TestConnectionsWithoutASessionAreIdle(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Video)
		a, b := w.Dial(), w.Dial()
		defer a.Close()
		defer b.Close()
		lane := a.Setup("p", "udp")
		for range 3 {
			w.Wait(50 * time.Second)
			lane.SendRTCP([]byte{0x80, 201, 0, 1, 0, 0, 0, 1})
		}
		if n := w.Server.Stats().Conns; n != 1 {
			t.Fatalf("%d connections while the session lives", n)
		}
		c := w.Dial()
		defer c.Close()
		if r := c.Do("TEARDOWN", "p", "Session: "+a.Session); r.Status != rtsp.StatusOK {
			t.Fatalf("TEARDOWN: %d", r.Status)
		}
		w.Wait(61 * time.Second)
		if n := w.Server.Stats().Conns; n != 0 {
			t.Errorf("%d idle connections are kept", n)
		}
	})
}
