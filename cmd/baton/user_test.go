package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
)

const canary = "c4nary$pass!"

// A user is kept with hashes of a password that comes by standard input, once; or printed for a configuration.
func TestUserAdd(t *testing.T) {
	state := t.TempDir()
	add := func(command config.UserAdd, stdin string) (string, error) {
		var stdout, stderr bytes.Buffer
		err := addUser(&command, strings.NewReader(stdin), &stdout, &stderr)
		if text := stdout.String() + stderr.String(); strings.Contains(text, canary) {
			t.Errorf("the password is printed: %s", text)
		}
		return stdout.String(), err
	}
	ann := config.UserAdd{Name: "ann", Read: []string{"**"}, State: state}
	if text, err := add(ann, canary+"\r\nmore\n"); err != nil || !strings.Contains(text, "ann") {
		t.Fatalf("%q, %v", text, err)
	}
	if _, err := add(ann, canary); err == nil {
		t.Error("a name is taken twice")
	}
	users, err := auth.ReadUsers(state)
	if want := auth.Hashed(config.User{Name: "ann"}, config.NewSecret(canary)); err != nil || len(users) != 1 || !users[0].SHA256.Equal(want.SHA256) || !users[0].MD5.Equal(want.MD5) {
		t.Errorf("%v, %v", users, err)
	}
	if text, err := add(config.UserAdd{Name: "bob", Print: true}, canary); err != nil || !strings.HasPrefix(text, "  - name: 'bob'\n    password: '$baton$") {
		t.Errorf("%q, %v", text, err)
	}
	for _, password := range []string{"", "\n", strings.Repeat("x", 2000), "a\tb"} {
		if _, err := add(config.UserAdd{Name: "carol", State: state}, password); err == nil {
			t.Errorf("%.9q: no error", password)
		}
	}
	if _, err := add(config.UserAdd{Name: "carol"}, canary); err == nil {
		t.Error("kept nowhere")
	}
}

// Users are listed with what they may do and nothing else, change, and go.
func TestUserListAndRemove(t *testing.T) {
	state := t.TempDir()
	var out bytes.Buffer
	run := func(do func() error) string {
		t.Helper()
		out.Reset()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	list := func() error { return listUsers(&config.UserList{State: state}, &out) }
	add := func(c config.UserAdd) error {
		c.State = state
		return addUser(&c, strings.NewReader(canary), &out, &out)
	}
	if got := run(list); got != "There is no user in "+state+".\n" {
		t.Errorf("%q", got)
	}
	run(func() error {
		return add(config.UserAdd{Name: "ann", Read: []string{"cam/**"}, Publish: []string{"stage/*"}})
	})
	run(func() error { return add(config.UserAdd{Name: "root", Admin: true}) })
	if got, want := run(list), "ann   read cam/**; publish stage/*\nroot  admin\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := add(config.UserAdd{Name: "ann"}); err == nil || !strings.Contains(err.Error(), "--replace") {
		t.Errorf("a name that is taken: %v", err)
	}
	run(func() error { return add(config.UserAdd{Name: "ann", Replace: true}) })
	run(func() error { return removeUser(&config.UserRemove{Name: "root", State: state}, &out) })
	if got, want := run(list), "ann  read\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := removeUser(&config.UserRemove{Name: "root", State: state}, &out); err == nil {
		t.Error("nobody is removed")
	}
	run(func() error { return removeUser(&config.UserRemove{Name: "ann", State: state}, &out) })
	if got := run(list); !strings.Contains(got, "no user") {
		t.Errorf("%q", got)
	}
	for _, err := range []error{listUsers(&config.UserList{}, &out), removeUser(&config.UserRemove{Name: "ann"}, &out)} {
		if err == nil {
			t.Error("nowhere is somewhere")
		}
	}
}
