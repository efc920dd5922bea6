package auth

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// canary is every password of these tests.
const canary = "c4nary$pass!"

// A web answers what an authority asks over HTTP: keys at /keys, questions anywhere else.
type web struct {
	key    ed25519.PrivateKey
	answer func(ctx context.Context, q question) (code int, body string)

	mu    sync.Mutex
	asked []question
}

func newWeb() *web {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	return &web{key: key}
}

// RoundTrip is the other side of the client.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	code, body := http.StatusOK, ""
	if strings.HasSuffix(r.URL.Path, "/keys") {
		x := base64.RawURLEncoding.EncodeToString(w.key.Public().(ed25519.PublicKey))
		body = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","alg":"EdDSA","use":"sig","x":"` + x + `"}]}`
	} else {
		var q question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return nil, err
		}
		w.mu.Lock()
		w.asked = append(w.asked, q)
		w.mu.Unlock()
		if code, body = w.answer(r.Context(), q); code == 0 {
			return nil, r.Context().Err()
		}
	}
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
}

func (w *web) questions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

// token signs claims for so long.
func (w *web) token(subject string, life time.Duration, more map[string]any) string {
	c := jwt.MapClaims{"sub": subject, "iss": "issuer", "aud": "baton", "exp": time.Now().Add(life).Unix()}
	for name, value := range more {
		c[name] = value
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["kid"] = "k"
	s, err := t.SignedString(w.key)
	if err != nil {
		panic(err)
	}
	return s
}

// settings is a configuration from its text.
func settings(t *testing.T, text string) *config.Config {
	t.Helper()
	env := config.Env{Getenv: func(string) string { return "" }, Open: files{"baton.yml": text}.open}
	c, err := config.Load([]string{"--config", "baton.yml"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*config.Serve).Config
}

// authorityOf makes an authority of the text of a configuration.
func authorityOf(t *testing.T, text string, w *web) *authority {
	t.Helper()
	c := settings(t, text)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	a, err := New(ctx, Config{Users: c.Users, Anonymous: c.Anonymous, Auth: c.Auth, Client: &http.Client{Transport: w}})
	if err != nil {
		t.Fatal(err)
	}
	return a.(*authority)
}

// authorization answers the challenge of an algorithm as a client does.
func authorization(challenges []string, algorithm, user, password, method, uri string) string {
	for _, c := range rtsp.ParseChallenges(challenges) {
		if c.Scheme == "Digest" && c.Param("algorithm") == algorithm {
			return answered(c, user, password, method, uri, 1)
		}
	}
	return ""
}

// answered is the Authorization header for a challenge with qop.
func answered(c rtsp.Challenge, user, password, method, uri string, count int) string {
	sum := map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}[c.Param("algorithm")]
	h := func(s string) string {
		x := sum()
		io.WriteString(x, s)
		return fmt.Sprintf("%x", x.Sum(nil))
	}
	nc := fmt.Sprintf("%08x", count)
	response := h(h(user+":"+c.Param("realm")+":"+password) + ":" + c.Param("nonce") + ":" + nc + ":cn:auth:" + h(method+":"+uri))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s, qop=auth, nc=%s, cnonce="cn", response="%s"`,
		user, c.Param("realm"), c.Param("nonce"), uri, c.Param("algorithm"), nc, response)
}

// serveGated runs body with a server in memory behind a gate.
func serveGated(t *testing.T, text string, w *web, body func(t *testing.T, world *servertest.World, audit *bytes.Buffer)) {
	t.Helper()
	var stop func()
	var audit lockedBuffer
	servertest.InMemory(t, func(cfg *rtspserver.Config) {
		c := settings(t, text)
		ctx, cancel := context.WithCancel(context.Background())
		stop = cancel
		a, err := New(ctx, Config{Users: c.Users, Anonymous: c.Anonymous, Auth: c.Auth, Client: &http.Client{Transport: w}, Logger: cfg.Logger})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Authorizer = &Gate{Authorizer: a, Stored: func(path string) bool { return strings.HasPrefix(path, "film") }, Audit: NewAudit(&audit)}
	}, func(t *testing.T, world *servertest.World) {
		defer stop()
		body(t, world, &audit.Buffer)
	})
}

type lockedBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

// String is what was written so far.
func (b *lockedBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.String()
}

// read is a request to describe what is live, over clear text, from somewhere else.
func read(path string) *Request {
	return &Request{Action: Read, Path: path, Address: netip.MustParseAddr("192.0.2.7"), Protocol: "rtsp", Method: "DESCRIBE", URI: "rtsp://h/" + path}
}

// kept are the users of a folder.
func kept(t testing.TB, state string) *Kept {
	t.Helper()
	k, err := OpenKept(state)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// meanwhile runs something until what it returns is called, which waits for its end.
func meanwhile(t *testing.T, run func(ctx context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { // ends with ctx
		defer close(ended)
		run(ctx)
	}()
	return func() { cancel(); <-ended }
}
