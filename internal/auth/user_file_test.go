package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/baton-rtsp/baton/internal/config"
)

// What is written is read again as it was, by the owner alone, and a name is taken once.
func TestUsersFileIsReadAsItWasWritten(t *testing.T) {
	state := filepath.Join(t.TempDir(), "new", "state")
	if users, err := ReadUsers(state); err != nil || users != nil {
		t.Fatalf("%v, %v", users, err)
	}
	name, password, err := firstUser(state)
	if err != nil || name == "" || len(password) < 20 {
		t.Fatalf("%q, %d, %v", name, len(password), err)
	}
	ann := Hashed(config.User{Name: "O'Hara#1", Allow: []config.Right{
		{Do: []Action{Read, Publish}, Path: "a's/*", From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("::1/128")}},
		{Do: []Action{Admin}},
	}}, config.NewSecret(canary))
	if err := AddUser(state, ann, false); err != nil {
		t.Fatal(err)
	}
	if err := AddUser(state, ann, false); !errors.Is(err, ErrExists) {
		t.Errorf("twice: %v", err)
	}
	users, err := ReadUsers(state)
	if err != nil || len(users) != 2 || users[0].Name != name || !users[0].Allow[0].Covers(Admin, "") {
		t.Fatalf("%v, %v", users, err)
	}
	if diff := cmp.Diff(ann, users[1], cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	file := filepath.Join(state, UsersFile)
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), canary) || strings.Contains(string(text), password) {
		t.Errorf("%v:\n%s", err, text)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	left, _ := filepath.Glob(filepath.Join(state, "*"))
	left = slices.DeleteFunc(left, func(name string) bool { return strings.HasSuffix(name, ".lock") }) // Windows needs one that stays
	if !slices.Equal(left, []string{file}) {
		t.Errorf("left behind: %v", left)
	}
}

// A password that somebody wrote into the file by hand is no longer there when the file is written.
func TestAPasswordInTheUsersFileBecomesHashes(t *testing.T) {
	state := t.TempDir()
	file := filepath.Join(state, UsersFile)
	if err := os.WriteFile(file, []byte("users: [ { name: ann, password: '"+canary+"', allow: [ { do: read } ] } ]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := firstUser(state); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(file)
	users, err := ReadUsers(state)
	if err != nil || len(users) != 2 || users[0].SHA256.IsZero() || strings.Contains(string(text), canary) {
		t.Errorf("%v, %v", users, err)
	}
}

// The audit log is JSON, one line each, and refusals do not fill a disk.
func TestAuditIsBounded(t *testing.T) {
	var b bytes.Buffer
	a := NewAudit(&b)
	r := read("a\n\"b\"" + strings.Repeat("x", 5000))
	r.Query, r.Authorization = "token="+canary, []string{canary}
	for range 100 * maxNobody {
		a.Note(r, "", &Refusal{Err: ErrUnknown})
	}
	a.Note(r, "ann", nil)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) > 30*maxNobody || len(lines) < 2 { // a second or some have gone by
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		var x record
		if err := json.Unmarshal([]byte(line), &x); err != nil || len(line) > 1000 || strings.Contains(line, canary) {
			t.Errorf("%v: %s", err, line)
		}
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, `"user":"ann"`) || !strings.Contains(last, `"allowed":true`) {
		t.Error(last)
	}
	var none *Audit
	none.Note(r, "", nil) // writes nothing, and is no fault
}

// Those who change the file at a time wait for each other: nobody is lost. Who reads it meanwhile is in nobody's way.
func TestUsersAreAddedAtATime(t *testing.T) {
	state := t.TempDir()
	u := Hashed(config.User{}, config.NewSecret(canary))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			u := u
			u.Name = fmt.Sprint("user", i)
			if _, err := ReadUsers(state); err != nil {
				t.Error(err)
			}
			if err := AddUser(state, u, false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if users, err := ReadUsers(state); err != nil || len(users) != 20 {
		t.Errorf("%d users, %v", len(users), err)
	}
}

// What root writes belongs to whom the folder or the file before does: the server can read it.
func TestTheUsersFileKeepsItsOwner(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("not root")
	}
	state := t.TempDir()
	file := filepath.Join(state, UsersFile)
	owned := func() string {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		owner := reflect.ValueOf(info.Sys()).Elem()
		return fmt.Sprint(owner.FieldByName("Uid"), ":", owner.FieldByName("Gid"))
	}
	chown := func(name string, id int) {
		if err := os.Chown(name, id, id); err != nil {
			t.Skip(err) // not so much root
		}
	}
	chown(state, 4321)
	for i, want := range []string{"4321:4321", "4321:4321", "1234:1234"} {
		if i == 2 {
			chown(file, 1234)
		}
		put(t, state, fmt.Sprint("user", i), canary)
		if got := owned(); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}

// Thousands of users fit.
func TestAUsersFileHasRoomForThousands(t *testing.T) {
	state := t.TempDir()
	u := Hashed(config.User{Allow: []config.Right{{Do: []Action{Read}, Path: "cam/**"}}}, config.NewSecret(canary))
	const many = 5000
	err := changeUsers(state, func(users []config.User) ([]config.User, error) {
		for i := range many {
			u.Name = fmt.Sprint("user", i)
			users = append(users, u)
		}
		return users, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if users, err := ReadUsers(state); err != nil || len(users) != many {
		t.Errorf("%d users, %v", len(users), err)
	}
}

// Nothing is made of a folder that is not there by who changes or removes a user in it.
func TestAFolderThatIsNotThereHasNoUsers(t *testing.T) {
	state := filepath.Join(t.TempDir(), "none")
	for name, err := range map[string]error{"password": SetPassword(state, "ann", config.NewSecret(canary)), "remove": RemoveUser(state, "ann")} {
		if !errors.Is(err, ErrNoUser) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("the folder is there")
	}
}
