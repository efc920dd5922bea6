package config

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	someSHA256 = "1111111111111111111111111111111111111111111111111111111111111111"
	someArgon2 = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestUsersAreRead(t *testing.T) {
	c := mustLoadFile(t, `
users:
  ann: {password: "p@ss word", read: "**", publish: [stage/*, cam1], admin: true, from: [192.0.2.0/24, "::1"]}
  Jürgen: {sha-256: "`+someSHA256+`", md5: "`+someSHA256[:32]+`", argon2id: "`+someArgon2+`"}
anonymous: {read: public/**, from: all}
`)
	want := []User{
		{Name: "ann", Password: NewSecret("p@ss word"), Rights: Rights{
			Read: []string{"**"}, Publish: []string{"stage/*", "cam1"}, Admin: true,
			From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("::1/128")},
		}},
		{Name: "Jürgen", SHA256: NewSecret(someSHA256), MD5: NewSecret(someSHA256[:32]), Argon2id: NewSecret(someArgon2)},
	}
	if diff := cmp.Diff(want, c.Users, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	if a := c.Anonymous; len(a.Read) != 1 || len(a.Publish) != 0 || len(a.From) != 2 {
		t.Errorf("what is not said stays allowed: %+v", a)
	}
}

// Whoever says what anonymous may do has not said from where: this machine.
func TestAnonymousIsOfThisMachineUnlessToldOtherwise(t *testing.T) {
	a := mustLoadFile(t, "anonymous: {read: '**'}\n").Anonymous
	if diff := cmp.Diff(loopback(), a.From, cmpopts.EquateComparable(netip.Prefix{})); diff != "" || a.Publish != nil {
		t.Errorf("%+v", a)
	}
	if a := mustLoadFile(t, "anonymous: off\n").Anonymous; a.Read != nil || a.From != nil {
		t.Errorf("off: %+v", a)
	}
}

// Every mistake is told with its line, and none with a secret.
func TestBadUsersAreReported(t *testing.T) {
	for text, want := range map[string]string{
		"users: 1": "users", "users:\n  ann: 1": "users.ann", "users:\n  ann: {}": "users.ann",
		"users:\n  'a:b': {password: canary}":         "users.a:b",
		"users:\n  ann: {password: \"\"}":             "users.ann.password",
		"users:\n  ann: {pasword: canary}":            "users.ann.pasword",
		"users:\n  ann: {sha-256: canary}":            "users.ann.sha-256",
		"users:\n  ann: {md5: canary}":                "users.ann.md5",
		"users:\n  ann: {argon2id: $argon2id$canary}": "users.ann.argon2id",
		"users:\n  ann: {password: a, from: nowhere}": "users.ann.from",
		"users:\n  ann: {password: a, from: []}":      "users.ann.from",
		"users:\n  ann: {password: a, read: a/../b}":  "users.ann.read",
		"users:\n  ann: {password: a, admin: yes}":    "users.ann.admin",
		"anonymous: on":            "anonymous",
		"anonymous: {admin: true}": "anonymous.admin",
		"auth: 1":                  "auth",
		"auth: {http: {url: 'ftp://u:canary@h/'}}":     "auth.http.url",
		"auth: {http: {timeout: 1h}}":                  "auth.http.timeout",
		"auth: {jwt: {key: 'https://h/?key=canary'}}":  "auth.jwt.key",
		"auth: {jwt: {keys: 'https://u:canary@h:x/'}}": "auth.jwt.keys",
		"audit: ''": "audit",
	} {
		_, err := loadFile(text)
		if err == nil {
			t.Errorf("%q: no error", text)
			continue
		}
		if got := err.(*Error).Problems; got[0].Key != want || got[0].Line == 0 || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// SEC-07: a configuration can be formatted in any way, and tells no secret.
func TestSecretsAreNotFormatted(t *testing.T) {
	c := mustLoadFile(t, `
users: {ann: {password: canary}}
auth: {http: {url: "https://u:canary@h/x?key=canary"}, jwt: {keys: "https://h/?canary"}}
`)
	if c.Users[0].Password.Reveal() != "canary" || c.Auth.HTTP.Location() != "https://u:canary@h/x?key=canary" {
		t.Fatalf("%q, %q", c.Users[0].Password.Reveal(), c.Auth.HTTP.Location())
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "canary") || strings.Contains(got, "63616e617279") {
			t.Errorf("%s: %s", verb, got)
		}
		if got := fmt.Sprintf(verb, c.Users[0].Password); got != hidden {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if b, err := json.Marshal(c); err != nil || strings.Contains(string(b), "canary") {
		t.Errorf("%v: %s", err, b)
	}
}

func TestAUsersFileHasUsersOnly(t *testing.T) {
	files := fstest.MapFS{
		"good": {Data: []byte("users:\n  ann: {password: a}\n")},
		"more": {Data: []byte("users:\n  ann: {password: a}\nrtsp: :1\n")},
		"bad":  {Data: []byte("users:\n  ann: {}\n")},
	}
	for name, want := range map[string]struct {
		users int
		bad   bool
	}{"good": {1, false}, "more": {0, true}, "bad": {0, true}, "absent": {0, false}} {
		users, err := LoadUsers(name, world(nil, files))
		if len(users) != want.users || (err != nil) != want.bad {
			t.Errorf("%s: %v, %v", name, users, err)
		}
	}
}

func TestUserAddTellsWhatAUserMay(t *testing.T) {
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	c, err := Load([]string{"user", "add", "bob", "--publish", "cam/*", "--publish", "stage"}, env)
	if err != nil {
		t.Fatal(err)
	}
	add := c.(*UserAdd)
	u, err := add.User()
	want := User{Name: "bob", Rights: Rights{Publish: []string{"cam/*", "stage"}}}
	if diff := cmp.Diff(want, u); diff != "" || err != nil || add.State != "/home/ann/.local/state/baton" {
		t.Error(diff, err, add.State)
	}
	if c, err = Load([]string{"user", "add", "carol"}, env); err != nil {
		t.Fatal(err)
	}
	u, _ = c.(*UserAdd).User()
	if diff := cmp.Diff(Rights{Read: []string{"**"}, Replay: []string{"**"}}, u.Rights); diff != "" {
		t.Errorf("no rights named: %s", diff)
	}
	for _, args := range [][]string{{"user"}, {"user", "add"}, {"user", "add", "a:b"}, {"user", "add", "bob", "canary"}, {"user", "add", "bob", "--read", "a/../b"}} {
		if _, err := Load(args, env); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
