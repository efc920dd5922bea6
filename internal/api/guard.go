package api

import (
	"mime"
	"net/http"

	"github.com/baton-rtsp/baton/internal/origin"
)

// guarded keeps pages of other hosts out, which a browser on this machine may show. Such a page can have a name that leads
// here (DNS rebinding): the Host must be one of ours. It can send what forms send: a body must be JSON, which needs leave
// that is never given, and what changes something must come from a page of the same origin, or from no page.
func guarded(next http.Handler, names []string) http.Handler {
	known := origin.New(names, nil)
	var page http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !known.Knows(r.Host):
			problem(w, http.StatusMisdirectedRequest, "the Host of the request is no address or name of this server: its configuration can name more of them in hosts")
		case page.Check(r) != nil:
			problem(w, http.StatusForbidden, "the request comes from a page of another origin")
		case r.ContentLength != 0 && !isJSON(r.Header.Get("Content-Type")):
			problem(w, http.StatusUnsupportedMediaType, "a body must have the Content-Type application/json")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
