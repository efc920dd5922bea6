package auth

import (
	"testing"

	"github.com/baton-rtsp/baton/internal/config"
)

// SEC-01, AUT-09: whatever a client sends as credentials, it is no way in, and costs no more than it weighs.
func FuzzCredentials(f *testing.F) {
	for _, header := range []string{
		`Digest username="ann", realm="Baton", nonce="x", uri="rtsp://h/p", response="00", algorithm=MD5-sess, qop=auth, nc=1, cnonce=x`,
		"Digest", "Basic YW5uOng=", "Bearer x.y.z", "Digest username=", `Digest username="\`, "basic", "",
	} {
		f.Add(header, "token=%41&jwt=", "rtsp://h/p", true)
		f.Add(header, "a=b", "*", false)
	}
	users := []config.User{{Name: "ann", Password: config.NewSecret("k9#unlikely#77"), Allow: []config.Right{{Do: []Action{Read}}}}}
	a, err := New(f.Context(), Config{Users: users, Auth: config.Auth{MD5: true}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header, query, uri string, secure bool) {
		r := read("p")
		r.Authorization, r.Query, r.URI, r.Secure = []string{header}, query, uri, secure
		a.(*authority).limiter = newLimiter()
		if who, err := a.Authorize(t.Context(), r); err == nil || who != "" {
			t.Errorf("%q, %v", who, err)
		}
	})
}
