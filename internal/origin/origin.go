// Package origin tells the web pages that may speak to a server from those of others, by what a browser says of them: the Host
// that it believes to reach, and the Origin of the page (RFC 6454). A page of somebody else whose name leads to this machine (DNS
// rebinding) has the same Host and Origin, but a name that this machine does not know.
package origin

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// A Guard knows the names of a server, and the pages of others that may use it. It is not changed after [New] and may be used from
// any goroutine.
type Guard struct {
	hosts, origins []string
}

// New makes a guard. Hosts are names of this server besides addresses, localhost, and those that the system gives this machine;
// origins are pages of others, scheme://host[:port] each, whose hosts are names of this server too: a page that stands behind the
// same proxy. "*" among either is any.
func New(hosts, origins []string) *Guard {
	g := &Guard{origins: origins}
	if name, err := os.Hostname(); err == nil {
		short, _, _ := strings.Cut(name, ".")
		g.hosts = append(g.hosts, name, short, short+".local") // as mDNS announces it
	}
	g.hosts = append(g.hosts, hosts...)
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && u.Hostname() != "" {
			g.hosts = append(g.hosts, u.Hostname())
		}
	}
	if slices.Contains(origins, "*") {
		g.hosts = append(g.hosts, "*")
	}
	return g
}

// Knows tells whether a Host header, with or without a port, names this server.
func (g *Guard) Knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return true // an address cannot be made to lead elsewhere
	}
	if host == "" {
		return false
	}
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") || // no resolver leads these elsewhere
		slices.ContainsFunc(g.hosts, func(h string) bool { return h == "*" || strings.EqualFold(h, host) })
}

// Allows tells whether a request may have come from its page: from none, as what is no browser sends no Origin, from one of this
// server, or from one that is listed.
func (g *Guard) Allows(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	if len(origins) > 1 {
		return false
	}
	if slices.ContainsFunc(g.origins, func(o string) bool { return o == "*" || strings.EqualFold(o, origins[0]) }) {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) && g.Knows(r.Host)
}
