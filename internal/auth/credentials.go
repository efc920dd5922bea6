package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// credentials are what a request shows of who sent it.
type credentials struct {
	scheme   scheme
	user     string
	password string         // basic
	token    string         // token
	digest   rtsp.Challenge // digest: its parameters
}

// A scheme is how somebody proves who they are.
type scheme int

const (
	none scheme = iota
	byDigest
	byBasic
	byToken
)

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 8192

// credentialsOf finds what a request shows. What everybody on the way could read counts only where that is meant to
// be so: a token in a URL. A password, or a token in a header, that comes outside of TLS is as if it had not come.
func credentialsOf(r *Request) credentials {
	for _, value := range r.Authorization {
		name, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
		rest = strings.TrimSpace(rest)
		switch {
		case strings.EqualFold(name, "Digest"):
			if list := rtsp.ParseChallenges([]string{value}); len(list) > 0 {
				return credentials{scheme: byDigest, user: list[0].Param("username"), digest: list[0]}
			}
		case strings.EqualFold(name, "Basic") && r.Secure:
			if b, err := base64.StdEncoding.DecodeString(rest); err == nil {
				user, password, _ := strings.Cut(string(b), ":")
				return credentials{scheme: byBasic, user: user, password: password}
			}
		case strings.EqualFold(name, "Bearer") && r.Secure && len(rest) <= maxToken:
			return credentials{scheme: byToken, user: tokenUser(rest), token: rest}
		}
	}
	if token := queryToken(r.Query); token != "" && len(token) <= maxToken {
		return credentials{scheme: byToken, user: tokenUser(token), token: token}
	}
	return credentials{}
}

// tokenUser stands for a token where failures are counted: one that is over does not have others wait. No user is called so.
func tokenUser(token string) string {
	sum := sha256.Sum256([]byte(token))
	return fmt.Sprintf(":token-%x", sum[:8])
}

// queryToken is the value of token or jwt in a raw query.
func queryToken(query string) string {
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name == "token" || name == "jwt" {
			if s, err := url.QueryUnescape(value); err == nil {
				return s
			}
		}
	}
	return ""
}
