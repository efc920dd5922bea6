package rtspclient_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

const urlWithUser = "rtsp://ad%40min:p%40ss@192.0.2.1/stream"

// AUT-03, AUT-14, URL-10: every algorithm, with and without qop; user information is decoded, and never in a request's URL.
func TestDigest(t *testing.T) {
	for _, algorithm := range []string{"", "MD5", "SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess"} {
		for _, qop := range []bool{false, true} {
			t.Run(algorithm, func(t *testing.T) {
				cam := &rtsptest.Camera{User: "ad@min", Password: "p@ss", Algorithm: algorithm, Qop: qop, Timeout: 10}
				with(t, cam, func(t *testing.T, w *world) {
					c, err := rtspclient.Play(t.Context(), urlWithUser, w.over(rtspclient.TCP))
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					if n := cam.Count(rtsp.MethodOptions); n != 2 || cam.Count(rtsp.MethodPlay) != 1 {
						t.Errorf("OPTIONS %d times: asked for credentials more than once", n)
					}
					cam.Renew("n2") // once per request, and for keep-alives too
					if _, err := c.GetParameter(t.Context()); err != nil {
						t.Error(err)
					}
					for _, r := range cam.Requests() {
						if strings.Contains(r.URI, "@") {
							t.Errorf("%s %s", r.Method, r.URI)
						}
					}
				})
			})
		}
	}
}

// A wrong password is tried once.
func TestWrongPassword(t *testing.T) {
	cam := &rtsptest.Camera{User: "ad@min", Password: "other", Algorithm: "SHA-256"}
	with(t, cam, func(t *testing.T, w *world) {
		_, err := rtspclient.Play(t.Context(), urlWithUser, w.over(rtspclient.TCP))
		var refused *rtsp.StatusError
		if !errors.As(err, &refused) || refused.Code != rtsp.StatusUnauthorized || strings.Contains(err.Error(), "p@ss") {
			t.Error(err)
		}
		if n := len(cam.Requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

// AUT-15: the strongest of the challenges is answered, in whatever order they come; a password is not sent in clear text
// unless that is allowed.
func TestStrongestChallenge(t *testing.T) {
	const basic, md5, sha = `Basic realm="c"`, `Digest realm="c", nonce="n"`, `Digest realm="c", nonce="n", algorithm=SHA-256`
	for name, test := range map[string]struct {
		challenges []string
		allow      bool
		want       string // in the Authorization header
		err        error
	}{
		"weakest first": {[]string{basic, md5, sha}, true, "algorithm=SHA-256", nil},
		"in one header": {[]string{sha + ", " + basic + ", " + md5}, true, "algorithm=SHA-256", nil},
		"MD5":           {[]string{basic, md5}, true, `Digest username="ad@min"`, nil},
		"Basic":         {[]string{basic}, true, "Basic YWRAbWluOnBAc3M=", nil},
		"Basic refused": {[]string{basic}, false, "", rtspclient.ErrBasic},
		"unknown":       {[]string{"Negotiate", `Digest realm="c", nonce="n", algorithm=SHA3`}, true, "", rtspclient.ErrCredentials},
		"no challenge":  {nil, true, "", rtspclient.ErrCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{Answer: func(req *rtsp.Request, resp *rtsp.Response) {
				if req.Header.Get("Authorization") == "" {
					resp.Status = rtsp.StatusUnauthorized
					for _, c := range test.challenges {
						resp.Header.Add("WWW-Authenticate", c)
					}
				}
			}}
			with(t, cam, func(t *testing.T, w *world) {
				cfg := w.over(rtspclient.TCP)
				cfg.AllowBasic = test.allow
				c, err := rtspclient.Play(t.Context(), urlWithUser, cfg)
				if test.err != nil {
					if !errors.Is(err, test.err) {
						t.Error(err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if got := w.all(rtsp.MethodPlay, "Authorization"); len(got) != 1 || !strings.Contains(got[0], test.want) {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

// No credentials is an error that says so.
func TestNoCredentials(t *testing.T) {
	with(t, &rtsptest.Camera{User: "a", Password: "b"}, func(t *testing.T, w *world) {
		var refused *rtsp.StatusError
		_, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.TCP))
		if !errors.Is(err, rtspclient.ErrCredentials) || !errors.As(err, &refused) || refused.Code != rtsp.StatusUnauthorized {
			t.Error(err)
		}
	})
}

// SES-15: a nonce that is another after 150 s is no reason for a session to end: the keep-alive is made again at once, with the
// new one, but not for ever.
func TestKeepAliveWithAnOldNonce(t *testing.T) {
	var always atomic.Bool // every answer has a new nonce
	cam := &rtsptest.Camera{User: "ad@min", Password: "p@ss", Timeout: 60}
	cam.Answer = on(rtsp.MethodGetParameter, func(_ *rtsp.Request, resp *rtsp.Response) {
		if always.Load() {
			resp.Status = rtsp.StatusUnauthorized
			resp.Header.Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="camera", nonce="%d"`, cam.Count(rtsp.MethodGetParameter)))
		}
	})
	with(t, cam, func(t *testing.T, w *world) {
		c, err := rtspclient.Play(t.Context(), urlWithUser, w.over(rtspclient.TCP))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		wait(149 * time.Second)
		before := cam.Count(rtsp.MethodGetParameter)
		cam.Renew("n2")
		wait(time.Second + time.Millisecond)
		got := w.all(rtsp.MethodGetParameter, "Authorization")
		if before != 4 || len(got) != before+2 || !strings.Contains(got[before+1], `nonce="n2"`) {
			t.Errorf("%d before, then %q", before, got)
		}
		always.Store(true)
		wait(5 * time.Minute)
		if n := cam.Count(rtsp.MethodGetParameter) - len(got); n < 10 || n > 20 || c.Err() != nil {
			t.Errorf("%d keep-alives in five minutes, %v", n, c.Err())
		}
	})
}
