package cert

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// A guard judges where requests to an authority lead, those to URLs that the authority names and to where it redirects as well. The
// library opens its connections itself and lets nobody look on; but it asks before each request whether that goes through a proxy, and
// so it can be told no. A name that has another address a moment later leads to nobody who could do harm: all is asked inside TLS, and
// whoever is there would have to show a certificate of that name.
type guard struct {
	permit    func(netip.Addr) error // nil: anywhere
	directory string
	resolve   func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// proxy is that of the environment, if there is one: then it alone is dialled, and is the operator's own.
func (g *guard) proxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" && strings.HasPrefix(g.directory, "https:") {
		return nil, fmt.Errorf("the authority leads to %s, outside of TLS", r.URL.Redacted())
	}
	through, err := http.ProxyFromEnvironment(r)
	if through != nil || err != nil || g.permit == nil {
		return through, err
	}
	addrs, err := g.resolve(r.Context(), "ip", r.URL.Hostname())
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		if err := g.permit(addr.Unmap()); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
