package main

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/config"
)

// An address at which nobody listens.
type address struct {
	net.Listener
	at string
}

func (a address) Addr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(a.at)) }

// counted counts writes.
type counted struct {
	bytes.Buffer
	writes int
}

func (c *counted) Write(b []byte) (int, error) {
	c.writes++
	return c.Buffer.Write(b)
}

// What is printed can be pasted: URLs have room for a user where one is needed, here and elsewhere, and addresses of
// other machines' are there when these can come in.
func TestGreetingIsRightForWhoMayDoWhat(t *testing.T) {
	all := []config.Right{{Do: []config.Action{config.ActionRead, config.ActionPublish}}}
	local := []config.Right{{Do: all[0].Do, From: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	const anyone, loopback, lan = "0.0.0.0:8554", "127.0.0.1:8554", "192.168.7.1:8554"
	const user = "USER:PASSWORD@"
	for name, c := range map[string]struct {
		anonymous []config.Right
		strangers bool
		rtsp      string
		sealed    bool
		here      string // in front of the address in what is to be pasted here
		elsewhere string // what is said of elsewhere
	}{
		"as it comes":        {local, false, anyone, false, "", "rtsp://" + user + "10.1.2.3:8554/clock http://10.1.2.3:8080"},
		"TLS":                {local, false, anyone, true, "", "rtsps://" + user + "10.1.2.3:8322/clock https://10.1.2.3:8080"},
		"everybody":          {all, true, anyone, false, "", "rtsp://10.1.2.3:8554/clock http://10.1.2.3:8080"},
		"nobody":             {nil, false, anyone, false, user, "rtsp://" + user + "10.1.2.3:8554/clock http://10.1.2.3:8080"},
		"no users":           {local, true, anyone, false, "", `nobody may watch yet: "baton user add NAME" makes a user`},
		"loopback alone":     {local, false, loopback, false, "", "http://10.1.2.3:8080"},
		"an address":         {local, false, lan, false, "", "rtsp://" + user + lan + "/clock http://10.1.2.3:8080"},
		"everybody but some": {[]config.Right{{Do: all[0].Do, Path: "open/*"}}, false, anyone, false, user, "rtsp://" + user + "10.1.2.3:8554/clock http://10.1.2.3:8080"},
	} {
		is := &welcome{
			at:   &sockets{rtsp: address{at: c.rtsp}, site: address{at: "0.0.0.0:8080"}},
			who:  &access{anonymous: c.anonymous, strangers: c.strangers},
			from: netip.MustParseAddr("10.1.2.3"),
		}
		if c.sealed {
			is.sealed = tlsOf(t, "0.0.0.0:8322")
		}
		var out counted
		greet(&out, is)
		var elsewhere []string
		for line := range strings.Lines(out.String()) {
			if rest, found := strings.CutPrefix(line, "  elsewhere    "); found {
				elsewhere = append(elsewhere, strings.TrimSpace(rest))
			}
		}
		if got := strings.Join(elsewhere, " "); got != c.elsewhere {
			t.Errorf("%s: elsewhere %s, want %s", name, got, c.elsewhere)
		}
		host := strings.Replace(c.rtsp, "0.0.0.0", "127.0.0.1", 1)
		for _, want := range []string{"ffplay rtsp://" + c.here + host + "/clock\n", "-f rtsp rtsp://" + c.here + host + "/NAME\n", "film         rtsp://" + c.here + host + "/demo.mp4\n"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, &out)
			}
		}
		if out.writes != 1 {
			t.Errorf("%s: %d writes, lines of the log can come in between", name, out.writes)
		}
	}
}

// tlsOf is TLS at an address, with a certificate of its own.
func tlsOf(t *testing.T, at string) *tlsSide {
	t.Helper()
	sealed, err := openTLS(t.Context(), &config.Config{TLS: config.TLS{Auto: true}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sealed.source.Close)
	sealed.rtsps = address{at: at}
	return sealed
}

// The first user is said to be needed for what needs one.
func TestFirstUserIsForWhatNeedsOne(t *testing.T) {
	for want, anonymous := range map[string][]config.Right{"Other machines need a user: ": nil, "The API needs a user: ": {{Do: []config.Action{config.ActionRead}}}} {
		var out bytes.Buffer
		greetFirst(&out, &access{first: "admin, password X", anonymous: anonymous})
		if !strings.HasPrefix(out.String(), want+"admin, password X.\n") || !strings.Contains(out.String(), "baton user password admin") {
			t.Errorf("%q, want %q", &out, want)
		}
	}
}
