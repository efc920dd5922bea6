package e2e

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// An oracle is what a server asks over HTTP: at /keys for the keys of tokens, at /ask who may do what.
type oracle struct {
	*httptest.Server
	key ed25519.PrivateKey
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{key: key}
	hung := make(chan bool)
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","alg":"EdDSA","use":"sig","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
			return
		}
		var q struct{ Action, Path, Protocol, Token string }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Action == "" || q.Protocol == "" {
			t.Errorf("asked %+v: %v", q, err)
		}
		switch q.Token {
		case "c4nary-yes":
		case "c4nary-films":
			if q.Action != "replay" {
				w.WriteHeader(http.StatusForbidden)
			}
		case "c4nary-hangs":
			<-hung
		case "c4nary-fails":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(func() { close(hung); o.Close() })
	return o
}

// token says what its bearer may do, for so long.
func (o *oracle) token(t *testing.T, life time.Duration, rights ...map[string]any) string {
	t.Helper()
	x := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"sub": "t", "exp": time.Now().Add(life).Unix(), "baton": rights})
	x.Header["kid"] = "k"
	s, err := x.SignedString(o.key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// AUT-12: a service that is asked, and tokens in the query, decide over all. A service that hangs or fails is 503, for those alone about whom
// it is asked. No token is in what the server writes.
func TestServicesAndTokensDecide(t *testing.T) {
	o := newOracle(t)
	films := map[string]any{"do": "replay"}
	for name, c := range map[string]struct {
		config string
		status map[string]int // by token and path
	}{
		"service": {"auth: { http: " + o.URL + "/ask, timeout: 2s, cache: 0s }", map[string]int{
			"c4nary-yes clock": 200, "c4nary-yes demo.mp4": 200, "c4nary-films clock": 403, "c4nary-films demo.mp4": 200, "c4nary-no clock": 401, " clock": 401,
			"c4nary-hangs clock": 503, "c4nary-fails clock": 503,
		}},
		"tokens": {"auth: { jwt: { jwks: " + o.URL + "/keys } }", map[string]int{
			o.token(t, time.Hour, map[string]any{"do": "read"}) + " clock": 200, o.token(t, time.Hour, films) + " demo.mp4": 200, o.token(t, time.Hour, films) + " clock": 403,
			o.token(t, -time.Hour, films) + " demo.mp4": 401, o.token(t, time.Hour, films)[:50] + " demo.mp4": 401, " clock": 401,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, append(config(t, "anonymous: []\naudit: stderr\n"+c.config+"\n"), "--log-level", "debug")...)
			var group sync.WaitGroup
			for asked, want := range c.status {
				token, path, _ := strings.Cut(asked, " ")
				group.Go(func() {
					begun := time.Now()
					if got := readWith(t, s.url("/"+path+"?token="+token)); got != want {
						t.Errorf("%.12s, %s: %d, want %d", token, path, got, want)
					}
					if took := time.Since(begun); want != 503 && took > 1500*time.Millisecond {
						t.Errorf("%.12s, %s: waited %v for what is no affair of its", token, path, took)
					}
				})
			}
			group.Wait()
			for _, text := range []string{s.stdout.String(), s.stderr.String()} {
				if text == "" || strings.Contains(text, "c4nary") || strings.Contains(text, "eyJ") {
					t.Errorf("nothing, or a token: %.2000s", text)
				}
			}
		})
	}
}

// readWith plays a URL, and returns the status that comes of it; 0 is trouble.
func readWith(t *testing.T, url string) int {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	client, err := rtspclient.Play(ctx, url, &rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}})
	if err == nil {
		client.Close()
	}
	return statusOf(t, err)
}

// statusOf is what a client was answered; 0 is trouble.
func statusOf(t *testing.T, err error) int {
	var refused *rtsp.StatusError
	switch {
	case err == nil:
		return 200
	case errors.As(err, &refused):
		return int(refused.Code)
	}
	t.Error(err)
	return 0
}
