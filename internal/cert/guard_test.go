package cert

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What an authority names is judged by its address, each that it has, and never leads out of TLS.
func TestAuthorityLeadsOnlyWhereItMay(t *testing.T) {
	denied := errors.New("denied")
	g := &guard{directory: "https://ca.example/dir",
		permit: func(a netip.Addr) error {
			if a == netip.MustParseAddr("169.254.169.254") {
				return denied
			}
			return nil
		},
		resolve: func(_ context.Context, _, host string) ([]netip.Addr, error) {
			list := map[string][]netip.Addr{
				"ca.example":    {netip.MustParseAddr("192.0.2.1")},
				"cloud.example": {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:169.254.169.254")},
			}
			if a, err := netip.ParseAddr(host); err == nil {
				return []netip.Addr{a}, nil
			}
			if list[host] == nil {
				return nil, errors.New("no such host")
			}
			return list[host], nil
		}}
	for url, allowed := range map[string]bool{
		"https://ca.example/dir": true, "https://192.0.2.7/": true, "https://cloud.example/": false, "https://169.254.169.254/": false,
		"http://ca.example/dir": false, "https://nowhere.example/": false,
	} {
		r, err := http.NewRequest("GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.proxy(r); (err == nil) != allowed {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// An authority at an address that is denied is not asked, and the log says why.
func TestACMEAsksThePolicy(t *testing.T) {
	ca := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) }))
	defer ca.Close()
	denied := errors.New("the policy does not like it")
	logged, into := io.Pipe()
	defer logged.Close() // what is logged later has nobody to wait for
	s, err := Open(t.Context(), Config{
		State: t.TempDir(), Logger: slog.New(slog.NewTextHandler(into, nil)),
		ACME: &ACME{Domains: []string{"baton.example"}, CA: ca.URL + "/directory", Permit: func(netip.Addr) error { return denied }},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	line := make(chan string, 1)
	go func() { // ends with the first line, or when the pipe is closed
		b := make([]byte, 4096)
		n, _ := logged.Read(b)
		line <- string(b[:n])
	}()
	select {
	case text := <-line:
		if !strings.Contains(text, denied.Error()) || !strings.Contains(text, "level=WARN") {
			t.Error(text)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing is logged")
	}
}
