package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A User is somebody whom the server knows by name and password.
type User struct {
	Name string

	// Password is the password itself, where it is kept so; else there are Hashes.
	Password Secret
	Hashes

	// Allow is what the user may do.
	Allow []Right
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
