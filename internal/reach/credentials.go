package reach

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// algorithms are those of Digest (RFC 7616 §6.1), the strongest first.
var algorithms = []struct {
	name string
	make func() hash.Hash
}{
	{"SHA-512-256", sha512.New512_256},
	{"SHA-256", sha256.New},
	{"MD5", md5.New},
}

// ErrBasic means that the server asks for a password in clear text, which may not be sent.
var ErrBasic = errors.New("the server wants the password in clear text")

// ErrCredentials means that the server asks for credentials and there are none, or wants them in a way that is not known.
var ErrCredentials = errors.New("the server wants credentials")

// Credentials answer the challenges of one server: Digest (RFC 7616, and RFC 2069), or Basic (RFC 7617). Not safe for concurrent use.
type Credentials struct {
	User, Password string
	Clear          bool // Basic may be sent: nobody listens, or that is allowed

	scheme             string // "Digest", "Basic"; "": nobody has asked
	realm, nonce       string
	opaque, algorithm  string
	hasOpaque, session bool // session: an algorithm that ends in -sess
	qop                bool
	count              uint32
	sum                func() hash.Hash
}

// Challenge takes what a 401 asks for. It returns whether there is something new to answer with: another nonce, or a first one.
// The strongest challenge counts, whatever their order (AUT-15).
func (c *Credentials) Challenge(list []rtsp.Challenge) (fresh bool, err error) {
	if c.User == "" && c.Password == "" {
		return false, ErrCredentials
	}
	for _, a := range algorithms {
		for _, ch := range list {
			name := orElse(ch.Param("algorithm"), "MD5")
			base, session := strings.CutSuffix(strings.ToUpper(name), "-SESS")
			if !strings.EqualFold(ch.Scheme, "Digest") || base != a.name || ch.Param("nonce") == "" {
				continue
			}
			fresh = c.scheme != "Digest" || c.nonce != ch.Param("nonce")
			c.scheme, c.realm, c.nonce, c.sum = "Digest", ch.Param("realm"), ch.Param("nonce"), a.make
			c.algorithm, c.session, c.count = ch.Param("algorithm"), session, 0
			c.opaque = ch.Param("opaque")
			c.hasOpaque = slices.ContainsFunc(ch.Params, func(p rtsp.Parameter) bool { return p.Name == "opaque" })
			c.qop = slices.ContainsFunc(strings.Split(ch.Param("qop"), ","), func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "auth") })
			return fresh, nil
		}
	}
	for _, ch := range list {
		if strings.EqualFold(ch.Scheme, "Basic") {
			if !c.Clear {
				return false, ErrBasic
			}
			fresh = c.scheme != "Basic"
			c.scheme = "Basic"
			return fresh, nil
		}
	}
	return false, ErrCredentials
}

// Again takes the challenges of a 401 and tells whether the request is worth making again, where so many tries were made before this
// one: once with what was asked for, and once more when the server says that only the nonce was too old.
func (c *Credentials) Again(list []rtsp.Challenge, tries int) (bool, error) {
	if tries == 2 {
		return false, nil
	}
	fresh, err := c.Challenge(list)
	return fresh && (tries == 0 || stale(list)), err
}

// stale tells whether the credentials were right and only the nonce too old (RFC 7616 §3.3).
func stale(list []rtsp.Challenge) bool {
	for _, ch := range list {
		if v := ch.Param("stale"); v == "true" || v == "TRUE" || v == "True" {
			return true
		}
	}
	return false
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// Authorize is the Authorization header of a request; "" when nobody has asked for it. uri is that of the request line, byte
// for byte: cameras compare it.
func (c *Credentials) Authorize(method rtsp.Method, uri string) string {
	switch c.scheme {
	case "Basic":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password))
	case "Digest":
		c.count++
		return c.digest(method, uri, rand.Text()[:16])
	}
	return ""
}

// digest is RFC 7616 §3.4, and RFC 2069 for servers that offer no qop.
func (c *Credentials) digest(method rtsp.Method, uri, cnonce string) string {
	h := func(parts ...string) string {
		sum := c.sum()
		sum.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum.Sum(nil))
	}
	a1 := h(c.User, c.realm, c.Password)
	if c.session {
		a1 = h(a1, c.nonce, cnonce)
	}
	a2 := h(string(method), uri)
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username=%s, realm=%s, nonce=%s, uri=%s`, quote(c.User), quote(c.realm), quote(c.nonce), quote(uri))
	if c.qop {
		count := fmt.Sprintf("%08x", c.count)
		fmt.Fprintf(&b, `, response="%s", qop=auth, nc=%s, cnonce="%s"`, h(a1, c.nonce, count, cnonce, "auth", a2), count, cnonce)
	} else {
		fmt.Fprintf(&b, `, response="%s"`, h(a1, c.nonce, a2))
		if c.session {
			fmt.Fprintf(&b, `, cnonce="%s"`, cnonce)
		}
	}
	if c.algorithm != "" {
		b.WriteString(", algorithm=" + c.algorithm)
	}
	if c.hasOpaque {
		b.WriteString(", opaque=" + quote(c.opaque))
	}
	return b.String()
}

// quote makes a quoted string. Line ends, which a URL or a realm can not have, would end the header.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(s) + `"`
}
