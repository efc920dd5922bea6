package rtspclient_test

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// What a device may ask for at the handshake; the password is p@ss.
const (
	basicAsked  = `Basic realm="device"`
	md5Asked    = `Digest realm="device", nonce="h1", qop="auth"`
	sha256Asked = `Digest realm="device", nonce="h1", qop="auth", algorithm=SHA-256, opaque="o"`
	staleAsked  = `Digest realm="device", nonce="h0", stale=true`
)

// A gate is a device that wants credentials at the handshake of WebSocket, before RTSP.
type gate struct {
	asks []string // WWW-Authenticate, a header each
	keep bool     // the connection stays open behind a refusal

	mu  sync.Mutex
	got []string // Authorization of each handshake
}

// serve has the world's camera behind the gate. It returns what ends it.
func (g *gate) serve(t *testing.T, w *world) (stop func()) {
	t.Helper()
	ln, err := w.net.Listen(cameraHost + ":80")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.got = append(g.got, r.Header.Get("Authorization"))
		g.mu.Unlock()
		if !g.lets(r) {
			for _, a := range g.asks {
				rw.Header().Add("WWW-Authenticate", a)
			}
			if !g.keep {
				rw.Header().Set("Connection", "close")
			}
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		ws, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"rtsp.onvif.org"}})
		if err != nil {
			t.Error(err)
			return
		}
		w.cam.ServeConn(websocket.NetConn(context.Background(), ws, websocket.MessageBinary))
	})}
	done := make(chan struct{})
	go func() { server.Serve(ln); close(done) }() // ends with stop
	return func() { w.cam.Close(); server.Close(); <-done }
}

// lets checks an Authorization by RFC 7616 §3.4.1, or the password of Basic.
func (g *gate) lets(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok {
		return user == "ad@min" && password == "p@ss"
	}
	list := rtsp.ParseChallenges(r.Header.Values("Authorization")) // the same grammar
	if len(list) != 1 || list[0].Scheme != "Digest" || list[0].Param("nonce") != "h1" || list[0].Param("uri") != r.RequestURI {
		return false
	}
	a := list[0]
	h := func(parts ...string) string {
		s := strings.Join(parts, ":")
		if a.Param("algorithm") == "SHA-256" {
			sum := sha256.Sum256([]byte(s))
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	return a.Param("response") == h(h("ad@min", "device", "p@ss"), "h1", a.Param("nc"), a.Param("cnonce"), "auth", h("GET", r.RequestURI))
}

// WSK-06: a device that wants credentials at the handshake gets the strongest kind that it takes, and Basic inside TLS or when that
// is allowed; what RTSP wants behind it is another matter.
func TestCredentialsAtTheHandshake(t *testing.T) {
	const user = "ad%40min:p%40ss@"
	for name, test := range map[string]struct {
		url    string
		asks   []string
		keep   bool
		basic  bool   // AllowBasic
		sent   string // begins so; the last Authorization
		tries  int
		refuse error // a *rtsp.StatusError: 401
	}{
		"MD5":                      {url: "ws://" + user, asks: []string{md5Asked}, sent: "Digest", tries: 2},
		"the strongest, last":      {url: "ws://" + user, asks: []string{basicAsked, md5Asked, sha256Asked}, sent: "Digest", tries: 2},
		"the strongest, first":     {url: "wss://" + user, asks: []string{sha256Asked + ", " + basicAsked}, sent: "Digest", tries: 2},
		"a connection that stays":  {url: "ws://" + user, asks: []string{sha256Asked}, keep: true, sent: "Digest", tries: 2},
		"Basic inside TLS":         {url: "wss://" + user, asks: []string{basicAsked}, sent: "Basic", tries: 2},
		"Basic when it is allowed": {url: "ws://" + user, asks: []string{basicAsked}, basic: true, sent: "Basic", tries: 2},
		"Basic in clear text":      {url: "ws://" + user, asks: []string{basicAsked}, tries: 1, refuse: rtspclient.ErrBasic},
		"nobody":                   {url: "ws://", asks: []string{md5Asked}, tries: 1, refuse: rtspclient.ErrCredentials},
		"something unknown":        {url: "ws://" + user, asks: []string{"Negotiate"}, tries: 1, refuse: rtspclient.ErrCredentials},
		"nothing":                  {url: "ws://" + user, tries: 1, refuse: rtspclient.ErrCredentials},
		"a wrong password":         {url: "wss://ad%40min:wrong@", asks: []string{sha256Asked, basicAsked}, sent: "Digest", tries: 2, refuse: &rtsp.StatusError{}},
		"nonces that never last":   {url: "ws://" + user, asks: []string{staleAsked}, sent: "Digest", tries: 2, refuse: &rtsp.StatusError{}},
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{User: "ad@min", Password: "p@ss"}
			with(t, cam, func(t *testing.T, w *world) {
				g := &gate{asks: test.asks, keep: test.keep}
				defer g.serve(t, w)()
				cfg := w.cfg
				cfg.AllowBasic = test.basic
				cfg.Dial = func(ctx context.Context, _ *rtsp.URL) (net.Conn, error) {
					return w.net.Dial(ctx, clientHost, cameraHost+":80")
				}
				c, err := rtspclient.Play(t.Context(), test.url+cameraHost+"/rtsp%2Fa?b=1", &cfg)
				if err == nil {
					c.Close()
				}
				var refused *rtsp.StatusError
				switch {
				case test.refuse == nil && err != nil, test.refuse != nil && err == nil:
					t.Error(err)
				case errors.As(test.refuse, &refused):
					if !errors.As(err, &refused) || refused.Code != rtsp.StatusUnauthorized {
						t.Error(err)
					}
				case !errors.Is(err, test.refuse):
					t.Error(err)
				}
				if err != nil && (strings.Contains(err.Error(), "p@ss") || strings.Contains(err.Error(), "p%40ss")) {
					t.Errorf("the password is told: %v", err)
				}
				last := g.got[len(g.got)-1]
				if len(g.got) != test.tries || g.got[0] != "" || !strings.HasPrefix(last, test.sent) {
					t.Errorf("%d handshakes: %q", len(g.got), g.got)
				}
				if strings.Contains(strings.Join(test.asks, ""), "SHA-256") && !strings.Contains(last, "algorithm=SHA-256") {
					t.Errorf("not the strongest: %s", last)
				}
			})
		})
	}
}

// WSK-06: a nonce that is said to have become too old is not the end.
func TestStaleNonceAtTheHandshake(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		g := &gate{asks: []string{`Digest realm="device", nonce="h0"`}}
		defer g.serve(t, w)()
		cfg := w.cfg
		cfg.Dial = func(ctx context.Context, _ *rtsp.URL) (net.Conn, error) {
			g.mu.Lock()
			if len(g.got) == 1 { // the answer to the second
				g.asks = []string{strings.Replace(md5Asked, "Digest ", "Digest stale=TRUE, ", 1)}
			}
			g.mu.Unlock()
			return w.net.Dial(ctx, clientHost, cameraHost+":80")
		}
		c, err := rtspclient.Play(t.Context(), "ws://ad%40min:p%40ss@"+cameraHost+"/", &cfg)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if len(g.got) != 3 {
			t.Errorf("handshakes: %q", g.got)
		}
	})
}
