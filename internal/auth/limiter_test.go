package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

func basic(address, user, password string) *Request {
	r := read("p")
	r.Secure, r.Address = true, netip.MustParseAddr(address)
	r.Authorization = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}
	return r
}

// AUT-10: who guesses has ten tries in the first minute and then one a minute, from one address, as however many
// users; a user at another address does not wait for that, nor one who was right before at the same.
func TestGuessingIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := authorityOf(t, oneUser+"  \n", nil)
		var log bytes.Buffer
		a.log = slog.New(slog.NewTextHandler(&log, nil))
		looked := func(address, user string, password string) bool {
			_, err := a.Authorize(t.Context(), basic(address, user, password))
			var no *Refusal
			if errors.Is(err, ErrTooOften) && (!errors.As(err, &no) || no.Wait <= 0 || no.Wait > maxWait) {
				t.Errorf("wait: %v", no)
			}
			return !errors.Is(err, ErrTooOften)
		}
		if _, err := a.Authorize(t.Context(), basic("192.0.2.9", "ann", canary)); err != nil {
			t.Fatal(err)
		}
		for name, guess := range map[string]func(i int) (address, user string){
			"one user":        func(int) (string, string) { return "192.0.2.66", "ann" },
			"many users":      func(i int) (string, string) { return "192.0.2.67", fmt.Sprint("user", i) },
			"a network of v6": func(i int) (string, string) { return fmt.Sprintf("2001:db8::%x", i+1), "ann" },
			"beside a user":   func(i int) (string, string) { return "192.0.2.9", fmt.Sprint("user", i) },
		} {
			tries := [3]int{}
			for i := range 3000 { // over three minutes
				address, user := guess(i)
				if looked(address, user, "wrong") {
					tries[i*3/3000]++
				}
				time.Sleep(60 * time.Millisecond)
			}
			if tries[0] > 10 || tries[1] > 2 || tries[2] > 2 || tries[0] < 3 {
				t.Errorf("%s: %v tries a minute", name, tries)
			}
			if !looked("192.0.2.8", "ann", canary) {
				t.Errorf("%s: another address waits", name)
			}
			if _, err := a.Authorize(t.Context(), basic("192.0.2.9", "ann", canary)); err != nil {
				t.Errorf("%s: who was right at this address: %v", name, err)
			}
		}
		if n := strings.Count(log.String(), "has to wait"); n < 60 || n > 4*180 || strings.Contains(log.String(), canary) {
			t.Errorf("%d lines in twelve minutes", n)
		}
		time.Sleep(forgiven)
		if !looked("192.0.2.66", "ann", "wrong") {
			t.Error("nothing is ever forgiven")
		}
	})
}

// AUT-10: guesses that are sent at once, as one user or as many, are no more than those sent one after the other.
func TestGuessingAtOnceIsNoFaster(t *testing.T) {
	for name, user := range map[string]func(i int) string{"one user": func(int) string { return "ann" }, "many users": func(i int) string { return fmt.Sprint("user", i) }} {
		a := authorityOf(t, oneUser+"  \n", nil)
		u := Hashed(config.User{Name: "ann"}, config.NewSecret(canary)) // which takes its time to check
		u.SHA256, u.MD5 = config.Secret{}, config.Secret{}
		a.users = newUsers([]config.User{u})
		var looked atomic.Int64
		var group sync.WaitGroup
		for i := range 300 {
			group.Go(func() {
				if _, err := a.Authorize(t.Context(), basic("192.0.2.66", user(i), "wrong")); !errors.Is(err, ErrTooOften) {
					looked.Add(1)
				}
			})
		}
		group.Wait()
		if n := looked.Load(); n < freeOfUser || n > 10 {
			t.Errorf("%s: %d of 300 guesses were looked at", name, n)
		}
		if len(a.limiter.looking.of) != 0 {
			t.Errorf("%d turns are left", len(a.limiter.looking.of))
		}
	}
}

// AUT-10: nor are those about which a service is asked. A token that is over has no other token wait, and who has no name is not the
// address as a whole.
func TestGuessingAtTheServiceIsNoFaster(t *testing.T) {
	w := newWeb()
	w.answer = func(_ context.Context, q question) (int, string) {
		if q.Token == "good" || q.Password == "open" {
			return 200, ""
		}
		return 401, ""
	}
	a := authorityOf(t, tableConfig, w)
	var looked atomic.Int64
	var group sync.WaitGroup
	for i := range 300 {
		group.Go(func() {
			if _, err := a.Authorize(t.Context(), basic("192.0.2.66", fmt.Sprint("user", i), "wrong")); !errors.Is(err, ErrTooOften) {
				looked.Add(1)
			}
		})
	}
	group.Wait()
	if n := looked.Load(); n < freeOfUser || n > 10 || w.questions() > 10 || len(a.limiter.asking.of) != 0 {
		t.Errorf("%d of 300 guesses were looked at, the service was asked %d times", n, w.questions())
	}
	if _, err := a.Authorize(t.Context(), basic("192.0.2.66", "", "open")); !errors.Is(err, ErrTooOften) {
		t.Errorf("who has no name: %v", err)
	}

	token := func(token string) error {
		r := read("p")
		r.Query = "token=" + token
		_, err := a.Authorize(t.Context(), r)
		return err
	}
	if err := token("good"); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		token("over")
	}
	if err := token("over"); !errors.Is(err, ErrTooOften) {
		t.Errorf("a token that is over: %v", err)
	}
	if err := token("good"); err != nil {
		t.Errorf("another at the same address: %v", err)
	}
}

// What is remembered of those who fail has a bound, and so has that of nonces.
func TestMemoryOfFailuresIsBounded(t *testing.T) {
	l, n, now := newLimiter(), newNonces(), time.Now()
	for i := range 3 * maxFailing {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		for range freeOfUser + 1 {
			l.failed(now, address, "x")
		}
		n.count(n.issue(now, address), now, 1, now)
	}
	if len(l.seen) > maxFailing || len(n.counted) > maxCounted {
		t.Errorf("%d who failed, %d nonces", len(l.seen), len(n.counted))
	}
}

// AUT-13: passwords are kept as hashes, of which each is enough for what needs it; the hash of a password that comes
// as it is costs once.
func TestPasswordsAreKeptAsHashes(t *testing.T) {
	u := Hashed(config.User{Name: "Jürgen", Allow: []config.Right{{Do: []Action{Read}}}}, config.NewSecret(canary))
	if !u.Password.IsZero() {
		t.Error("the password itself is kept")
	}
	if again := Hashed(config.User{Name: "Jürgen"}, config.NewSecret(canary)); again.Argon2id.Equal(u.Argon2id) || !again.SHA256.Equal(u.SHA256) {
		t.Error("salt")
	}
	only := func(keep string) config.User {
		c := config.User{Name: u.Name, Allow: u.Allow}
		switch keep {
		case "sha-256":
			c.SHA256 = u.SHA256
		case "md5":
			c.MD5 = u.MD5
		case "argon2id":
			c.Argon2id = u.Argon2id
		}
		return c
	}
	for keep, want := range map[string][3]bool{"sha-256": {true, true, false}, "md5": {true, false, true}, "argon2id": {true, false, false}} {
		auth, err := New(t.Context(), Config{Users: []config.User{only(keep)}, Auth: config.Auth{MD5: true}})
		if err != nil {
			t.Fatal(err)
		}
		a := auth.(*authority)
		ask := func(r *Request) bool {
			a.limiter = newLimiter()
			who, err := a.Authorize(t.Context(), r)
			return err == nil && who == "Jürgen"
		}
		digest := func(algorithm string) *Request {
			r := read("p")
			r.Authorization = []string{authorization(a.Challenge(r).Challenges, algorithm, "Jürgen", canary, r.Method, r.URI)}
			return r
		}
		if got := [3]bool{ask(basic("192.0.2.7", "Jürgen", canary)), ask(digest("SHA-256")), ask(digest("MD5"))}; got != want {
			t.Errorf("%s: %v, want %v", keep, got, want)
		}
		if ask(basic("192.0.2.7", "Jürgen", "wrong")) || ask(basic("192.0.2.7", "Jürgen", "")) || ask(basic("192.0.2.7", "", "")) {
			t.Errorf("%s: a wrong password is right", keep)
		}
		if !ask(basic("192.0.2.7", "Jürgen", canary)) {
			t.Errorf("%s: a right password is right once", keep)
		}
	}
}
