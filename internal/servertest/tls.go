package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/rtspserver"
)

// tlsName is the name in the certificate of a world.
const tlsName = "server.test"

// TLS makes what both sides of TLS need: a certificate, and trust in it. It is good in virtual time too.
func TLS(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{tlsName},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}},
		&tls.Config{RootCAs: roots, ServerName: tlsName}
}

// BeginTLS has the server listen with TLS as well: clients use that from now on, and so does what BeginWeb begins.
func (w *World) BeginTLS() {
	w.T.Helper()
	if w.tls != nil {
		w.T.Fatal("the world has TLS: who begins it twice waits for ever for the end of the first")
	}
	server, client := TLS(w.T)
	ln := w.listen(ServerHost + ":322")
	w.tls = &tlsSide{server: server, client: client, addr: ln.Addr().String()}
	w.URL = "rtsps://" + strings.TrimSuffix(w.tls.addr, ":322")
	w.wg.Go(func() { w.Server.Serve(rtspserver.NewTLSListener(ln, server)) }) // ends with the world
	if w.Net != nil {
		synctest.Wait()
	} else {
		w.Until(patience, func() bool { // until Serve has it
			nc, err := tls.Dial("tcp", w.tls.addr, client)
			if err == nil {
				nc.Close()
			}
			return err == nil
		})
	}
}

// A tlsSide is what a world with TLS has more.
type tlsSide struct {
	server, client *tls.Config
	addr           string
}

// listen opens a port: the one asked for in memory, else a free one.
func (w *World) listen(addr string) net.Listener {
	w.T.Helper()
	var ln net.Listener
	var err error
	if w.Net != nil {
		ln, err = w.Net.Listen(addr)
	} else {
		ln, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return ln
}

// DialTLS speaks TLS to a port, whichever it is; the handshake is made with the first byte.
func (w *World) DialTLS(host, addr string) net.Conn {
	w.T.Helper()
	return &tlsConn{tls.Client(w.dial(host, addr), w.tls.client)}
}

// DialClear opens a connection without TLS: to the port of TLS when secure, else to the other.
func (w *World) DialClear(host string, secure bool) net.Conn {
	w.T.Helper()
	if secure {
		return w.dial(host, w.tls.addr)
	}
	return w.dial(host, w.addr)
}

// ClearAddr is the address of the port without TLS.
func (w *World) ClearAddr() string { return w.addr }

type tlsConn struct{ *tls.Conn }

// SetReadBuffer narrows the connection, see Client.Narrow.
func (c *tlsConn) SetReadBuffer(bytes int) error {
	return c.NetConn().(interface{ SetReadBuffer(bytes int) error }).SetReadBuffer(bytes)
}
