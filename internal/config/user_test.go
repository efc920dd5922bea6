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
	someMD5    = "22222222222222222222222222222222"
	someArgon2 = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

const someHashes = "$baton$" + someSHA256 + "$" + someMD5 + someArgon2

// The forms in which people write who may do what.
func TestUsersAreRead(t *testing.T) {
	c := mustLoadFile(t, `
users:
  - { name: eve, password: sesame, allow: [ { do: read, path: "film.mp4" } ] }
  - { name: studio, password: "`+someHashes+`", allow: [ { do: [publish, read], path: "stage/*" } ] }
  - name: Jürgen
    password: "p@ss $word"
    allow:
      - { do: replay, path: "/a b/**", from: [192.0.2.0/24, "::1"] }
      - do: admin
  - { name: nobody, password: x }
anonymous: [ { do: [read, publish], from: loopback }, { do: read } ]
auth: { http: "https://example.org/allow", timeout: 2s, cache: 10s, jwt: { jwks: "https://example.org/jwks", claim: baton } }
`)
	want := []User{
		{Name: "eve", Password: NewSecret("sesame"), Allow: []Right{{Do: []Action{ActionRead}, Path: "film.mp4"}}},
		{Name: "studio", Hashes: Hashes{NewSecret(someSHA256), NewSecret(someMD5), NewSecret(someArgon2)},
			Allow: []Right{{Do: []Action{ActionPublish, ActionRead}, Path: "stage/*"}}},
		{Name: "Jürgen", Password: NewSecret("p@ss $word"), Allow: []Right{
			{Do: []Action{ActionReplay}, Path: "a b/**", From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("::1/128")}},
			{Do: []Action{ActionAdmin}},
		}},
		{Name: "nobody", Password: NewSecret("x")},
	}
	if diff := cmp.Diff(want, c.Users, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	anonymous := []Right{{Do: []Action{ActionRead, ActionPublish}, From: loopback()}, {Do: []Action{ActionRead}}}
	if diff := cmp.Diff(anonymous, c.Anonymous, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	if a := c.Auth; a.HTTP.Location() != "https://example.org/allow" || a.JWT.JWKS.Location() != "https://example.org/jwks" || a.Timeout != 2e9 || a.Cache != 10e9 {
		t.Errorf("%+v", a)
	}
	if got := c.Users[1].Hashes.Text(); got.Reveal() != someHashes {
		t.Errorf("hashes are written as %s", got.Reveal())
	}
}

func TestAnonymousMayBeNothing(t *testing.T) {
	if a := mustLoadFile(t, "anonymous: []\n").Anonymous; len(a) != 0 {
		t.Errorf("%+v", a)
	}
}

// A right covers its actions with its paths; whoever may read may replay, not the other way round.
func TestWhatARightCovers(t *testing.T) {
	for _, c := range []struct {
		do, path, action, with string
		want                   bool
	}{
		{"read", "film.mp4", "read", "film.mp4", true}, {"read", "film.mp4", "replay", "film.mp4", true}, {"read", "film.mp4", "replay", "other.mp4", false},
		{"replay", "**", "replay", "film.mp4", true}, {"replay", "**", "read", "cam", false}, {"publish", "stage/*", "publish", "stage/a", true},
		{"publish", "stage/*", "publish", "stage/a/b", false}, {"publish", "", "read", "cam", false}, {"read", "", "publish", "cam", false},
		{"read", "", "admin", "", false}, {"admin", "", "admin", "", true}, {"admin", "", "read", "cam", false}, {"read publish", "", "publish", "a/b", true},
	} {
		right, err := ParseRight(strings.Fields(c.do), c.path)
		if err != nil || right.Covers(Action(c.action), c.with) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := ParseRight([]string{"read", "admin"}, "**"); err == nil {
		t.Error("admin of some paths was taken")
	}
}

// Every mistake is told with its line, and none with a secret.
func TestBadUsersAreReported(t *testing.T) {
	ann := func(more string) string { return "users:\n  - { name: ann, password: a, " + more + " }" }
	for text, want := range map[string]string{
		"users: 1": "users", "users: { ann: { password: canary } }": "users", "users:\n  - ann": "users[0]", "users:\n  - {}": "users[0]",
		"users:\n  - { name: ann }":        "users[0]",
		"users:\n  - { password: canary }": "users[0]",
		"users:\n  - { name: ann, password: a }\n  - { name: ann, password: canary }":                           "users[1]",
		"users:\n  - { name: 'a:b', password: canary }":                                                         "users[0].name",
		"users:\n  - { name: ann, password: '' }":                                                               "users[0].password",
		"users:\n  - { name: ann, pasword: canary }":                                                            "users[0].pasword",
		"users:\n  - { name: ann, password: $baton$canary }":                                                    "users[0].password",
		"users:\n  - { name: ann, password: '" + strings.Replace(someHashes, "m=19456", "m=1000000", 1) + "' }": "users[0].password",
		ann("allow: { do: read }"):                                                                              "users[0].allow",
		ann("allow: [ read ]"):                                                                                  "users[0].allow[0]",
		ann("allow: [ { path: a } ]"):                                                                           "users[0].allow[0]",
		ann("allow: [ { do: read }, { do: write } ]"):                                                           "users[0].allow[1].do",
		ann("allow: [ { do: [] } ]"):                                                                            "users[0].allow[0].do",
		ann("allow: [ { do: read, path: a/../b } ]"):                                                            "users[0].allow[0].path",
		ann("allow: [ { do: read, from: nowhere } ]"):                                                           "users[0].allow[0].from",
		ann("allow: [ { do: read, from: [] } ]"):                                                                "users[0].allow[0].from",
		ann("allow: [ { do: read, form: all } ]"):                                                               "users[0].allow[0].form",
		ann("allow: [ { do: admin, path: 'cam/*' } ]"):                                                          "users[0].allow[0]",
		ann("read: '**'"):                                                                                       "users[0].read",
		"anonymous: off":                                                                                        "anonymous",
		"anonymous: { do: read }":                                                                               "anonymous",
		"anonymous: [ { do: admin } ]":                                                                          "anonymous",
		"anonymous: [ { do: raed } ]":                                                                           "anonymous[0].do",
		"auth: 1":                                                                                               "auth",
		"auth: { http: 'ftp://u:canary@h/' }":                                                                   "auth.http",
		"auth: { http: { url: 'https://h/' } }":                                                                 "auth.http",
		"auth: { timeout: 1h }":                                                                                 "auth.timeout",
		"auth: { jwt: { keys: 'https://h/?key=canary' } }":                                                      "auth.jwt.keys",
		"auth: { jwt: { jwks: 'https://u:canary@h:x/' } }":                                                      "auth.jwt.jwks",
		"auth: { jwt: 'https://h/' }":                                                                           "auth.jwt",
		"audit: ''":                                                                                             "audit",
	} {
		_, err := loadFile(text)
		if err == nil {
			t.Errorf("%q: no error", text)
			continue
		}
		if got := err.(*Error).Problems; len(got) != 1 || got[0].Key != want || got[0].Line == 0 || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// SEC-07: a configuration can be formatted in any way, and tells no secret.
func TestSecretsAreNotFormatted(t *testing.T) {
	c := mustLoadFile(t, `
users: [{name: ann, password: canary}]
auth: {http: "https://u:canary@h/x?key=canary", jwt: {jwks: "https://h/?canary"}}
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
		"good": {Data: []byte("users:\n  - {name: ann, password: a}\n")},
		"more": {Data: []byte("users:\n  - {name: ann, password: a}\nrtsp: :1\n")},
		"bad":  {Data: []byte("users:\n  - {name: ann}\n")},
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
	want := User{Name: "bob", Allow: []Right{{Do: []Action{ActionPublish}, Path: "cam/*"}, {Do: []Action{ActionPublish}, Path: "stage"}}}
	if diff := cmp.Diff(want, u); diff != "" || err != nil || add.State != "/home/ann/.local/state/baton" {
		t.Error(diff, err, add.State)
	}
	if c, err = Load([]string{"user", "add", "carol"}, env); err != nil {
		t.Fatal(err)
	}
	u, _ = c.(*UserAdd).User()
	if diff := cmp.Diff([]Right{{Do: []Action{ActionRead}}}, u.Allow); diff != "" {
		t.Errorf("no rights named: %s", diff)
	}
	for _, args := range [][]string{{"user"}, {"user", "add"}, {"user", "add", "a:b"}, {"user", "add", "bob", "canary"}, {"user", "add", "bob", "--read", "a/../b"}} {
		if _, err := Load(args, env); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// A flag behind which there is nothing, as where a variable of a shell is not set, does not give a user more than was meant.
func TestEmptyFlagsAreRefused(t *testing.T) {
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	for _, args := range [][]string{
		{"user", "add", "bob", "--read", ""}, {"user", "add", "bob", "--read="}, {"user", "add", "bob", "--replay", "", "--admin"},
		{"user", "add", "bob", "--read", "x", "--publish", ""}, {"user", "add", "bob", "--state", ""}, {"user", "list", "--state="},
	} {
		if c, err := Load(args, env); err == nil {
			t.Errorf("%q: %v", args, c)
		}
	}
}

// Bytes that are no UTF-8 do not become other letters: they are refused, and not shown.
func TestArgumentsAreUTF8(t *testing.T) {
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	for _, args := range [][]string{
		{"user", "add", "m\xfcller"}, {"user", "add", "bob", "--read", "\xff"}, {"user", "remove", "\xed\xa0\x80"}, {"--media", "canary\xff"},
		{"record", "rtsp://u:canary\xff@h/p", "x.mp4"},
	} {
		if c, err := Load(args, env); err == nil || !strings.Contains(err.Error(), "UTF-8") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, %v", args, c, err)
		}
	}
}

func TestUsersAreListedAndRemoved(t *testing.T) {
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	const state = "/home/ann/.local/state/baton"
	for _, x := range []struct {
		args []string
		want Command
	}{
		{[]string{"user", "list"}, &UserList{State: state}},
		{[]string{"user", "list", "--state", "x"}, &UserList{State: "x"}},
		{[]string{"user", "remove", "ann"}, &UserRemove{Name: "ann", State: state}},
		{[]string{"user", "password", "ann"}, &UserPassword{Name: "ann", State: state}},
	} {
		c, err := Load(x.args, env)
		if diff := cmp.Diff(x.want, c); diff != "" || err != nil {
			t.Errorf("%q: %v %s", x.args, err, diff)
		}
	}
	for _, args := range [][]string{{"user", "list", "ann"}, {"user", "remove"}, {"user", "password"}, {"user", "password", "ann", "canary"}} {
		if _, err := Load(args, env); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
