package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// verdict is what is found of credentials.
type verdict int

const (
	wrong verdict = iota
	stale         // right, but made with a nonce that is not good any more
	right
)

// digest checks a Digest (RFC 7616 §3.4, and RFC 2069, which knows no qop). An unknown user costs the same.
func (u *users) digest(r *Request, c credentials, user *user, now time.Time) verdict {
	p := c.digest.Param
	name, session := strings.CutSuffix(strings.ToUpper(p("algorithm")), "-SESS")
	var sum func() hash.Hash
	var a1 string
	switch name {
	case "SHA-256":
		sum, a1 = sha256.New, user.sha256
	case "", "MD5":
		sum, a1 = md5.New, user.md5
	default:
		return wrong
	}
	if name != "SHA-256" && !u.md5 {
		return wrong
	}
	nonce, cnonce, uri := p("nonce"), p("cnonce"), p("uri")
	known := user.name != "" && a1 != "" // of what is not known everybody could make a hash
	if session {
		a1 = digest(sum, a1, nonce, cnonce)
	}
	a2 := digest(sum, r.Method, uri)
	qop, nc := p("qop"), p("nc")
	count, err := strconv.ParseUint(nc, 16, 32)
	if qop != "" && (!strings.EqualFold(qop, "auth") || err != nil || cnonce == "") {
		return wrong
	}
	want := response(sum, a1, nonce, qop, nc, cnonce, a2)
	if !same(want, strings.ToLower(p("response"))) || !known || p("realm") != Realm || !denotes(uri, r) {
		return wrong
	}
	made, fresh := u.nonces.fresh(nonce, now, r.Address.Unmap())
	if !fresh || qop != "" && !u.nonces.count(nonce, made, uint32(count), now) {
		return stale
	}
	return right
}

// response is what a client that knows a1 sends.
func response(sum func() hash.Hash, a1, nonce, qop, nc, cnonce, a2 string) string {
	if qop == "" {
		return digest(sum, a1, nonce, a2)
	}
	return digest(sum, a1, nonce, nc, cnonce, qop, a2)
}

// denotes tells whether the uri of a Digest is that of the request, in one of the ways in which clients write it
// (AUT-04): absolute or a path, with a slash at the end or without, with its query or without; or that of the
// presentation, for the SETUP of a track.
func denotes(uri string, r *Request) bool {
	if uri == r.URI {
		return true
	}
	a, err := rtsp.ParseURL(uri)
	if err != nil {
		return false
	}
	b, err := rtsp.ParseURL(r.URI)
	if err != nil || a.RawQuery != "" && a.RawQuery != b.RawQuery && !strings.HasPrefix(b.RawQuery, a.RawQuery+"/") {
		return false
	}
	if a.Host != "" && b.Host != "" && a.Hostname() != b.Hostname() {
		return false
	}
	track, isTrack := strings.CutPrefix(b.Path, a.Path+"/")
	return a.Path == b.Path || isTrack && r.Method == "SETUP" && !strings.Contains(track, "/")
}
