package config

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Trust is by what a server is known that is reached over TLS: the SHA-256 of its certificate, as Baton and browsers show it, or a
// PEM file of authorities. Empty: by the authorities of the system.
type Trust string

// ParseTrust takes a fingerprint of 64 hexadecimal digits, with or without colons, or the name of a file that is there.
func ParseTrust(s string) (Trust, error) {
	if _, ok := Trust(s).pin(); ok {
		return Trust(s), nil
	}
	if _, err := parseFileName(s); err != nil {
		return "", err
	}
	if _, err := Trust(s).roots(); err != nil {
		return "", &valueError{text: fmt.Sprintf("%q is neither the SHA-256 of a certificate nor a file of some: %v", s, err)}
	}
	return Trust(s), nil
}

// UnmarshalText is [ParseTrust], for flags.
func (t *Trust) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTrust(string(text))
	return err
}

// TLS is how a client verifies the server; nil: as usual. Files are read now; one that cannot be read has every server refused.
func (t Trust) TLS() *tls.Config {
	if t == "" {
		return nil
	}
	if pin, ok := t.pin(); ok {
		// Whose name it bears and until when counts for nothing: it is this one.
		return &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
			if got := sha256.Sum256(s.PeerCertificates[0].Raw); got != pin {
				return fmt.Errorf("the server shows another certificate, with SHA-256 %X", got)
			}
			return nil
		}}
	}
	roots, err := t.roots()
	if err != nil {
		return &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error { return fmt.Errorf("trust: %w", err) }}
	}
	return &tls.Config{RootCAs: roots}
}

// pin is the fingerprint, if it is one.
func (t Trust) pin() (sum [sha256.Size]byte, ok bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(string(t), ":", ""))
	if err != nil || len(b) != len(sum) {
		return sum, false
	}
	return [sha256.Size]byte(b), true
}

// roots are the authorities of the file.
func (t Trust) roots() (*x509.CertPool, error) {
	text, err := os.ReadFile(string(t))
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			return nil, path.Err
		}
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("there is no certificate in it")
	}
	return pool, nil
}
