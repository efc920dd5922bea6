package cert

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// shown is the fingerprint of the certificate that a handshake gets, over a connection that stays.
func shown(t *testing.T, s *Source) (string, *tls.Conn, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	server := tls.Server(far, s.TLS())
	go server.Handshake() // ends with the client's
	c := tls.Client(near, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	return fingerprint(&tls.Certificate{Certificate: [][]byte{c.ConnectionState().PeerCertificates[0].Raw}}), c, server
}

func open(t *testing.T, cfg Config) *Source {
	t.Helper()
	cfg.Logger = quiet()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pair(t *testing.T) []byte {
	t.Helper()
	b, err := makeSelf(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Who has trusted the certificate once need not do it again.
func TestSelfSignedStays(t *testing.T) {
	state := t.TempDir()
	first, second := open(t, Config{Auto: true, State: state}), open(t, Config{Auto: true, State: state})
	if got, _, _ := shown(t, second); got != first.Fingerprint() || len(got) != 32*3-1 {
		t.Errorf("%s, then %s", first.Fingerprint(), got)
	}
	info, err := os.Stat(filepath.Join(state, "tls", "self-signed.pem"))
	if err != nil || info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", info, err)
	}
	if open(t, Config{Auto: true}).Fingerprint() == first.Fingerprint() {
		t.Error("the same without a folder")
	}
}

// A broken file is a reason not to start: a new certificate would surprise whoever trusts the old one.
func TestBrokenSelfSignedIsToldOf(t *testing.T) {
	state := t.TempDir()
	os.Mkdir(filepath.Join(state, "tls"), 0o700)
	write(t, filepath.Join(state, "tls", "self-signed.pem"), []byte("x"))
	if _, err := Open(t.Context(), Config{Auto: true, State: state, Logger: quiet()}); err == nil || !strings.Contains(err.Error(), "self-signed.pem") {
		t.Error(err)
	}
}

// SEC-08: a changed certificate is what the next handshake gets; what is connected stays; what is broken or half written is not used.
func TestFilesAreReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "server.pem")
	one, two := pair(t), pair(t)
	write(t, name, one)
	r, err := newReloader(Files{name, name}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	r.now = func() time.Time { return now }
	s := &Source{get: r.certificate}
	before, client, server := shown(t, s)
	change := func(b []byte) string {
		write(t, name, b)
		now = now.Add(time.Hour)
		os.Chtimes(name, now, now) // file systems may count in coarse steps
		got, _, _ := shown(t, s)
		return got
	}
	if got := change(one[:len(one)/2]); got != before {
		t.Error("half a file was used")
	}
	if got := change(two); got == before {
		t.Error("the new certificate was not used")
	}
	go io.WriteString(server, "on") // ends with the read
	b := make([]byte, 2)
	if _, err := io.ReadFull(client, b); err != nil || string(b) != "on" {
		t.Errorf("the connection that was there: %q, %v", b, err)
	}
}

func TestBadFilesAreToldOf(t *testing.T) {
	dir := t.TempDir()
	good, other := filepath.Join(dir, "good.pem"), filepath.Join(dir, "other.pem")
	write(t, good, pair(t))
	write(t, other, pair(t))
	for _, f := range []Files{{good, filepath.Join(dir, "none")}, {good, other}, {dir, good}} {
		if _, err := Open(t.Context(), Config{Files: &f, Logger: quiet()}); err == nil {
			t.Errorf("%v was taken", f)
		}
	}
}

// An authority is asked for its directory and then for an account, and only if that is wanted.
func TestACMEAsksTheAuthority(t *testing.T) {
	asked := make(chan string, 100)
	mux := http.NewServeMux()
	ca := httptest.NewTLSServer(mux)
	defer ca.Close()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- r.URL.Path:
		default:
		}
		w.Header().Set("Replay-Nonce", "abc")
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/directory":
			io.WriteString(w, strings.ReplaceAll(`{"newNonce":"CA/nonce","newAccount":"CA/account","newOrder":"CA/order"}`, "CA", ca.URL))
		case "/nonce":
		default:
			http.Error(w, "no", http.StatusForbidden)
		}
	})
	roots := ca.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	s := open(t, Config{State: t.TempDir(), ACME: &ACME{Domains: []string{"baton.example"}, CA: ca.URL + "/directory", roots: roots}})
	for got := ""; got != "/account"; {
		select {
		case got = <-asked:
		case <-time.After(20 * time.Second):
			t.Fatal("no account was asked for")
		}
	}
	if cfg, err := s.TLS("http/1.1").GetConfigForClient(&tls.ClientHelloInfo{SupportedProtos: []string{acmeProtocol}}); err != nil || cfg == nil || cfg.NextProtos[0] != acmeProtocol {
		t.Errorf("an authority that checks gets %v, %v", cfg, err)
	}
	if cfg, err := s.TLS().GetConfigForClient(&tls.ClientHelloInfo{SupportedProtos: []string{"http/1.1"}}); err != nil || cfg != nil {
		t.Errorf("others get %v, %v", cfg, err)
	}
}

// Without a folder each start would ask for another certificate, until the authority has had enough.
func TestACMENeedsAFolder(t *testing.T) {
	if _, err := Open(t.Context(), Config{ACME: &ACME{Domains: []string{"baton.example"}}, Logger: quiet()}); err == nil {
		t.Error("taken")
	}
}
