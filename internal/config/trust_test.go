package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A signed is a certificate that nobody vouches for, for camera.lan until a moment.
func signed(t *testing.T, until time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: until, DNSNames: []string{"camera.lan"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "it.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// shake is what a client that trusts so makes of a server that shows a certificate.
func shake(t *testing.T, trust Trust, host string, c tls.Certificate) error {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go func() { // ends with the client's side
		tls.Server(far, &tls.Config{Certificates: []tls.Certificate{c}}).Handshake()
		far.Close()
	}()
	cfg := trust.TLS().Clone()
	cfg.ServerName = host
	return tls.Client(near, cfg).Handshake()
}

// SEC-08: a fingerprint takes that certificate alone, whatever it says of itself; a file takes those it vouches for, of the right name and
// in time.
func TestTrust(t *testing.T) {
	one, file := signed(t, time.Now().Add(time.Hour))
	late, lateFile := signed(t, time.Now().Add(-time.Hour))
	other, _ := signed(t, time.Now().Add(time.Hour))
	pin := func(c tls.Certificate) Trust { return Trust(fmt.Sprintf("%x", sha256.Sum256(c.Certificate[0]))) }
	colons := Trust(strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(one.Certificate[0])), " ", ":"))
	for _, c := range []struct {
		name  string
		trust Trust
		host  string
		shown tls.Certificate
		taken bool
	}{
		{"its fingerprint", pin(one), "camera.lan", one, true},
		{"with colons", colons, "camera.lan", one, true},
		{"by another name", pin(one), "192.0.2.9", one, true},
		{"although it is out of date", pin(late), "camera.lan", late, true},
		{"another fingerprint", pin(one), "camera.lan", other, false},
		{"its file", Trust(file), "camera.lan", one, true},
		{"by its address", Trust(file), "192.0.2.1", one, true},
		{"a file, by another name", Trust(file), "other.lan", one, false},
		{"a file, by another address", Trust(file), "192.0.2.9", one, false},
		{"a file, out of date", Trust(lateFile), "camera.lan", late, false},
		{"another's file", Trust(file), "camera.lan", other, false},
		{"a file that is gone", Trust(file + "x"), "camera.lan", one, false},
	} {
		if err := shake(t, c.trust, c.host, c.shown); (err == nil) != c.taken {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if Trust("").TLS() != nil {
		t.Error("nothing is not as usual")
	}
}

func TestTrustIsParsed(t *testing.T) {
	_, file := signed(t, time.Now())
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("-----BEGIN NONSENSE-----"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("aB", 32)
	for text, ok := range map[string]bool{
		sum: true, strings.ToLower(sum): true, file: true, "": false, sum[2:]: false, sum + "00": false, empty: false, file + "x": false, "\x00": false,
	} {
		got, err := ParseTrust(text)
		if (err == nil) != ok || ok && got != Trust(text) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	c := mustLoadFile(t, "paths: { \"cam/*\": { trust: \""+sum+"\" } }")
	if got := c.Path("cam/1").Trust; got != Trust(sum) {
		t.Errorf("of a path: %q", got)
	}
	if got := placesOf(t, func() error { _, err := loadFile("paths:\n  cam:\n    trust: nowhere.pem"); return err }()); got[0].Line != 3 {
		t.Errorf("a file that is not there: %v", got)
	}
}
