package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// A dialog is the browser's own, for a name and a password, with somebody in front of it.
type dialog struct {
	asked atomic.Int32
	who   atomic.Pointer[[2]string] // what they type; nil: they cancel
	slow  atomic.Int64              // how long they take, time.Duration
}

// dialogs has somebody answer the browser's dialogs.
func (b *tab) dialogs() *dialog {
	b.t.Helper()
	d := &dialog{}
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *fetch.EventRequestPaused:
			go answer(b.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
		case *fetch.EventAuthRequired:
			d.asked.Add(1)
			say := fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
			if who := d.who.Load(); who != nil {
				say = fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseProvideCredentials, Username: who[0], Password: who[1]}
			}
			time.AfterFunc(time.Duration(d.slow.Load()), func() {
				answer(b.ctx, fetch.ContinueWithAuth, fetch.ContinueWithAuthParams{RequestID: e.RequestID, AuthChallengeResponse: &say})
			})
		}
	})
	if err == nil {
		_, err = chromedp.Call(b.ctx, fetch.Enable, fetch.EnableParams{HandleAuthRequests: new(true)})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// answer has a request of the page go on. One of a page that was left meanwhile is gone, which is no error.
func answer[P any](ctx context.Context, command cdp.Command[P, cdp.Empty], params P) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	chromedp.Call(ctx, command, params)
}

// Where the list is for users the browser asks for a name and a password, once, and however long that takes. Who does not say it,
// or has failed too often, reads so; nobody is asked again and again.
func TestHomeIsForUsers(t *testing.T) {
	s, base := site(t, onlyUsers(t)...)
	b := chromium(t)
	d := b.dialogs()
	says := func(what string) string {
		return fmt.Sprintf(`document.getElementById("status").textContent == %q`, what)
	}

	b.open(base + "/")
	b.until("it says who the list is for", says("This list is for users. Reload the page to log in."), 5*time.Second)
	b.shot("home-cancelled", 1000, 700)
	b.until("time passes", `new Promise(r => setTimeout(() => r(true), 6000))`, 10*time.Second)
	if n := d.asked.Load(); n != 1 {
		t.Errorf("the browser has asked %d times", n)
	}

	d.who.Store(&[2]string{"studio", "wrong"})
	b.open(base + "/")
	b.until("it says how long to wait", says("There were too many failed logins. Trying again after 1 s."), 5*time.Second)
	b.shot("home-too-often", 1000, 700)

	asked := d.asked.Load()
	d.who.Store(&[2]string{"ann", password})
	d.slow.Store(int64(12 * time.Second)) // longer than the server may take to answer
	b.open(base + "/")
	b.until("it says why the browser asks", says("This list is for users."), 5*time.Second)
	b.until("what ann may play is listed", row("demo.mp4"), 20*time.Second)
	b.until("it is asked for again", says("1 presentation")+` && new Promise(r => setTimeout(() => r(true), 7000))`, 20*time.Second)
	if n := d.asked.Load() - asked; n < 1 || n > 2 { // also by the page that waited
		t.Errorf("the browser has asked %d times", n)
	}
	if text := s.stderr.String() + s.stdout.String(); strings.Contains(text, password) {
		t.Error("the password is in the log")
	}
}
