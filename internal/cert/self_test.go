package cert

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A certificate of our own that comes to its end is made anew, while the server runs and at its start, and is kept.
func TestSelfSignedIsMadeAnewBeforeItsEnd(t *testing.T) {
	state := t.TempDir()
	var log bytes.Buffer
	s, err := newSelf(state, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	source := &Source{get: s.certificate, fingerprint: s.fingerprint}
	first := source.Fingerprint()
	now := time.Now()
	s.now = func() time.Time { return now }
	for _, step := range []struct {
		after time.Duration
		anew  bool
	}{{selfLife - selfLeft - time.Hour, false}, {2 * time.Hour, true}, {time.Hour, false}} {
		now = now.Add(step.after)
		before := source.Fingerprint()
		if got, _, _ := shown(t, source); (got != before) != step.anew || got != source.Fingerprint() {
			t.Errorf("%v: another one: %v", now, got != before)
		}
	}
	if !strings.Contains(log.String(), source.Fingerprint()) || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("logged: %s", &log)
	}
	next, err := newSelf(state, quiet())
	if err != nil || next.fingerprint() != source.Fingerprint() || next.fingerprint() == first {
		t.Errorf("the next start has %s, %v", next.fingerprint(), err)
	}
	old, err := makeSelf(time.Now().Add(selfLeft - selfLife))
	if err != nil {
		t.Fatal(err)
	}
	write(t, state+"/tls/self-signed.pem", old)
	if next, err = newSelf(state, quiet()); err != nil || time.Until(next.current.Leaf.NotAfter) < selfLeft {
		t.Errorf("an old one is used at the start: %v", err)
	}
}

// Where no new one can be kept the old one goes on, and the log says so now and then.
func TestSelfSignedThatCannotBeMadeAnew(t *testing.T) {
	state := t.TempDir()
	var log bytes.Buffer
	s, err := newSelf(state, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(state + "/tls")
	write(t, state+"/tls", nil) // a file in place of the folder
	now := time.Now().Add(selfLife)
	s.now = func() time.Time { return now }
	for range 10 {
		if c, err := s.certificate(nil); err != nil || c == nil {
			t.Fatal(err)
		}
		now = now.Add(selfRetry / 5)
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, &log)
	}
}

// Who is given the certificate can verify it under every name and address of the machine.
func TestSelfSignedNamesTheMachine(t *testing.T) {
	c, err := selfSigned("", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	names := []string{"localhost", "127.0.0.1", "::1", host}
	found, _ := net.InterfaceAddrs()
	for _, a := range found[:min(len(found), maxAddresses-2)] {
		if ip := a.(*net.IPNet).IP; ip.IsGlobalUnicast() {
			names = append(names, ip.String())
		}
	}
	for _, name := range names {
		if err := c.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if c.Leaf.VerifyHostname("baton.example") == nil {
		t.Error("it is anybody's")
	}
}

// KEY-01: TLS 1.2 with suites that seal and authenticate in one, TLS 1.3, and nothing older; HTTP where it is said.
func TestOnlyModernTLSIsSpoken(t *testing.T) {
	s := open(t, Config{Auto: true})
	shake := func(client *tls.Config, protocols ...string) (tls.ConnectionState, error) {
		near, far := net.Pipe()
		defer near.Close()
		go func() { // ends with the client's side
			tls.Server(far, s.TLS(protocols...)).Handshake()
			far.Close()
		}()
		client.InsecureSkipVerify = true
		c := tls.Client(near, client)
		err := c.Handshake()
		return c.ConnectionState(), err
	}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if suite.SupportedVersions[0] == tls.VersionTLS13 {
			continue
		}
		// The certificate's key is an ECDSA one.
		modern := strings.HasPrefix(suite.Name, "TLS_ECDHE_ECDSA_") && (strings.Contains(suite.Name, "_GCM_") || strings.Contains(suite.Name, "_CHACHA20_"))
		if _, err := shake(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}}); (err == nil) != modern {
			t.Errorf("%s: %v", suite.Name, err)
		}
	}
	if state, err := shake(&tls.Config{}); err != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("%x, %v", state.Version, err)
	}
	if _, err := shake(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1")
	}
	if state, err := shake(&tls.Config{NextProtos: []string{"h2", "http/1.1"}}, "http/1.1"); err != nil || state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("%q, %v", state.NegotiatedProtocol, err)
	}
	if state, err := shake(&tls.Config{NextProtos: []string{"rtsp/1.0"}}); err != nil || state.NegotiatedProtocol != "" {
		t.Errorf("%q, %v", state.NegotiatedProtocol, err)
	}
}
