package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rights are what somebody may do, and from where. The zero value is nothing.
type Rights struct {
	// Read, Replay and Publish are patterns, see [Match], of the paths whose live media may be played, whose
	// stored media may be played, and to which media may be published.
	Read, Replay, Publish []string

	// Admin allows to use the admin API.
	Admin bool

	// From are the addresses that count; empty: all. This machine, whatever address of its own it comes from, is
	// that of loopback.
	From []netip.Prefix
}

// A User is somebody whom the server knows by name and password.
type User struct {
	Name string

	// Password is the password itself, where it is kept so.
	Password Secret

	// SHA256 and MD5 are what Digest needs instead of it (HA1 of RFC 7616 §3.4.2), in hexadecimal, Argon2id is the
	// hash for passwords that come as they are, in PHC form.
	SHA256, MD5, Argon2id Secret

	Rights
}

// maxUserName is the longest name of a user, in bytes.
const maxUserName = 64

// ParseUserName checks a user's name. It has no colon: Basic could not carry it.
func ParseUserName(s string) (string, error) {
	if s == "" || len(s) > maxUserName || !utf8.ValidString(s) || strings.ContainsFunc(s, notInUserName) {
		return "", &valueError{text: fmt.Sprintf("%q is not the name of a user: 1 to %d bytes, no blanks, colons and quotes", s, maxUserName)}
	}
	return s, nil
}

func notInUserName(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`:"\`, r)
}

// maxPassword is the longest password, in bytes.
const maxPassword = 256

// ParsePassword checks a password.
func ParsePassword(s string) (Secret, error) {
	if s == "" || len(s) > maxPassword || strings.ContainsFunc(s, unicode.IsControl) {
		return Secret{}, &valueError{text: fmt.Sprintf("a password has 1 to %d bytes and no control characters", maxPassword)}
	}
	return Secret{s}, nil
}

// The forms of hashes; only read. m is below 1 GiB, so that no line of a file makes a login take all memory.
var (
	sha256Form   = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	md5Form      = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	argon2idForm = regexp.MustCompile(`^\$argon2id\$v=19\$m=[1-9][0-9]{0,5},t=[1-9][0-9]?,p=[1-9][0-9]?\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$`)
)

// parseHash takes what has a form. It never quotes what has not.
func parseHash(form *regexp.Regexp, what string) func(string) (Secret, error) {
	return func(s string) (Secret, error) {
		if !form.MatchString(s) {
			return Secret{}, &valueError{text: "this is not " + what + "; baton user add --print makes one"}
		}
		return Secret{s}, nil
	}
}

// ParsePatterns takes patterns of paths, separated by blanks; none is fine.
func ParsePatterns(s string) ([]string, error) {
	var list []string
	for _, word := range strings.Fields(s) {
		pattern, err := parsePattern(word)
		if err != nil {
			return nil, err
		}
		list = append(list, pattern)
	}
	return list, nil
}

// parseFrom takes addresses and ranges of them, separated by blanks, or the words loopback and all.
func parseFrom(s string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, word := range strings.Fields(s) {
		switch word {
		case "loopback":
			list = append(list, loopback()...)
			continue
		case "all":
			list = append(list, netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0))
			continue
		}
		prefix, err := netip.ParsePrefix(word)
		if addr, no := netip.ParseAddr(word); no == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, &valueError{
				text: fmt.Sprintf("%q is no address, such as 192.0.2.7, no range of them, such as 192.0.2.0/24, nor loopback or all", word),
				hint: nearest(word, []string{"loopback", "all"}),
			}
		}
		list = append(list, prefix.Masked())
	}
	if len(list) == 0 {
		return nil, &valueError{text: "there is no address; all is any"}
	}
	return list, nil
}

// loopback is the addresses by which a machine talks to itself.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// defaultAnonymous lets this machine do what a newcomer tries, and nobody else anything.
func defaultAnonymous() Rights {
	all := []string{"**"}
	return Rights{Read: all, Replay: all, Publish: all, From: loopback()}
}
