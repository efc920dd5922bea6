package auth

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/internal/origin"
)

// ForAdmins lets only them through to a handler. The others get 401 with challenges, 403, 429 or 503.
func ForAdmins(a Authorizer, audit *Audit, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := httpRequest(r, Admin)
		principal, err := a.Authorize(r.Context(), q)
		audit.Note(q, principal, err)
		if err != nil {
			refuse(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sightKey is where a request's context has the Sight.
type sightKey struct{}

// SightOf is what may be told to who sent the request that a context is of; see [ForReaders].
func SightOf(ctx context.Context) Sight {
	if sees, ok := ctx.Value(sightKey{}).(Sight); ok {
		return sees
	}
	return nil
}

// ForReaders lets those through to a handler who may read something, and tells it what: [SightOf]. The others get what
// [ForAdmins] answers.
func ForReaders(a Authorizer, audit *Audit, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := httpRequest(r, Read)
		principal, sees, err := a.List(r.Context(), q)
		if err != nil { // those who may are no news: pages ask what there is every few seconds
			audit.Note(q, principal, err)
			refuse(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), sightKey{}, sees)))
	})
}

// refuse is the answer that a decision becomes.
func refuse(w http.ResponseWriter, err error) {
	var refused *Refusal
	code, wait := http.StatusServiceUnavailable, 5*time.Second
	if errors.As(err, &refused) {
		code, wait = httpStatus(refused)
		w.Header()["Www-Authenticate"] = refused.Challenges
	}
	if wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
	}
	http.Error(w, http.StatusText(code), code)
}

func httpStatus(no *Refusal) (code int, wait time.Duration) {
	switch no.Err {
	case ErrForbidden:
		return http.StatusForbidden, 0
	case ErrTooOften:
		return http.StatusTooManyRequests, no.Wait
	}
	return http.StatusUnauthorized, 0
}

func httpRequest(r *http.Request, action Action) *Request {
	remote, _ := netip.ParseAddrPort(r.RemoteAddr)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	q := &Request{
		Action: action, Address: remote.Addr().Unmap(), Local: isAt(local, remote.Addr()), Forwarded: origin.Forwarded(r.Header),
		Protocol: "http", Secure: r.TLS != nil, Resource: r.URL.Path,
		Method: r.Method, URI: r.RequestURI, Authorization: r.Header.Values("Authorization"), Query: r.URL.RawQuery,
	}
	if r.TLS != nil {
		q.Protocol = "https"
	}
	return q
}

// isAt tells whether a local address has the same host as a remote one: who asks is this machine.
func isAt(local net.Addr, remote netip.Addr) bool {
	a, ok := local.(*net.TCPAddr)
	return ok && a.AddrPort().Addr().Unmap() == remote.Unmap()
}
