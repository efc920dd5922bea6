package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtsp"
)

const oneUser = "anonymous: []\nusers: [ { name: ann, password: '" + canary + "', allow: [ { do: read } ] } ]\n"

// AUT-03: the examples of RFC 7616 §3.9.1 and RFC 2069 §2.4 (with its erratum).
func TestDigestVectors(t *testing.T) {
	const nonce, cnonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	for want, sum := range map[string]func() hash.Hash{
		"8ca523f5e9506fed4657c9700eebdbec":                                 md5.New,
		"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1": sha256.New,
	} {
		a1, a2 := digest(sum, "Mufasa", "http-auth@example.org", "Circle of Life"), digest(sum, "GET", "/dir/index.html")
		if got := response(sum, a1, nonce, "auth", "00000001", cnonce, a2); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	a1, a2 := digest(md5.New, "Mufasa", "testrealm@host.com", "CircleOfLife"), digest(md5.New, "GET", "/dir/index.html")
	if got := response(md5.New, a1, "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "", "", a2); got != "1949323746fe6a43ef61f9606e7febea" {
		t.Errorf("%s", got)
	}
}

// challengeOf is one of those that a refusal carries.
func challengeOf(t *testing.T, err error, algorithm string) rtsp.Challenge {
	t.Helper()
	var no *Refusal
	if !errors.As(err, &no) {
		t.Fatalf("no refusal: %v", err)
	}
	for _, c := range rtsp.ParseChallenges(no.Challenges) {
		if c.Param("algorithm") == algorithm {
			return c
		}
	}
	t.Fatalf("no challenge for %s in %q", algorithm, no.Challenges)
	return rtsp.Challenge{}
}

// AUT-03, AUT-09: every algorithm, with qop and without, -sess; and the ways in which clients write the header.
func TestDigestIsTakenHoweverItIsWritten(t *testing.T) {
	a := authorityOf(t, oneUser, nil)
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		sum := map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}[algorithm]
		a1, a2 := ha1(sum, "ann", canary), digest(sum, "DESCRIBE", "rtsp://h/p")
		fresh := func() string { return challengeOf(t, a.Challenge(read("p")), algorithm).Param("nonce") }
		n := []string{fresh(), fresh(), fresh(), fresh(), fresh(), fresh(), fresh()}
		sess := digest(sum, a1, n[2], "cn")
		for i, header := range []string{
			fmt.Sprintf(`Digest username="ann", realm="Baton", nonce="%s", uri="rtsp://h/p", response="%s", algorithm=%s`, n[0], response(sum, a1, n[0], "", "", "", a2), algorithm),
			fmt.Sprintf(`Digest username="ann", realm="Baton", nonce="%s", uri="rtsp://h/p", response="%s", algorithm="%s", qop="auth", nc=00000001, cnonce="cn"`, n[1], response(sum, a1, n[1], "auth", "00000001", "cn", a2), algorithm),
			fmt.Sprintf(`Digest username="ann", realm="Baton", nonce="%s", uri="rtsp://h/p", response="%s", algorithm=%s-sess, cnonce="cn"`, n[2], response(sum, sess, n[2], "", "", "", a2), algorithm),
			fmt.Sprintf(`digest username=ann,realm="Baton",nonce=%s,uri="rtsp://h/p",response=%s,algorithm=%s`, n[3], strings.ToUpper(response(sum, a1, n[3], "", "", "", a2)), algorithm),
			fmt.Sprintf(`DIGEST  username="a\nn" , realm=Baton , nonce="%s" , uri="rtsp://h/p" , response="%s", algorithm=%s`, n[4], response(sum, a1, n[4], "", "", "", a2), strings.ToLower(algorithm)),
		} {
			r := read("p")
			r.Authorization = []string{header}
			if who, err := a.Authorize(t.Context(), r); err != nil || who != "ann" {
				t.Errorf("%s %d: %q, %v", algorithm, i, who, err)
			}
		}
	}
}

// AUT-04: the uri of a digest is that of the request in one of the ways that clients know, or nothing is granted.
func TestURIOfADigestDenotesTheRequest(t *testing.T) {
	a := authorityOf(t, oneUser, nil)
	for _, c := range []struct {
		method, request, uri string
		want                 bool
	}{
		{"DESCRIBE", "rtsp://h:554/a/b?x=1", "rtsp://h:554/a/b?x=1", true},
		{"DESCRIBE", "rtsp://h:554/a/b?x=1", "/a/b?x=1", true},
		{"DESCRIBE", "rtsp://h:554/a/b?x=1", "/a/b", true},
		{"DESCRIBE", "rtsp://h:554/a/b", "rtsp://h/a/b/", true},
		{"PLAY", "rtsp://h/a/b/", "rtsp://h:554/a/b", true},
		{"SETUP", "rtsp://h/a/b/trackID=0", "rtsp://h/a/b/", true},
		{"SETUP", "rtsp://h/a/b/trackID=0", "rtsp://h/a/b", true},
		{"SETUP", "rtsp://h/a/b/trackID=0?x=1", "rtsp://h/a/b?x=1", true},
		{"SETUP", "rtsp://h/a/b?x=1/trackID=0", "rtsp://h/a/b?x=1", true},
		{"OPTIONS", "*", "*", true},
		{"DESCRIBE", "rtsp://h/a/b", "rtsp://h/a", false},
		{"PLAY", "rtsp://h/a/b", "rtsp://h/a/", false},
		{"SETUP", "rtsp://h/a/b/trackID=0", "rtsp://h/a", false},
		{"SETUP", "rtsp://h/a", "rtsp://h/", false},
		{"DESCRIBE", "rtsp://h/a/b", "rtsp://h/a/bc", false},
		{"DESCRIBE", "rtsp://h/a/b", "rtsp://other/a/b", false},
		{"DESCRIBE", "rtsp://h/a/b", "*", false},
		{"DESCRIBE", "rtsp://h/a/b", "", false},
		{"DESCRIBE", "rtsp://h/a/b", "rtsp://h/a/b?token=1", false},
		{"DESCRIBE", "rtsp://h/a/b", "rtsp://h/../a/b", false},
	} {
		r := &Request{Action: Read, Path: "a/b", Address: netip.MustParseAddr("192.0.2.7"), Method: c.method, URI: c.request}
		r.Authorization = []string{answered(challengeOf(t, a.Challenge(r), "SHA-256"), "ann", canary, c.method, c.uri, 1)}
		a.limiter = newLimiter()
		if _, err := a.Authorize(t.Context(), r); (err == nil) != c.want {
			t.Errorf("%s %s with uri %s: %v", c.method, c.request, c.uri, err)
		}
	}
}

// AUT-05, AUT-06, AUT-07: a nonce is good on every connection of an address for five minutes and more; one that is
// too old, of another server, or used with the same count again is stale when all else is right.
func TestNoncesAgeAndAreNotReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, other := authorityOf(t, oneUser, nil), authorityOf(t, oneUser, nil)
		c := challengeOf(t, a.Challenge(read("p")), "MD5")
		ask := func(header string, address string) error {
			r := read("p")
			r.Authorization, r.Address = []string{header}, netip.MustParseAddr(address)
			_, err := a.Authorize(t.Context(), r)
			return err
		}
		use := func(count int) string { return answered(c, "ann", canary, "DESCRIBE", "rtsp://h/p", count) }
		want := func(what string, err, wanted error) {
			t.Helper()
			if !errors.Is(err, wanted) || wanted == nil && err != nil {
				t.Errorf("%s: %v, want %v", what, err, wanted)
			}
			if wanted == ErrStale && challengeOf(t, err, "MD5").Param("stale") != "true" || wanted == ErrUnknown && challengeOf(t, err, "MD5").Param("stale") != "" {
				t.Errorf("%s: stale is wrong in %v", what, err)
			}
		}
		want("first", ask(use(1), "192.0.2.7"), nil)
		want("the same again", ask(use(1), "192.0.2.7"), ErrStale)
		want("later one", ask(use(5), "192.0.2.7"), nil)
		want("overtaken one", ask(use(3), "192.0.2.7"), nil)
		want("overtaken one again", ask(use(3), "192.0.2.7"), ErrStale)
		want("far ahead", ask(use(500), "192.0.2.7"), nil)
		want("far behind", ask(use(4), "192.0.2.7"), ErrStale)
		want("from elsewhere", ask(use(501), "192.0.2.8"), ErrStale)
		want("wrong password", ask(answered(c, "ann", "x", "DESCRIBE", "rtsp://h/p", 502), "192.0.2.7"), ErrUnknown)
		want("another method", ask(answered(c, "ann", canary, "PLAY", "rtsp://h/p", 503), "192.0.2.7"), ErrUnknown)
		want("of another server", ask(answered(challengeOf(t, other.Challenge(read("p")), "MD5"), "ann", canary, "DESCRIBE", "rtsp://h/p", 1), "192.0.2.7"), ErrStale)
		time.Sleep(5 * time.Minute)
		want("after five minutes", ask(use(504), "192.0.2.7"), nil)
		time.Sleep(5*time.Minute + time.Millisecond)
		want("after ten minutes", ask(use(505), "192.0.2.7"), ErrStale)
	})
}

// What makes no sense is refused, and is no way in: not for users whose hash of an algorithm is not known either.
func TestBadDigestsAreRefused(t *testing.T) {
	old := config.User{Name: "old", Hashes: config.Hashes{MD5: config.NewSecret(ha1(md5.New, "old", canary))}, Allow: []config.Right{{Do: []Action{Read}}}}
	auth, err := New(t.Context(), Config{Users: []config.User{old}, Auth: config.Auth{MD5: true}})
	if err != nil {
		t.Fatal(err)
	}
	a := auth.(*authority)
	nonce := challengeOf(t, a.Challenge(read("p")), "MD5").Param("nonce")
	a2 := digest(sha256.New, "DESCRIBE", "rtsp://h/p")
	empty := digest(sha256.New, "", nonce, "cn")
	for name, header := range map[string]string{
		"nothing": "Digest", "no scheme": "", "unknown scheme": "Negotiate x", "no values": "Digest username, realm",
		"hash not known":  fmt.Sprintf(`Digest username="old", realm="Baton", nonce="%s", uri="rtsp://h/p", algorithm=SHA-256, response="%s"`, nonce, response(sha256.New, "", nonce, "", "", "", a2)),
		"of a session":    fmt.Sprintf(`Digest username="old", realm="Baton", nonce="%s", uri="rtsp://h/p", algorithm=SHA-256-sess, cnonce="cn", response="%s"`, nonce, response(sha256.New, empty, nonce, "", "", "", a2)),
		"nobody":          fmt.Sprintf(`Digest username="", realm="Baton", nonce="%s", uri="rtsp://h/p", algorithm=MD5, response="%s"`, nonce, response(md5.New, "", nonce, "", "", "", a2)),
		"other algorithm": `Digest username="old", realm="Baton", nonce="n", uri="rtsp://h/p", algorithm=SHA-512-256, response="x"`,
		"auth-int":        `Digest username="old", realm="Baton", nonce="n", uri="rtsp://h/p", qop=auth-int, nc=1, cnonce=c, response="x"`,
	} {
		r := read("p")
		r.Authorization = []string{header}
		a.limiter = newLimiter()
		if who, err := a.Authorize(t.Context(), r); !errors.Is(err, ErrUnknown) || who != "" {
			t.Errorf("%s: %q, %v", name, who, err)
		}
	}
}

// AUT-02: MD5 can be switched off: nobody is asked for it, and who answers with it is not believed.
func TestMD5CanBeSwitchedOff(t *testing.T) {
	a, strict := authorityOf(t, oneUser, nil), authorityOf(t, oneUser+"auth: { md5: false }\n", nil)
	a.users.nonces = strict.users.nonces
	r := read("p")
	if c := strict.Challenge(r).Challenges; len(c) != 1 || !strings.Contains(c[0], "algorithm=SHA-256") {
		t.Errorf("%q", c)
	}
	for algorithm, want := range map[string]bool{"MD5": false, "SHA-256": true} {
		r.Authorization = []string{authorization(a.Challenge(r).Challenges, algorithm, "ann", canary, r.Method, r.URI)}
		if who, err := strict.Authorize(t.Context(), r); (err == nil) != want || (who == "ann") != want {
			t.Errorf("%s: %q, %v", algorithm, who, err)
		}
	}
}
