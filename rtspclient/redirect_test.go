package rtspclient_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

const otherHost = "192.0.2.2"

// second runs another camera at otherHost, and counts who was dialled.
func (w *world) second(cam *rtsptest.Camera) (dialled *[]string) {
	ln, err := w.net.Listen(otherHost + ":554")
	if err != nil {
		w.t.Fatal(err)
	}
	cam.Serve(ln)
	dialled = new([]string)
	dial := w.cfg.Dial
	w.cfg.Dial = func(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
		*dialled = append(*dialled, u.Scheme+" "+u.Hostname())
		return dial(ctx, u)
	}
	return dialled
}

// ERR-3xx, RED-05: a status of redirection is followed, from the beginning and without the old session; at most five times;
// never from TLS to clear text; and the password does not go to another host.
func TestRedirects(t *testing.T) {
	for _, m := range []rtsp.Method{rtsp.MethodDescribe, rtsp.MethodSetup, rtsp.MethodPlay} {
		t.Run(string(m), func(t *testing.T) {
			with(t, &rtsptest.Camera{User: "ad@min", Password: "p@ss", Answer: on(m, func(_ *rtsp.Request, resp *rtsp.Response) {
				if resp.Status == rtsp.StatusOK {
					resp.Status = rtsp.StatusFound
					resp.Header.Set("Location", "rtsp://"+otherHost+"/elsewhere")
				}
			})}, func(t *testing.T, w *world) {
				other := &rtsptest.Camera{}
				defer other.Close()
				dialled := w.second(other)
				c, err := rtspclient.Play(t.Context(), urlWithUser, w.over(rtspclient.TCP))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if c.URL() != "rtsp://"+otherHost+"/elsewhere" || !slices.Equal(*dialled, []string{"rtsp " + cameraHost, "rtsp " + otherHost}) {
					t.Errorf("%s, dialled %q", c.URL(), *dialled)
				}
				for _, r := range other.Requests() {
					if r.Header.Has("Authorization") || r.Method == rtsp.MethodDescribe && r.Header.Has("Session") {
						t.Errorf("%s %v", r.Method, r.Header)
					}
				}
			})
		})
	}
}

func TestRedirectLoop(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: on(rtsp.MethodDescribe, func(req *rtsp.Request, resp *rtsp.Response) {
		resp.Status = rtsp.StatusMovedPermanently
		resp.Header.Set("Location", req.URI)
	})}, func(t *testing.T, w *world) {
		var redirected *rtspclient.RedirectError
		if _, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.TCP)); !errors.As(err, &redirected) || redirected.Code != rtsp.StatusMovedPermanently {
			t.Error(err)
		}
		if n := w.cam.Count(rtsp.MethodDescribe); n != 6 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestNoRedirectToClearText(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: on(rtsp.MethodDescribe, func(req *rtsp.Request, resp *rtsp.Response) {
		resp.Status = rtsp.StatusFound
		resp.Header.Set("Location", url)
	})}, func(t *testing.T, w *world) {
		_, err := rtspclient.Play(t.Context(), "rtsps://u:secret@192.0.2.1/stream", w.over(rtspclient.TCP))
		if err == nil || !strings.Contains(err.Error(), "from TLS") || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
		if n := w.cam.Count(rtsp.MethodDescribe); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// RED-01: REDIRECT is answered, the old session torn down, and the client plays at the new place.
func TestFollow(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		other := &rtsptest.Camera{}
		defer other.Close()
		w.second(other)
		clients := make(chan *rtspclient.Client)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { // ends with ctx
			ended <- rtspclient.Follow(ctx, url, w.over(rtspclient.TCP), func(c *rtspclient.Client) { clients <- c })
		}()
		<-clients
		w.cam.Write([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://" + otherHost + "/new\r\n\r\n"))
		c := <-clients
		synctest.Wait()
		if c.URL() != "rtsp://"+otherHost+"/new" || w.cam.Count(rtsp.MethodTeardown) == 0 || w.cam.Playing() != 0 || other.Playing() != 1 {
			t.Errorf("%s, %d torn down, %d and %d play", c.URL(), w.cam.Count(rtsp.MethodTeardown), w.cam.Playing(), other.Playing())
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// RED-05: who follows REDIRECT by hand has the same rules: nothing leaves TLS, and only the same host gets the password.
func TestRedirectByHand(t *testing.T) {
	const secure = "rtsps://u:secret@192.0.2.1/stream"
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c, err := rtspclient.Play(t.Context(), secure, w.over(rtspclient.TCP))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for location, want := range map[string]string{
			"rtsp://192.0.2.1/stream": "", "rtsp://192.0.2.2/x": "", "http://192.0.2.1/": "", "ws://192.0.2.1/": "", "wss://192.0.2.1/rtsp": "", "file:///etc/passwd": "",
			"rtsps://192.0.2.2/x": "rtsps://192.0.2.2/x", "rtsps://192.0.2.1/x": "rtsps://192.0.2.1/x", "/x": "rtsps://192.0.2.1/x",
		} {
			cfg := rtspclient.Config{User: "w", Password: "secret"}
			got, err := cfg.Redirect(c, secure, location)
			if got != want || (err == nil) != (want != "") || err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %q, %v", location, got, err)
			}
			if here := strings.Contains(want, "192.0.2.1"); err == nil && here != (cfg.User == "u" && cfg.Password == "secret") || err == nil && !here && cfg.Password != "" {
				t.Errorf("%s: %q, %q", location, cfg.User, cfg.Password)
			}
		}
	})
}
