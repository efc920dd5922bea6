package auth

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// AUT-08: users come, go and change while the server runs: from the next second on they are asked about as they are then, and what they have
// open stands or does not. A file that is no good changes nothing.
func TestUsersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := t.TempDir()
		read, publish := []config.Right{{Do: []Action{Read}}}, []config.Right{{Do: []Action{Publish}, Path: "stage/*"}}
		put := func(name, password string, allow []config.Right) {
			if err := AddUser(state, Hashed(config.User{Name: name, Allow: allow}, config.NewSecret(password)), true); err != nil {
				t.Fatal(err)
			}
		}
		put("ann", "one", read)
		put("bob", "one", read)
		var log bytes.Buffer
		fixed := []config.User{{Name: "eve", Password: config.NewSecret("one"), Allow: read}}
		known, err := New(t.Context(), Config{Users: fixed, State: state, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		var standing atomic.Pointer[Standing]
		var changes atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			known.Follow(ctx, func(s Standing) { standing.Store(&s); changes.Add(1) })
		}()
		defer func() { cancel(); <-ended }()
		host := 0
		in := func(name, password string) error { // from another address each time: who fails has to wait
			host++
			_, err := known.Authorize(t.Context(), basic(netip.AddrFrom4([4]byte{192, 0, 2, byte(host)}).String(), name, password))
			return err
		}
		stands := func(name string, action Action, path string) bool {
			return (*standing.Load())(name, &Request{Action: action, Path: path, Address: netip.MustParseAddr("192.0.2.1")})
		}
		pass := func(want int64) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			if n := changes.Load(); n != want {
				t.Fatalf("%d changes, want %d\n%s", n, want, &log)
			}
		}
		pass(0)

		put("carol", "one", read)
		pass(1)
		if in("carol", "one") != nil || in("ann", "one") != nil || in("eve", "one") != nil || !stands("ann", Read, "x") || !stands("eve", Read, "x") {
			t.Error("one who came is not in, or another is out")
		}

		put("ann", "two", read)    // another password
		put("bob", "one", publish) // other rights
		pass(2)
		if in("ann", "one") == nil || in("ann", "two") != nil || stands("ann", Read, "x") {
			t.Error("a password that was changed is as before")
		}
		if err := in("bob", "one"); !errors.Is(err, ErrForbidden) || stands("bob", Read, "x") || !stands("bob", Publish, "stage/x") {
			t.Errorf("rights that were changed are as before: %v", err)
		}
		if !stands("carol", Read, "x") || !stands("", Read, "x") || !stands("jwt:ann", Read, "x") {
			t.Error("others do not stand")
		}

		if err := RemoveUser(state, "bob"); err != nil {
			t.Fatal(err)
		}
		pass(3)
		if in("bob", "one") == nil || stands("bob", Publish, "stage/x") || !stands("carol", Read, "x") {
			t.Error("who was removed is still there")
		}

		file := filepath.Join(state, UsersFile)
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"users: [", "users: { a: b }", strings.Replace(string(good), "$baton$", "$baton$%", 1)} {
			if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			pass(3)
		}
		if in("carol", "one") != nil || strings.Count(log.String(), "cannot be read") != 3 {
			t.Errorf("a file that is no good:\n%s", &log)
		}
		if err := os.WriteFile(file, good, 0o600); err != nil {
			t.Fatal(err)
		}
		pass(4)
		if in("carol", "one") != nil || !stands("carol", Read, "x") || !stands("ann", Read, "x") {
			t.Error("a file that was mended ends those who had not changed")
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		pass(5)
		if in("carol", "one") == nil || stands("carol", Read, "x") || in("eve", "one") != nil || !stands("eve", Read, "x") {
			t.Error("without a file there are others than those of the configuration")
		}
	})
}

// A file that is being written is not read before it rests.
func TestHalfOfAUsersFileIsNotRead(t *testing.T) {
	state := t.TempDir()
	if err := AddUser(state, Hashed(config.User{Name: "ann"}, config.NewSecret("one")), false); err != nil {
		t.Fatal(err)
	}
	f, err := openUserFile(state, nil)
	if err != nil || f.changed() {
		t.Fatalf("%v, or changed by itself", err)
	}
	for _, text := range []string{"users:\n", "users:\n  - { name: bob }\n", "users: []\n"} {
		if err := os.WriteFile(filepath.Join(state, UsersFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if f.changed() {
			t.Errorf("%q is read at once", text)
		}
	}
	if !f.changed() {
		t.Error("what rests is not read")
	}
}
