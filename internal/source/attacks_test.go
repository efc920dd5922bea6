package source

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/baton-rtsp/baton/internal/egress"
	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// A trap is where nothing may go: a camera on an address that the policy of the test denies.
type trap struct {
	*rtsptest.Camera
	policy *egress.Policy
	port   string
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	policy, err := egress.New([]string{"127.0.0.9"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Skip(err) // not every system has all of 127.0.0.0/8
	}
	c := &trap{&rtsptest.Camera{}, policy, portOf(ln)}
	c.Serve(ln)
	t.Cleanup(func() {
		c.Close()
		if n := len(c.Requests()); n > 0 {
			t.Errorf("%d requests have come to where nothing may go", n)
		}
	})
	return c
}

func portOf(ln net.Listener) string { _, port, _ := net.SplitHostPort(ln.Addr().String()); return port }

// pull has a source until why it failed, or what was logged, is enough; "" when that takes too long.
func (c *trap) pull(t *testing.T, url string, enough string, played func()) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	log := &lines{enough: enough, cancel: cancel}
	p := &Pull{
		URLs: []string{url}, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Client: rtspclient.Config{Permit: c.policy.Check, Lowers: []rtspclient.Lower{rtspclient.TCP}, Timeout: 5 * time.Second},
		Described: func(desc *sdp.Session) *rtspserver.Live {
			go played() // ends when it has written
			return rtspserver.NewLive(desc, nil)
		},
	}
	p.Run(ctx)
	return log.found()
}

// lines are a log until a line has in it what is enough.
type lines struct {
	enough string
	cancel func()
	mu     sync.Mutex
	line   string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line == "" && strings.Contains(string(b), l.enough) {
		l.line = string(b)
		l.cancel()
	}
	return len(b), nil
}

func (l *lines) found() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.line
}

// Each way in which a server can send its client elsewhere leads no further than the egress policy (CVE-2026-107698 of FFmpeg, whose list of protocols
// was asked about the first URL only), and a REDIRECT from TLS to clear text is not followed either (RED-05).
func TestRedirectsOfACameraObeyTheEgressPolicy(t *testing.T) {
	trap := newTrap(t)
	inner := "rtsp://127.0.0.9:" + trap.port + "/stream"
	for _, code := range []rtsp.StatusCode{300, 301, 302, 303, 305, 307, 0} {
		for _, method := range []rtsp.Method{rtsp.MethodOptions, rtsp.MethodDescribe, rtsp.MethodSetup, rtsp.MethodPlay} {
			if code == 0 && method != rtsp.MethodPlay {
				continue // it is the method REDIRECT, which comes once
			}
			cam := &rtsptest.Camera{Answer: func(r *rtsp.Request, resp *rtsp.Response) {
				if r.Method == method && code > 0 {
					resp.Status = code
					resp.Header.Set("Location", inner)
				}
			}}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			cam.Serve(ln)
			redirect := func() { cam.Write([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: " + inner + "\r\n\r\n")) }
			if line := trap.pull(t, "rtsp://127.0.0.1:"+portOf(ln)+"/stream", "egress policy denies", redirect); line == "" {
				t.Errorf("%d to %s: nothing was denied", code, method)
			}
			cam.Close()
		}
	}
}

// Where other schemes would lead, and addresses that are written so that a list of them does not know them: as one number, in octal,
// in hexadecimal, short, as IPv6. What the system takes for the address is judged, and what it does not take leads nowhere.
func TestSpellingsOfAnAddressObeyTheEgressPolicy(t *testing.T) {
	trap := newTrap(t)
	for _, host := range []string{"127.0.0.9", "2130706441", "0x7f000009", "0x7f.0.0.9", "0177.0.0.011", "127.9", "[::ffff:127.0.0.9]", "[::ffff:7f00:9]", "127.0.0.9."} {
		for _, scheme := range []string{"rtsp", "rtsps", "ws", "wss"} {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			var denied *egress.DeniedError
			c, err := rtspclient.Play(ctx, scheme+"://"+host+":"+trap.port+"/stream", &rtspclient.Config{Permit: trap.policy.Check})
			cancel()
			if err == nil {
				c.Close()
			}
			if known := host == "127.0.0.9" || host[0] == '['; err == nil || known && !errors.As(err, &denied) {
				t.Errorf("%s://%s: %v", scheme, host, err)
			}
		}
	}
	for _, url := range []string{"http://127.0.0.9:" + trap.port, "https://127.0.0.9", "file:///etc/passwd", "tcp://127.0.0.9", "udp://127.0.0.9", "gopher://x/", "//127.0.0.9/", "rtsp:///stream"} {
		if c, err := rtspclient.Play(t.Context(), url, &rtspclient.Config{Permit: trap.policy.Check, Timeout: time.Second}); err == nil {
			c.Close()
			t.Errorf("%s is played", url)
		}
	}
}

// A name that leads somewhere else the second time is judged again: when it is dialled (DNS rebinding).
func TestNamesThatChangeObeyTheEgressPolicy(t *testing.T) {
	trap := newTrap(t)
	ln, err := net.Listen("tcp", "127.0.0.1:"+trap.port)
	if err != nil {
		t.Skip(err)
	}
	outer := &rtsptest.Camera{}
	outer.Serve(ln)
	defer outer.Close()
	answers := rebinding(t, "127.0.0.1", "127.0.0.9")
	for i, denied := range []bool{false, true, true} {
		c, err := rtspclient.Play(t.Context(), "rtsp://camera.example:"+trap.port+"/stream", &rtspclient.Config{
			Permit: trap.policy.Check, Lowers: []rtspclient.Lower{rtspclient.TCP}, Timeout: 5 * time.Second,
		})
		if err == nil {
			c.Close()
		}
		if errors.As(err, new(*egress.DeniedError)) != denied || (err != nil) != denied {
			t.Errorf("time %d: %v", i, err)
		}
	}
	if n := answers(); n < 3 {
		t.Errorf("the name was asked for %d times", n)
	}
}

// rebinding has all names lead to the first of some addresses once, then to the next, and to the last for ever. It returns how often
// that was asked for.
func rebinding(t *testing.T, addrs ...string) (asked func() int) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	n := 0
	next := func() netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		n++
		return netip.MustParseAddr(addrs[min(n, len(addrs))-1])
	}
	ended := make(chan struct{})
	go func() { // ends when the socket is closed
		defer close(ended)
		b := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:size]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: next().As4()}}}
			}
			answer, err := m.Pack()
			if err == nil {
				server.WriteTo(answer, from)
			}
		}
	}()
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = old
		server.Close()
		<-ended
	})
	return func() int { mu.Lock(); defer mu.Unlock(); return n }
}

// What a camera redirects to does not get the password of the camera, and TLS is not left, when it is REDIRECT that says so.
func TestRedirectKeepsThePasswordWithItsHost(t *testing.T) {
	policy := &egress.Policy{}
	ln, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Skip(err)
	}
	other := &rtsptest.Camera{User: "u", Password: "canary"}
	other.Serve(ln)
	defer other.Close()
	ln2, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cam := &rtsptest.Camera{User: "u", Password: "canary"}
	cam.Serve(ln2)
	defer cam.Close()
	elsewhere := "rtsp://127.0.0.9:" + portOf(ln) + "/stream"
	w := &trap{cam, policy, portOf(ln2)}
	if w.pull(t, "rtsp://u:canary@127.0.0.1:"+w.port+"/stream", "source cannot be reached", func() {
		cam.Write([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: " + elsewhere + "\r\n\r\n"))
	}) == "" {
		t.Error("the redirection has led nowhere, and nothing was said")
	}
	all := other.Requests()
	if len(all) == 0 || slices.ContainsFunc(all, func(r *rtsp.Request) bool { return r.Header.Has("Authorization") }) {
		t.Errorf("%d requests have come, or the password with them", len(all))
	}
}

// A camera that sends its client round in circles is not followed faster than once in half a second.
func TestRedirectsInCirclesAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := simnet.New(nil)
		defer network.Close()
		ln, err := network.Listen("192.0.2.1:554")
		if err != nil {
			t.Fatal(err)
		}
		cam := &rtsptest.Camera{}
		cam.Serve(ln)
		defer cam.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		(&Pull{
			URLs: []string{"rtsp://192.0.2.1/stream"}, Logger: slog.New(slog.DiscardHandler),
			Client: rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}, Dial: func(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
				return network.Dial(ctx, "192.0.2.9", u.Hostname()+":554")
			}},
			Described: func(desc *sdp.Session) *rtspserver.Live {
				go cam.Write([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: /stream\r\n\r\n")) // ends when it has written
				return rtspserver.NewLive(desc, nil)
			},
		}).Run(ctx)
		if n := cam.Count(rtsp.MethodPlay); n < 10 || n > 121 {
			t.Errorf("played %d times in a minute", n)
		}
	})
}
