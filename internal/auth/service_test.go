package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
)

const serviceConfig = "anonymous: [ { do: read, path: 'open/**' } ]\nauth: { http: 'http://service/', timeout: 2s, cache: 30s }\n"

func withToken(path, token string) *Request {
	r := read(path)
	r.Query = "token=" + token
	return r
}

// A service that hangs or fails is 503, and nobody else waits for it.
func TestServiceThatHangsHoldsUpNobodyElse(t *testing.T) {
	w := newWeb()
	w.answer = func(ctx context.Context, q question) (int, string) {
		if q.Path == "cam/hangs" {
			<-ctx.Done()
			return 0, ""
		}
		return 500, ""
	}
	serveGated(t, serviceConfig, w, func(t *testing.T, world *servertest.World, _ *bytes.Buffer) {
		world.Handler.Live("open/x", servertest.Audio)
		var held []*servertest.Client
		began := time.Now()
		for range 3 * maxAsked {
			c := world.Dial()
			defer c.Close()
			c.Request("DESCRIBE", fmt.Sprintf("cam/hangs?token=%d", len(held)))
			held = append(held, c)
		}
		world.Settle()
		other := world.Dial()
		defer other.Close()
		if r := other.Do("DESCRIBE", "open/x"); r.Status != 200 || time.Since(began) > 0 {
			t.Errorf("somebody else: %d after %v", r.Status, time.Since(began))
		}
		for i, c := range held {
			if r := c.Response(); r.Status != 503 || r.Header.Get("Retry-After") == "" {
				t.Errorf("%d: %d", i, r.Status)
			}
		}
		if d := time.Since(began); d != 2*time.Second {
			t.Errorf("they were held %v", d)
		}
		if r := other.Do("DESCRIBE", "cam/fails?token=x"); r.Status != 503 {
			t.Errorf("a service that fails: %d", r.Status)
		}
	})
}

// Who is known here gets in while the service hangs or fails, though players show who they are only when they are challenged. Where nobody
// is known here a challenge would be of no use.
func TestUsersGetInWhileTheServiceFails(t *testing.T) {
	for name, answer := range map[string]func(context.Context, question) (int, string){
		"hangs": func(ctx context.Context, _ question) (int, string) { <-ctx.Done(); return 0, "" },
		"fails": func(context.Context, question) (int, string) { return 500, "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWeb()
				w.answer = answer
				const config = "anonymous: []\nauth: { http: 'http://service/', timeout: 2s }\n"
				some := authorityOf(t, config+"users: [ { name: ann, password: '"+canary+"', allow: [ { do: read } ] } ]\n", w)
				nobody := authorityOf(t, config, w)
				for _, ask := range []struct {
					what string
					of   func(Authorizer) error
				}{
					{"a path", func(a Authorizer) error { _, err := a.Authorize(t.Context(), read("cam")); return err }},
					{"the list", func(a Authorizer) error { _, _, err := a.List(t.Context(), &Request{Action: Read}); return err }},
				} {
					var no *Refusal
					if err := ask.of(some); !errors.As(err, &no) || no.Err != ErrUnknown || len(no.Challenges) == 0 {
						t.Errorf("%s, where there are users: %v", ask.what, err)
					}
					if err := ask.of(nobody); err == nil || errors.As(err, &no) {
						t.Errorf("%s, where there are none: %v", ask.what, err)
					}
				}
			})
		})
	}
}

// Admins are users: who shows no credentials is challenged at once, and no service that lets everybody in makes an admin of nobody.
func TestTheServiceMakesNobodyAnAdmin(t *testing.T) {
	w := newWeb()
	w.answer = func(context.Context, question) (int, string) { return 204, "" }
	a := authorityOf(t, serviceConfig, w)
	_, err := a.Authorize(t.Context(), &Request{Action: Admin})
	var no *Refusal
	if !errors.As(err, &no) || no.Err != ErrUnknown || w.questions() != 0 {
		t.Errorf("%v after %d questions", err, w.questions())
	}
	secure := &Request{Action: Admin, Secure: true, Authorization: []string{"Bearer x"}}
	if _, err := a.Authorize(t.Context(), secure); err != nil || w.questions() != 1 {
		t.Errorf("with a token: %v after %d questions", err, w.questions())
	}
}

// Answers hold for their time, yes and no; faults are asked again; who asks the same at once asks once.
func TestAnswersOfTheServiceAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeb()
		code := 204
		w.answer = func(context.Context, question) (int, string) {
			time.Sleep(100 * time.Millisecond)
			return code, ""
		}
		a := authorityOf(t, serviceConfig, w)
		ask := func(path string) error {
			_, err := a.Authorize(t.Context(), withToken(path, "x"))
			return err
		}
		want := func(what string, n int) {
			t.Helper()
			if got := w.questions(); got != n {
				t.Errorf("%s: %d questions, want %d", what, got, n)
			}
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := ask("a"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		want("a hundred at once", 1)
		code = 403
		if err := ask("a"); err != nil {
			t.Errorf("within its time the answer is %v", err)
		}
		want("within its time", 1)
		if err := ask("b"); !errors.Is(err, ErrForbidden) {
			t.Error(err)
		}
		want("another path", 2)
		time.Sleep(31 * time.Second)
		if err := ask("a"); !errors.Is(err, ErrForbidden) {
			t.Errorf("after its time: %v", err)
		}
		want("after its time", 3)
		code = 500
		for range 2 {
			var no *Refusal
			if err := ask("c"); err == nil || errors.As(err, &no) {
				t.Errorf("a fault: %v", err)
			}
		}
		want("faults", 5)
		for i := range 2 * maxAnswers {
			a.service.answering([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, time.Now())
		}
		if n := len(a.service.answers); n > maxAnswers {
			t.Errorf("%d answers are kept", n)
		}
	})
}

// Only what everybody may read anyway is told to the service, and a name that it gives is no user's of the list.
func TestTheServiceNames(t *testing.T) {
	w := newWeb()
	for answer, want := range map[string]string{`{"user":"ann"}`: "http:ann", ``: "http:reader", `{}`: "http:reader", `no JSON`: ""} {
		w.answer = func(context.Context, question) (int, string) { return 200, answer }
		a := authorityOf(t, serviceConfig, w)
		r := read("cam")
		r.Secure, r.Authorization = true, []string{"Basic cmVhZGVyOng="}
		got, err := a.Authorize(t.Context(), r)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", answer, got, err)
		}
		q := w.asked[len(w.asked)-1]
		if q != (question{Action: Read, Path: "cam", Address: "192.0.2.7", Protocol: "rtsp", User: "reader", Password: "x"}) {
			t.Errorf("%+v", q)
		}
	}
}
