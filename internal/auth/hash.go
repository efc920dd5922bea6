package auth

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/baton-rtsp/baton/internal/config"
)

// Realm is that of all challenges. It never changes: the hashes for Digest have it in them.
const Realm = "Baton"

// What an Argon2id hash of ours costs (RFC 9106; the smaller choice of OWASP): 19 MiB and about 20 ms.
const (
	argonMemory = 19456 // KiB
	argonTime   = 2
	argonSalt   = 16 // bytes
	argonKey    = 32 // bytes
)

// Hashed is a user whose password is known by its hashes alone.
func Hashed(u config.User, password config.Secret) config.User {
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password.Reveal()), salt, argonTime, argonMemory, 1, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	u.Password = config.Secret{}
	u.SHA256 = config.NewSecret(ha1(sha256.New, u.Name, password.Reveal()))
	u.MD5 = config.NewSecret(ha1(md5.New, u.Name, password.Reveal()))
	u.Argon2id = config.NewSecret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, argonMemory, argonTime, b64(salt), b64(key)))
	return u
}

// ha1 is the first half of a digest (RFC 7616 §3.4.2).
func ha1(sum func() hash.Hash, user, password string) string {
	return digest(sum, user, Realm, password)
}

// digest is the hash of parts with colons between them, in hexadecimal.
func digest(sum func() hash.Hash, parts ...string) string {
	h := sum()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// same compares in a time that does not depend on where the two differ.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// argonMatches tells whether an Argon2id hash in PHC form is that of a password.
func argonMatches(phc, password string) (bool, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("auth: no hash of Argon2id")
	}
	var memory, time uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); err != nil || time == 0 || lanes == 0 {
		return false, errors.New("auth: bad cost of Argon2id")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errors.New("auth: bad salt of Argon2id")
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) == 0 {
		return false, errors.New("auth: bad key of Argon2id")
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}
