package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Auth is who else is asked about users, besides the list of them, and how clients may log in.
type Auth struct {
	// HTTP, unless zero, is asked what the users of the list do not answer, by POST.
	HTTP HTTPURL
	// Timeout is how long it may take to answer, 100ms to 8s; then clients are told to try again, or to log in where there are users.
	Timeout time.Duration
	// Cache is how long its answers hold, 0 to 1h.
	Cache time.Duration

	// JWT is whose tokens count.
	JWT JWT

	// MD5 lets clients log in with Digest and MD5, which old ones need.
	MD5 bool
}

// JWT says whose tokens count (RFC 7519).
type JWT struct {
	// JWKS, unless zero, is where the public keys of tokens are (a JWK set, RFC 7517).
	JWKS HTTPURL
	// Claim is the name of that which says what its bearer may do.
	Claim string
	// Issuer and Audience, unless empty, are what tokens must name.
	Issuer, Audience string
}

// defaultAuth asks nobody.
func defaultAuth() Auth {
	return Auth{Timeout: 3 * time.Second, Cache: 30 * time.Second, JWT: JWT{Claim: "baton"}, MD5: true}
}

// An HTTPURL is an http or https URL. However it is formatted, logged or marshalled, a user and password in it stay
// out, and its query, which can hold a key; only Location has them.
type HTTPURL struct{ location, public string }

// parseHTTPURL parses an absolute http or https URL.
func parseHTTPURL(s string) (HTTPURL, error) {
	u, err := url.Parse(s) // the cause is not told: it could quote a password
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsFunc(s, notInURL) {
		return HTTPURL{}, &valueError{text: "this is not a URL such as https://host/path"}
	}
	return HTTPURL{location: s, public: u.Scheme + "://" + u.Host + u.EscapedPath()}, nil
}

// Location is the URL as it was written.
func (u HTTPURL) Location() string { return u.location }

// IsZero tells whether there is no URL.
func (u HTTPURL) IsZero() bool { return u.location == "" }

// Equal tells whether two URLs were written the same.
func (u HTTPURL) Equal(other HTTPURL) bool { return u == other }

// String is the URL without user, password and query.
func (u HTTPURL) String() string { return u.public }

// MarshalText is the URL without user, password and query.
func (u HTTPURL) MarshalText() ([]byte, error) { return []byte(u.public), nil }

// Format writes the URL without user, password and query, whatever the verb.
func (u HTTPURL) Format(f fmt.State, _ rune) { fmt.Fprint(f, u.public) }

// AuditTo says where the audit log goes: a file, or one of two words.
type AuditTo string

// The words that are no files.
const (
	AuditOff    AuditTo = "off"
	AuditStderr AuditTo = "stderr"
)

func parseAudit(s string) (AuditTo, error) {
	if s == "" || strings.ContainsRune(s, 0) {
		return "", &valueError{text: fmt.Sprintf("%q is no file, nor stderr or off", s)}
	}
	return AuditTo(s), nil
}

// word takes a word without blanks.
func word(s string) (string, error) {
	if s == "" || strings.ContainsFunc(s, notInURL) {
		return "", &valueError{text: fmt.Sprintf("%q is not a word of printable ASCII", s)}
	}
	return s, nil
}
