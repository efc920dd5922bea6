package config

import (
	"regexp"
	"strings"
)

// Hashes are what the server keeps of a password instead of it.
type Hashes struct {
	// SHA256 and MD5 are what Digest needs (HA1 of RFC 7616 §3.4.2), in hexadecimal, Argon2id is the hash for passwords
	// that come as they are, in PHC form.
	SHA256, MD5, Argon2id Secret
}

// hashesMark is what their text begins with.
const hashesMark = "$baton$"

// hashesForm is their text; only read. m is below 1 GiB, so that no line of a file makes a login take all memory.
var hashesForm = regexp.MustCompile(`^\$baton\$([0-9a-f]{64})\$([0-9a-f]{32})(\$argon2id\$v=19\$m=[1-9][0-9]{0,5},t=[1-9][0-9]?,p=[1-9][0-9]?\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86})$`)

// Text is how they stand in a file in place of a password.
func (h *Hashes) Text() Secret {
	return Secret{hashesMark + h.SHA256.text + "$" + h.MD5.text + h.Argon2id.text}
}

// parseHashes takes that text. It never quotes what is no such text.
func parseHashes(s string) (Hashes, error) {
	parts := hashesForm.FindStringSubmatch(s)
	if parts == nil {
		return Hashes{}, &valueError{text: "this begins as hashes of a password do, and is none; baton user add --print makes them"}
	}
	return Hashes{Secret{parts[1]}, Secret{parts[2]}, Secret{parts[3]}}, nil
}

// setPassword takes a password, or hashes of one.
func setPassword(u *User, s string) (err error) {
	if strings.HasPrefix(s, hashesMark) {
		u.Hashes, err = parseHashes(s)
	} else {
		u.Password, err = ParsePassword(s)
	}
	return err
}
