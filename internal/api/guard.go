package api

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guarded keeps pages of other hosts out, which a browser on this machine may show. Such a page can have a name that leads
// here (DNS rebinding): the Host must be one of ours. It can send what forms send: a body must be JSON, which needs leave
// that is never given, and what changes something must come from a page of the same origin, or from no page.
func guarded(next http.Handler, names []string) http.Handler {
	var origin http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !ours(r.Host, names):
			problem(w, http.StatusMisdirectedRequest, "the Host of the request is no address or name of this server")
		case origin.Check(r) != nil:
			problem(w, http.StatusForbidden, "the request comes from a page of another origin")
		case r.ContentLength != 0 && !isJSON(r.Header.Get("Content-Type")):
			problem(w, http.StatusUnsupportedMediaType, "a body must have the Content-Type application/json")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ours tells whether a Host can be meant for this server: names that others can choose are not.
func ours(host string, names []string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.EqualFold(name, host) })
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
