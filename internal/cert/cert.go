// Package cert brings the certificate of the server: from files, made by itself, or from a certification authority by ACME
// (RFC 8555). cmd/baton asks it once; each handshake then gets what is newest. It opens no port but those by which ACME checks
// who owns a name.
package cert

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
)

// Config says where the certificate comes from: exactly one of Files, Auto and ACME.
type Config struct {
	Files *Files
	Auto  bool
	ACME  *ACME
	// State is the folder below which keys are kept, each readable by its owner alone; "": they are gone with the program.
	State  string
	Logger *slog.Logger
}

// A Source gives certificates to handshakes. Safe for concurrent use.
type Source struct {
	get         func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	acme        *manager      // nil: none
	fingerprint func() string // nil: not known
}

// Open loads or makes the certificate, or begins to ask for it: only with ACME may it come later, and go on being renewed until Close.
func Open(ctx context.Context, cfg Config) (*Source, error) {
	switch {
	case cfg.Files != nil:
		r, err := newReloader(*cfg.Files, cfg.Logger)
		if err != nil {
			return nil, err
		}
		return &Source{get: r.certificate, fingerprint: r.fingerprint}, nil
	case cfg.Auto:
		c, err := newSelf(cfg.State, cfg.Logger)
		if err != nil {
			return nil, err
		}
		if cfg.State == "" {
			cfg.Logger.Warn("without a state folder the certificate is another one after each start")
		}
		return &Source{get: c.certificate, fingerprint: c.fingerprint}, nil
	case cfg.ACME != nil:
		if cfg.State == "" {
			return nil, errors.New("certificates by ACME need a state folder: authorities give only a few a week")
		}
		m, err := manage(ctx, *cfg.ACME, filepath.Join(cfg.State, "acme"), cfg.Logger)
		if err != nil {
			return nil, err
		}
		return &Source{get: m.config.GetCertificate, acme: m}, nil
	}
	return nil, errors.New("no source of certificates")
}

// TLS is a configuration for servers. Application protocols are those that are given; none: any.
func (s *Source) TLS(protocols ...string) *tls.Config {
	cfg := &tls.Config{GetCertificate: s.get, MinVersion: tls.VersionTLS12, CipherSuites: suites(), NextProtos: protocols}
	if s.acme != nil {
		s.acme.challenge(cfg)
	}
	return cfg
}

// suites are those of TLS 1.2 that seal and authenticate in one (RFC 9325 §4.2), with keys for the connection alone: without CBC, which Go
// would take last. Those of TLS 1.3 are all so, and not a matter of choice.
func suites() (ids []uint16) {
	for _, s := range tls.CipherSuites() {
		if slices.Contains(s.SupportedVersions, tls.VersionTLS12) && !strings.Contains(s.Name, "_CBC_") && strings.HasPrefix(s.Name, "TLS_ECDHE_") {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// Fingerprint is the SHA-256 of the certificate as it is now, as browsers and openssl show it; "" with ACME, where one may not be there
// yet.
func (s *Source) Fingerprint() string {
	if s.fingerprint == nil {
		return ""
	}
	return s.fingerprint()
}

// Close ends what runs.
func (s *Source) Close() {
	if s.acme != nil {
		s.acme.close()
	}
}

func fingerprint(c *tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
