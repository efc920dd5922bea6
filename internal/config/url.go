package config

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// URL is an rtsp or rtsps URL. However it is formatted, logged or marshalled, a
// user and password in it stay out; only Location has them. The zero value is no
// URL.
type URL struct {
	location string
	public   string
}

// ParseURL parses an absolute rtsp or rtsps URL.
func ParseURL(s string) (URL, error) {
	if strings.ContainsFunc(s, notInURL) {
		return URL{}, &valueError{text: "a URL has to be printable ASCII, everything else percent-encoded"}
	}
	// The cause is not told: it could quote a password.
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "rtsp" && u.Scheme != "rtsps" || u.Hostname() == "" || !portInRange(u.Port()) {
		e := &valueError{text: fmt.Sprintf("%q is not a URL such as rtsp://host:8554/path", withoutUser(s))}
		if !strings.Contains(s, "://") && !strings.Contains(s, "@") {
			if _, err := ParseURL("rtsp://" + s); err == nil {
				e.hint = "rtsp://" + s
			}
		}
		return URL{}, e
	}
	u.User = nil
	return URL{location: s, public: u.String()}, nil
}

func notInURL(r rune) bool { return r <= ' ' || r >= 0x7f }

// portInRange tells whether port, which url.Parse found to be digits, is one.
func portInRange(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// withoutUser cuts what may be a user and password out of something that is not
// a URL.
func withoutUser(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	scheme, _, found := strings.Cut(s[:at], "://")
	if !found {
		return s[at+1:]
	}
	return scheme + "://" + s[at+1:]
}

// Location returns the URL as it was written, with user and password.
func (u URL) Location() string { return u.location }

// IsZero tells whether there is no URL.
func (u URL) IsZero() bool { return u == URL{} }

// String returns the URL without user and password.
func (u URL) String() string { return u.public }

// MarshalText returns the URL without user and password.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.public), nil }

// Format writes the URL without user and password, whatever the verb.
func (u URL) Format(f fmt.State, _ rune) { io.WriteString(f, u.public) }
