package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A self-signed certificate is good for ten years: who trusts it has its fingerprint, and each new one would have to be trusted
// anew. It is made again when less than a month is left.
const (
	selfLife = 10 * 365 * 24 * time.Hour
	selfLeft = 30 * 24 * time.Hour

	selfRetry = time.Hour // after an attempt that failed
)

// A self holds a certificate of our own, and makes another one when a handshake comes and it is due.
type self struct {
	state  string
	logger *slog.Logger
	now    func() time.Time

	// guarded by mu
	mu      sync.Mutex
	current *tls.Certificate
	tried   time.Time // to make the next
}

func newSelf(state string, logger *slog.Logger) (*self, error) {
	s := &self{state: state, logger: logger, now: time.Now}
	var err error
	s.current, err = selfSigned(state, s.now())
	return s, err
}

// certificate is called by each handshake.
func (s *self) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.current.Leaf.NotAfter.Sub(now) > selfLeft || now.Sub(s.tried) < selfRetry {
		return s.current, nil
	}
	s.tried = now
	c, err := selfSigned(s.state, now)
	if err != nil {
		s.logger.Warn("no new certificate could be made, the old one is used", "until", s.current.Leaf.NotAfter, "err", err)
		return s.current, nil
	}
	s.current = c
	s.logger.Info("new certificate: the old one was near its end", "sha256", fingerprint(c))
	return c, nil
}

func (s *self) fingerprint() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fingerprint(s.current)
}

// selfSigned is the certificate that is kept below a folder, or a new one.
func selfSigned(state string, now time.Time) (*tls.Certificate, error) {
	if state == "" {
		b, err := makeSelf(now)
		if err != nil {
			return nil, err
		}
		return parsePair(b)
	}
	dir := filepath.Join(state, "tls")
	name := filepath.Join(dir, "self-signed.pem")
	b, err := os.ReadFile(name)
	switch {
	case err == nil:
		c, err := parsePair(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; without the file a new certificate is made", name, err)
		}
		if c.Leaf.NotAfter.Sub(now) > selfLeft {
			return c, nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if b, err = makeSelf(now); err != nil {
		return nil, err
	}
	if err := keep(dir, name, b); err != nil {
		return nil, fmt.Errorf("the certificate cannot be kept: %w", err)
	}
	return parsePair(b)
}

// parsePair reads a certificate and its key, which are in one file.
func parsePair(b []byte) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(b, b)
	return &c, err
}

// makeSelf makes a certificate for the names and addresses by which the machine knows itself.
func makeSelf(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	names := []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" && host != names[0] {
		names = append(names, host)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Baton, self-signed"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(selfLife), // clocks of clients may be behind
		DNSNames: names, IPAddresses: addresses(),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(b, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

// maxAddresses bounds those in a certificate: machines full of virtual networks have hundreds.
const maxAddresses = 16

// addresses are those of the machine as it is now, so that who has the certificate can verify it under each of them.
func addresses() []net.IP {
	list := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return list
	}
	for _, a := range found {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && len(list) < maxAddresses { // private ones too
			list = append(list, n.IP)
		}
	}
	return list
}

// keep writes a file whole or not at all, readable by its owner alone.
func keep(dir, name string, b []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "new-") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // of no effect once it has its name
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
