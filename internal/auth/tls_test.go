package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
)

// selfSigned is a certificate for tests.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// AUT-01, AUT-12: on a connection inside TLS a password may come as it is, and a token in a header; the connection
// knows where it is. On others neither counts.
func TestPasswordsComeInsideTLSAlone(t *testing.T) {
	w := newWeb()
	w.answer = tableService
	serveGated(t, tableConfig, w, func(t *testing.T, world *servertest.World, audit *bytes.Buffer) {
		world.Handler.Live("cam/x", servertest.Audio)
		ln, err := world.Net.Listen(servertest.ServerHost + ":322")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // ends with the listener
			defer close(done)
			world.Server.Serve(tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}))
		}()
		defer func() { ln.Close(); <-done }()
		nc, err := world.Net.Dial(t.Context(), servertest.ClientHost, servertest.ServerHost+":322")
		if err != nil {
			t.Fatal(err)
		}
		inside := world.Talk(servertest.ClientHost, tls.Client(nc, &tls.Config{InsecureSkipVerify: true}))
		defer inside.Close()
		clear := world.Dial()
		defer clear.Close()
		basic := "Authorization: " + "Basic " + basic64("reader:"+canary)
		bearer := "Authorization: Bearer " + w.token("t", time.Hour, map[string]any{"baton": []any{map[string]any{"do": "read", "path": "cam/*"}}})
		for _, header := range []string{basic, bearer} {
			if r := inside.Do("DESCRIBE", "cam/x", header); r.Status != 200 {
				t.Errorf("%.22s inside TLS: %d", header, r.Status)
			}
			if r := clear.Do("DESCRIBE", "cam/x", header); r.Status != 401 {
				t.Errorf("%.22s in the clear: %d", header, r.Status)
			}
		}
		offered := strings.Join(inside.Do("DESCRIBE", "cam/x").Header.Values("WWW-Authenticate"), "\n")
		if !strings.Contains(offered, "Basic ") || !strings.Contains(offered, "Bearer ") {
			t.Errorf("inside TLS is offered %q", offered)
		}
		if !strings.Contains(audit.String(), `"protocol":"rtsps","allowed":true`) || strings.Contains(world.Log.String()+audit.String(), canary) {
			t.Errorf("audit:\n%s", audit)
		}
	})
}
