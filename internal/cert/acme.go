package cert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// ACME says for which names an authority is asked for certificates (RFC 8555). It checks on port 80 or 443 of each name that it is
// ours; the program listens there while that is going on, unless it does anyhow.
type ACME struct {
	Domains []string // at least one
	Email   string   // where the authority may write to; may be empty
	CA      string   // the URL of its directory; "": Let's Encrypt
	// Permit, if set, is asked before the authority is reached, or whoever it names, about each address that the name has.
	Permit func(netip.Addr) error

	roots *x509.CertPool // for tests; nil: those of the system
}

// acmeProtocol is by what an authority that checks on port 443 says that it does (RFC 8737).
const acmeProtocol = "acme-tls/1"

// renewEvery is how often it is looked whether a certificate is due. Authorities of one's own may give them for an hour.
const renewEvery = time.Minute

// A manager asks for certificates and renews them.
type manager struct {
	config *certmagic.Config
	cache  *certmagic.Cache
	cancel context.CancelFunc
}

// manage begins to ask. What went wrong is logged, and tried again, more and more rarely.
func manage(ctx context.Context, cfg ACME, dir string, logger *slog.Logger) (*manager, error) {
	ctx, cancel := context.WithCancel(ctx)
	m := &manager{cancel: cancel}
	log := zap.New(slogCore{logger})
	m.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return m.config, nil },
		Logger:           log, RenewCheckInterval: renewEvery,
	})
	m.config = certmagic.New(m.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: dir}, Logger: log,
		DefaultServerName: cfg.Domains[0], FallbackServerName: cfg.Domains[0], // for clients that do not say a name
		// It would be had from where the certificate says, and in clear text. Let's Encrypt has none any more.
		OCSP: certmagic.OCSPConfig{DisableStapling: true},
	})
	issuer := certmagic.ACMEIssuer{CA: cfg.CA, Email: cfg.Email, Agreed: true, TrustedRoots: cfg.roots, Logger: log,
		HTTPProxy: (&guard{permit: cfg.Permit, directory: cfg.CA, resolve: net.DefaultResolver.LookupNetIP}).proxy}
	if issuer.CA == "" {
		issuer.CA = certmagic.LetsEncryptProductionCA
	}
	m.config.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(m.config, issuer)}
	if err := m.config.ManageAsync(ctx, cfg.Domains); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// challenge has a configuration answer an authority that checks, and nobody else, by its protocol.
func (m *manager) challenge(cfg *tls.Config) {
	checks := &tls.Config{GetCertificate: m.config.GetCertificate, MinVersion: tls.VersionTLS12, NextProtos: []string{acmeProtocol}}
	cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.SupportedProtos, acmeProtocol) {
			return checks, nil
		}
		return nil, nil
	}
}

func (m *manager) close() {
	m.cancel()
	m.cache.Stop()
}
