package auth

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/baton-rtsp/baton/internal/config"
)

// maxHashing is how many passwords are hashed by Argon2id at a time: each takes 19 MiB.
const maxHashing = 2

// users are those who are known by name and password.
type users struct {
	byName  atomic.Pointer[map[string]*user]
	nonces  *nonces
	key     [32]byte // of what is remembered of passwords
	hashing chan struct{}
	md5     bool  // is good enough for Digest
	nobody  *user // has hashes of a password that nobody knows, as long as those of users
}

// A user is one of them. The one without a name is nobody, and never right.
type user struct {
	name   string
	sha256 string // HA1; "" where it is not known
	md5    string
	cfg    config.User

	proven atomic.Pointer[[32]byte] // the last password that was right, under the key of users
}

func newUsers(list []config.User) *users {
	u := &users{nonces: newNonces(), hashing: make(chan struct{}, maxHashing)}
	u.nobody = &user{sha256: ha1(sha256.New, "", rand.Text()), md5: ha1(md5.New, "", rand.Text())}
	rand.Read(u.key[:])
	u.byName.Store(&map[string]*user{})
	u.replace(list)
	return u
}

// replace has a list count from now on. It returns those who log in as before; others of the same names have another password.
func (u *users) replace(list []config.User) (same map[string]bool) {
	before := *u.byName.Load()
	now := map[string]*user{"": u.nobody}
	same = map[string]bool{}
	for _, cfg := range list {
		if now[cfg.Name] != nil { // the first of a name counts
			continue
		}
		x := newUser(cfg)
		if old := before[cfg.Name]; old != nil && old.logsInAs(x) {
			same[cfg.Name] = true
			x = x.after(old)
		}
		now[cfg.Name] = x
	}
	u.byName.Store(&now)
	return same
}

func newUser(cfg config.User) *user {
	x := &user{name: cfg.Name, sha256: strings.ToLower(cfg.SHA256.Reveal()), md5: strings.ToLower(cfg.MD5.Reveal()), cfg: cfg}
	if p := cfg.Password; !p.IsZero() {
		x.sha256, x.md5 = ha1(sha256.New, cfg.Name, p.Reveal()), ha1(md5.New, cfg.Name, p.Reveal())
	}
	return x
}

// logsInAs tells whether another has the same password, as far as hashes tell: those of Argon2id are never the same twice.
func (x *user) logsInAs(y *user) bool {
	if x.sha256 != "" || y.sha256 != "" {
		return x.sha256 == y.sha256
	}
	if x.md5 != "" || y.md5 != "" {
		return x.md5 == y.md5
	}
	return x.cfg.Argon2id.Equal(y.cfg.Argon2id)
}

// after is the user as it goes on from one with the same password: the same one where nothing is new, and with what is known of
// the password where only rights are.
func (x *user) after(old *user) *user {
	sameRight := func(a, b config.Right) bool {
		return a.Path == b.Path && slices.Equal(a.Do, b.Do) && slices.Equal(a.From, b.From)
	}
	if x.cfg.Argon2id.Equal(old.cfg.Argon2id) && same(x.md5, old.md5) && slices.EqualFunc(x.cfg.Allow, old.cfg.Allow, sameRight) {
		return old
	}
	x.proven.Store(old.proven.Load())
	return x
}

// find is never nil: who is not known is nobody.
func (u *users) find(name string) *user {
	if x := (*u.byName.Load())[name]; x != nil {
		return x
	}
	return u.nobody
}

// knows tells whether there is a user of a name.
func (u *users) knows(name string) bool { return u.find(name).name != "" }

// any tells whether there is a user at all.
func (u *users) any() bool { return len(*u.byName.Load()) > 1 } // nobody is among them

// basic checks a password as it came. What is kept for Digest, beside the hash of Argon2id, tells at once that it is wrong, of
// users and of nobody alike: whoever guesses takes no memory, has nobody wait, and learns no names. (Who has the file would try
// those first too.) A right one is hashed once, a few at a time; the error is that of ctx.
func (u *users) basic(ctx context.Context, x *user, password string) (verdict, error) {
	phc := x.cfg.Argon2id.Reveal()
	if known := x.plain(password); phc == "" || known == wrong && x.sha256+x.md5 != "" {
		return known, nil
	}
	mac := hmac.New(sha256.New, u.key[:])
	mac.Write([]byte(password))
	proof := [32]byte(mac.Sum(nil))
	if proven := x.proven.Load(); proven != nil && hmac.Equal(proven[:], proof[:]) {
		return right, nil
	}
	select {
	case u.hashing <- struct{}{}:
		defer func() { <-u.hashing }()
	case <-ctx.Done():
		return wrong, ctx.Err()
	}
	ok, err := argonMatches(phc, password)
	if err != nil || !ok {
		return wrong, err
	}
	x.proven.Store(&proof)
	return right, nil
}

// plain checks a password by what Digest needs.
func (x *user) plain(password string) verdict {
	switch {
	case x.sha256 != "":
		if same(x.sha256, ha1(sha256.New, x.name, password)) && x.name != "" {
			return right
		}
	case x.md5 != "":
		if same(x.md5, ha1(md5.New, x.name, password)) {
			return right
		}
	}
	return wrong
}
