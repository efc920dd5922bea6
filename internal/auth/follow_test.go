package auth

import (
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
		var log lockedBuffer
		fixed := []config.User{{Name: "eve", Password: config.NewSecret("one"), Allow: read}}
		known, err := New(t.Context(), Config{Users: fixed, Kept: kept(t, state), Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		var standing atomic.Pointer[Standing]
		var changes atomic.Int64
		defer meanwhile(t, func(ctx context.Context) { known.Follow(ctx, func(s Standing) { standing.Store(&s); changes.Add(1) }) })()
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
		if strings.Contains(log.String(), "do not count") {
			t.Errorf("users do not count:\n%s", &log)
		}
		put("eve", "two", read)
		pass(5)
		if in("eve", "two") == nil || in("eve", "one") != nil || strings.Count(log.String(), `do not count: the configuration has others of their names" users=[eve]`) != 1 {
			t.Errorf("one of whom the configuration has another counts, or nobody is told:\n%s", &log)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		pass(6)
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
	f, err := OpenKept(state)
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

// A file that has become empty, as where a disk is full, or that may not be read is no file of nobody. When it may be read again
// it is, though nothing of it has changed; one line says what is wrong.
func TestAnUnreadableUsersFileLeavesThoseBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := t.TempDir()
		put(t, state, "ann", canary, config.Right{Do: []Action{Read}})
		var log lockedBuffer
		known, err := New(t.Context(), Config{Kept: kept(t, state), Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		a := known.(*authority)
		var forbidden atomic.Bool
		a.kept.load = func(state string) ([]config.User, error) {
			if forbidden.Load() {
				return nil, errors.New("permission denied")
			}
			return ReadUsers(state)
		}
		defer meanwhile(t, func(ctx context.Context) { known.Follow(ctx, func(Standing) {}) })()
		pass := func() {
			time.Sleep(4 * followEvery)
			synctest.Wait()
		}
		in := func(address, name string) bool {
			_, err := known.Authorize(t.Context(), basic(address, name, canary))
			return err == nil
		}
		for _, text := range []string{"", "# nobody\n", "users:\n"} {
			if err := os.WriteFile(filepath.Join(state, UsersFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			pass()
			if !in("192.0.2.1", "ann") || !strings.Contains(log.String(), "no list of users") {
				t.Errorf("%q: who was there is not, or nobody is told\n%s", text, &log)
			}
		}
		forbidden.Store(true)
		put(t, state, "bob", canary, config.Right{Do: []Action{Read}})
		pass()
		if !in("192.0.2.1", "ann") || in("192.0.2.2", "bob") || strings.Count(log.String(), "permission denied") != 1 {
			t.Errorf("a file that may not be read:\n%s", &log)
		}
		forbidden.Store(false)
		pass()
		if in("192.0.2.1", "ann") || !in("192.0.2.2", "bob") {
			t.Errorf("a file that may be read again is not:\n%s", &log)
		}
		if err := os.WriteFile(filepath.Join(state, UsersFile), []byte("users: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		pass()
		if in("192.0.2.3", "bob") {
			t.Error("nobody is somebody")
		}
	})
}

// Who was asked for before there was such a user comes in at once when there is, from the same address.
func TestANewUserNeedNotWaitForFailuresBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := t.TempDir()
		put(t, state, "ann", canary)
		known, err := New(t.Context(), Config{Kept: kept(t, state)})
		if err != nil {
			t.Fatal(err)
		}
		defer meanwhile(t, func(ctx context.Context) { known.Follow(ctx, func(Standing) {}) })()
		for range freeOfUser {
			known.Authorize(t.Context(), basic("192.0.2.1", "bob", canary))
		}
		if _, err := known.Authorize(t.Context(), basic("192.0.2.1", "bob", canary)); !errors.Is(err, ErrTooOften) {
			t.Fatalf("who fails does not wait: %v", err)
		}
		known.(*authority).limiter.seen[who{network(netip.MustParseAddr("192.0.2.1")), "bob"}].until = time.Now().Add(maxWait)
		put(t, state, "bob", canary, config.Right{Do: []Action{Read}})
		time.Sleep(3 * followEvery)
		synctest.Wait()
		if _, err := known.Authorize(t.Context(), basic("192.0.2.1", "bob", canary)); err != nil {
			t.Errorf("who is new: %v", err)
		}
	})
}

// AUT-08: a password that was right when its hash began, and is another's or nobody's when it has ended, lets nobody in.
func TestAUserWhoChangesWhileLookedAt(t *testing.T) {
	read := []config.Right{{Do: []Action{Read}}}
	one := Hashed(config.User{Name: "ann", Allow: read}, config.NewSecret("one"))
	for name, c := range map[string]struct {
		then []config.User
		want error
	}{
		"removed":          {nil, ErrUnknown},
		"another password": {[]config.User{Hashed(config.User{Name: "ann", Allow: read}, config.NewSecret("two"))}, ErrUnknown},
		"fewer rights":     {[]config.User{{Name: "ann", Hashes: one.Hashes}}, ErrForbidden},
		"the same":         {[]config.User{one}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			known, err := New(t.Context(), Config{Users: []config.User{one}})
			if err != nil {
				t.Fatal(err)
			}
			a := known.(*authority)
			for range maxHashing { // others are being looked at
				a.users.hashing <- struct{}{}
			}
			answer := make(chan error)
			go func() {
				_, err := a.Authorize(t.Context(), basic("192.0.2.1", "ann", "one"))
				answer <- err
			}()
			synctest.Wait()
			a.users.replace(c.then)
			for range maxHashing {
				<-a.users.hashing
			}
			if err := <-answer; !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		})
	}
}

// AUT-13, AUT-10: a wrong password is told without a hash that takes time and memory, whoever is named: a user, one of whose password no
// such hash is kept, or nobody. Guesses at once have nobody wait, and names cannot be told apart.
func TestGuessesAreNotHashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := []config.Right{{Do: []Action{Read}}}
		known, err := New(t.Context(), Config{Users: []config.User{
			Hashed(config.User{Name: "hashed", Allow: read}, config.NewSecret(canary)), {Name: "plain", Password: config.NewSecret(canary), Allow: read},
		}})
		if err != nil {
			t.Fatal(err)
		}
		a := known.(*authority)
		host := byte(0)
		ask := func(name, password string) error { // from another address each time: who fails has to wait
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			host++
			_, err := a.Authorize(ctx, basic(netip.AddrFrom4([4]byte{192, 0, 2, host}).String(), name, password))
			return err
		}
		for range maxHashing { // who needs a hash waits for ever
			a.users.hashing <- struct{}{}
		}
		for _, name := range []string{"hashed", "plain", "nobody", ""} {
			if err := ask(name, "wrong"); !errors.Is(err, ErrUnknown) {
				t.Errorf("%q: %v", name, err)
			}
		}
		if err := ask("plain", canary); err != nil {
			t.Errorf("plain: %v", err)
		}
		if err := ask("hashed", canary); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hashed: %v, without its hash", err)
		}
		for range maxHashing {
			<-a.users.hashing
		}
		if err := ask("hashed", canary); err != nil {
			t.Errorf("hashed: %v", err)
		}
		nobody, somebody := a.users.find("nobody"), a.users.find("plain")
		if len(nobody.sha256) != len(somebody.sha256) || len(nobody.md5) != len(somebody.md5) {
			t.Error("the hashes of nobody have another length")
		}
	})
}
