package auth

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// serveState runs body with a server in memory whose users are those of a state folder, and come and go with its file.
func serveState(t *testing.T, state string, body func(t *testing.T, w *servertest.World)) {
	t.Helper()
	var gate *Gate
	servertest.InMemory(t, func(cfg *rtspserver.Config) {
		a, err := New(context.Background(), Config{Kept: kept(t, state), Auth: config.Auth{MD5: true}, Logger: cfg.Logger})
		if err != nil {
			t.Fatal(err)
		}
		gate = &Gate{Authorizer: a}
		cfg.Authorizer = gate
	}, func(t *testing.T, w *servertest.World) {
		defer meanwhile(t, func(ctx context.Context) { gate.Follow(ctx, w.Server, slog.New(slog.DiscardHandler)) })()
		body(t, w)
	})
}

// put keeps a user with the password of these tests, or another.
func put(t *testing.T, state, name, password string, allow ...config.Right) {
	t.Helper()
	if err := AddUser(state, Hashed(config.User{Name: name, Allow: allow}, config.NewSecret(password)), true); err != nil {
		t.Fatal(err)
	}
}

// mediaComes tells whether a packet of the first channel comes, reports aside.
func mediaComes(c *servertest.Client) bool {
	for {
		if f, ok := c.Frame(500 * time.Millisecond); !ok || f.Channel == 0 {
			return ok
		}
	}
}

// AUT-08: what a user plays or publishes ends within a second when the user is removed, has another password or may do it no
// longer, and the next request is 401 or 403. Nobody else's session notices, wherever it comes from: not those of the server's
// own machine by another address than loopback, nor those of who has more rights or the same password hashed again.
func TestSessionsEndWithWhatTheirUsersMay(t *testing.T) {
	state := t.TempDir()
	reads, local := config.Right{Do: []Action{Read}}, config.Right{Do: []Action{Read}, From: settings(t, "").Anonymous[0].From}
	publishes := config.Right{Do: []Action{Publish}}
	for _, name := range []string{"removed", "renewed", "hashed", "richer", "poorer", "same"} {
		put(t, state, name, canary, reads)
	}
	put(t, state, "local", canary, local)
	put(t, state, "studio", canary, publishes, reads)
	serveState(t, state, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		watchers := map[string]*asker{}
		for _, name := range []string{"removed", "renewed", "hashed", "richer", "poorer", "same", "local"} {
			host := map[bool]string{true: servertest.ServerHost, false: servertest.ClientHost}[name == "local"]
			a := &asker{c: w.DialAs(host), cred: credential{user: name}}
			defer a.c.Close()
			if got := a.do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"); got != 200 {
				t.Fatalf("%s: SETUP: %d", name, got)
			}
			if got := a.do("PLAY", "cam"); got != 200 {
				t.Fatalf("%s: PLAY: %d", name, got)
			}
			watchers[name] = a
		}
		studio := &asker{c: w.Dial(), cred: credential{user: "studio"}}
		defer studio.c.Close()
		for _, step := range [][]string{{"ANNOUNCE", "hall", "Content-Type: application/sdp", "\r\n" + servertest.Audio},
			{"SETUP", "hall/" + servertest.Parse(servertest.Audio).Media[0].Control(), "Transport: RTP/AVP/TCP;unicast;mode=record;interleaved=0-1"}, {"RECORD", "hall"}} {
			if got := studio.do(step[0], step[1], step[2:]...); got != 200 {
				t.Fatalf("studio: %s: %d", step[0], got)
			}
		}
		if err := RemoveUser(state, "removed"); err != nil {
			t.Fatal(err)
		}
		if err := SetPassword(state, "renewed", config.NewSecret("another")); err != nil {
			t.Fatal(err)
		}
		put(t, state, "hashed", canary, reads)
		put(t, state, "richer", canary, reads, publishes)
		put(t, state, "poorer", canary, config.Right{Do: []Action{Read}, Path: "other"})
		put(t, state, "studio", canary, reads)
		w.Wait(3 * followEvery)

		servertest.Write(live, 0, src.Packet(true, 1))
		for name, want := range map[string]struct {
			plays bool
			again int
		}{"removed": {false, 401}, "renewed": {false, 401}, "poorer": {false, 403}, "hashed": {true, 200}, "richer": {true, 200}, "same": {true, 200}, "local": {true, 200}} {
			a := watchers[name]
			if got := mediaComes(a.c); got != want.plays {
				t.Errorf("%s: media comes: %v", name, got)
			}
			if !want.plays {
				if !a.c.Closed() {
					t.Errorf("%s: the connection stays", name)
				}
				a.c = w.Dial()
				defer a.c.Close()
			}
			if got := a.do("DESCRIBE", "cam"); int(got) != want.again {
				t.Errorf("%s: the next request: %d", name, got)
			}
		}
		if !studio.c.Closed() || w.Handler.Get("hall") != nil {
			t.Error("who may not publish any more does")
		}
		if n := len(w.Server.Sessions()); n != 4 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// goodbye is the reason of the BYE that comes.
func goodbye(c *servertest.Client) string {
	for {
		f, ok := c.Frame(500 * time.Millisecond)
		if !ok {
			return ""
		}
		for p := range rtp.Packets(f.Payload) {
			if f.Channel == 1 && p.Type() == rtp.BYE {
				return string(p.Reason())
			}
		}
	}
}

// AUT-08, RTP-09: whose session ends because of what the user may, or is, hears that this is no longer allowed, and no more than that;
// the log says the same, and not that the operator has ended it.
func TestABYESaysThatSomethingIsNoLongerAllowed(t *testing.T) {
	reads := config.Right{Do: []Action{Read}}
	for name, change := range map[string]func(t *testing.T, state string){
		"removed": func(_ *testing.T, state string) { RemoveUser(state, "ann") },
		"renewed": func(_ *testing.T, state string) { SetPassword(state, "ann", config.NewSecret("another")) },
		"poorer":  func(t *testing.T, state string) { put(t, state, "ann", canary, config.Right{Do: []Action{Publish}}) },
	} {
		state := t.TempDir()
		put(t, state, "ann", canary, reads)
		serveState(t, state, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
			servertest.Write(live, 0, src.Packet(true, 1))
			ann := &asker{c: w.Dial(), cred: credential{user: "ann"}}
			defer ann.c.Close()
			if setup, play := ann.do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"), ann.do("PLAY", "cam"); setup != 200 || play != 200 {
				t.Fatalf("%s: %d, %d", name, setup, play)
			}
			change(t, state)
			w.Wait(3 * followEvery)
			if got := goodbye(ann.c); got != "no longer allowed" {
				t.Errorf("%s: BYE says %q", name, got)
			}
			if log := w.Log.String(); !strings.Contains(log, `why="no longer allowed"`) || strings.Contains(log, "operator") || strings.Contains(log, canary) {
				t.Errorf("%s:\n%s", name, log)
			}
		})
	}
}

// AUT-08: a request that was let in before a change, and had to wait for its source, makes no session that its user may not have any
// more: it is 401 or 403, and nothing is left. Who still may only says once more who he is, if his nonce was good for one request.
func TestARequestLetInBeforeAChangeMakesNoSession(t *testing.T) {
	reads, publishes := config.Right{Do: []Action{Read}}, config.Right{Do: []Action{Publish}}
	for name, test := range map[string]struct {
		change func(t *testing.T, state string)
		first  int // what comes of the request
		again  int // and of one more
	}{
		"removed":  {func(_ *testing.T, state string) { RemoveUser(state, "ann") }, 401, 401},
		"renewed":  {func(_ *testing.T, state string) { SetPassword(state, "ann", config.NewSecret("another")) }, 401, 401},
		"poorer":   {func(t *testing.T, state string) { put(t, state, "ann", canary, config.Right{Do: []Action{Admin}}) }, 401, 403},
		"innocent": {func(t *testing.T, state string) { put(t, state, "bob", canary, reads) }, 401, 200},
	} {
		for _, request := range [][]string{
			{"SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"},
			{"ANNOUNCE", "hall", "Content-Type: application/sdp", "\r\n" + servertest.Audio},
		} {
			state := t.TempDir()
			put(t, state, "ann", canary, reads, publishes)
			serveState(t, state, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("cam", servertest.Audio)
				changed := false
				meanwhile := func() {
					if !changed {
						changed = true
						test.change(t, state)
						w.Wait(3 * followEvery)
					}
				}
				w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) {
					meanwhile()
					return nil, nil
				}
				w.Handler.OnPublish = func(*rtspserver.Request, *sdp.Session) error {
					meanwhile()
					return nil
				}
				ann := &asker{c: w.Dial(), cred: credential{user: "ann"}}
				defer ann.c.Close()
				if got := ann.do(request[0], request[1], request[2:]...); int(got) != test.first {
					t.Errorf("%s: %s: %d", name, request[0], got)
				}
				if n := len(w.Server.Sessions()); n != 0 || w.Handler.Get("hall") != nil {
					t.Errorf("%s: %s: %d sessions, the path is held: %v", name, request[0], n, w.Handler.Get("hall") != nil)
				}
				if got := ann.do(request[0], request[1], request[2:]...); int(got) != test.again {
					t.Errorf("%s: %s once more: %d", name, request[0], got)
				}
			})
		}
	}
}
