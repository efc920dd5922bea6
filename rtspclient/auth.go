package rtspclient

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
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

// credentials answer the challenges of one server. Not safe for concurrent use.
type credentials struct {
	user, password string
	clear          bool // Basic may be sent

	scheme             string // "Digest", "Basic"; "": nobody has asked
	realm, nonce       string
	opaque, algorithm  string
	hasOpaque, session bool // session: an algorithm that ends in -sess
	qop                bool
	count              uint32
	sum                func() hash.Hash
}

// challenge takes what a 401 asks for. It returns whether there is something new to answer with: another nonce, or a first one.
// The strongest challenge counts, whatever their order (AUT-15).
func (c *credentials) challenge(list []rtsp.Challenge) (fresh bool, err error) {
	if c.user == "" && c.password == "" {
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
			if !c.clear {
				return false, ErrBasic
			}
			fresh = c.scheme != "Basic"
			c.scheme = "Basic"
			return fresh, nil
		}
	}
	return false, ErrCredentials
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// authorize is the Authorization header of a request; "" when nobody has asked for it. uri is that of the request line, byte
// for byte: cameras compare it.
func (c *credentials) authorize(method rtsp.Method, uri string) string {
	switch c.scheme {
	case "Basic":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.user+":"+c.password))
	case "Digest":
		c.count++
		return c.digest(method, uri, rand.Text()[:16])
	}
	return ""
}

// digest is RFC 7616 §3.4, and RFC 2069 for servers that offer no qop.
func (c *credentials) digest(method rtsp.Method, uri, cnonce string) string {
	h := func(parts ...string) string {
		sum := c.sum()
		sum.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum.Sum(nil))
	}
	a1 := h(c.user, c.realm, c.password)
	if c.session {
		a1 = h(a1, c.nonce, cnonce)
	}
	a2 := h(string(method), uri)
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username=%s, realm=%s, nonce=%s, uri=%s`, quote(c.user), quote(c.realm), quote(c.nonce), quote(uri))
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
