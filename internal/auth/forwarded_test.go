package auth

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// AUT-08: what a proxy on this machine passes on does not come from this machine, or everybody out there could do what is left to
// whoever sits at it.
func TestWhatAProxyPassesOnIsNotOfThisMachine(t *testing.T) {
	const text = "anonymous: [ { do: [read, publish], from: loopback } ]"
	t.Run("http", func(t *testing.T) {
		list := ForReaders(authorityOf(t, text, nil), nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for header, want := range map[string]int{"": 200, "X-Other": 200, "X-Forwarded-For": 401, "Forwarded": 401, "x-real-ip": 401, "Via": 401} {
			for _, from := range []string{"127.0.0.1:5", "[::1]:5", "192.0.2.1:5"} {
				r := httptest.NewRequest("GET", "/api/v1/presentations", nil)
				r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8080})))
				if r.RemoteAddr = from; header != "" {
					r.Header.Add(header, "203.0.113.5")
				}
				w := httptest.NewRecorder()
				if list.ServeHTTP(w, r); w.Code != want {
					t.Errorf("%q from %s: %d, want %d", header, from, w.Code, want)
				}
			}
		}
	})
	t.Run("websocket", func(t *testing.T) {
		serveGated(t, text, nil, func(t *testing.T, w *servertest.World, _ *bytes.Buffer) {
			w.BeginWeb()
			w.Handler.Live("cam", servertest.Audio)
			for header, want := range map[string]rtsp.StatusCode{"": rtsp.StatusOK, "X-Forwarded-For: 203.0.113.5\r\n": rtsp.StatusUnauthorized} {
				_, nc := w.Handshake(servertest.ServerHost, servertest.GoodHandshake+header)
				c := w.Talk(servertest.ServerHost, nc)
				if resp := c.Do("DESCRIBE", "cam"); resp.Status != want {
					t.Errorf("%q: %d, want %d", header, resp.Status, want)
				}
				c.Close()
			}
		})
	})
}

// AUT-08: forwarders of ports can have everybody come from a container's own address, which is no sign of being in it.
func TestAContainersAddressIsNotThisMachine(t *testing.T) {
	a := authorityOf(t, "anonymous: [ { do: read, from: loopback } ]", nil)
	for _, contained := range []bool{false, true} {
		a.contained = contained
		for from, want := range map[string]bool{"192.0.2.1": !contained, "127.0.0.1": true, "::1": true} {
			r := read("cam")
			r.Address, r.Local = netip.MustParseAddr(from), true
			if _, err := a.Authorize(t.Context(), r); (err == nil) != want {
				t.Errorf("contained %v, from %s: %v", contained, from, err)
			}
			if _, sees, err := a.List(t.Context(), r); (err == nil && sees("cam", false)) != want {
				t.Errorf("contained %v, list from %s: %v", contained, from, err)
			}
		}
	}
}

// Rights that hold everywhere hold behind a proxy too, those of a place do not: where who asks is, is not known.
func TestRightsBehindAProxy(t *testing.T) {
	a := authorityOf(t, `anonymous: [ { do: read, path: open, from: all }, { do: read, path: free }, { do: read, path: lan, from: 192.0.2.0/24 } ]`, nil)
	for path, want := range map[string]bool{"open": true, "free": true, "lan": false} {
		r := read(path)
		if _, err := a.Authorize(t.Context(), r); err != nil {
			t.Errorf("%s, straight: %v", path, err)
		}
		r.Forwarded = true
		if _, err := a.Authorize(t.Context(), r); (err == nil) != want {
			t.Errorf("%s, by a proxy: %v", path, err)
		}
	}
}
