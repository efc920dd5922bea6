package gateway

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"sync"
)

// cookie is how the name of the cookie that carries the key begins.
const cookie = "baton-play-"

// A door lets in the browser that came with the token, which counts once, and whoever has the key it was given then: other pages that
// the browser shows, and other users of the machine, know neither.
type door struct {
	host  string // that requests must name: a page of an attacker has another, even if its name leads here
	token string
	key   string

	mu   sync.Mutex
	used bool
}

func newDoor() *door { return &door{token: secret(), key: secret()} }

func secret() string {
	var b [24]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// guard shows what is behind the door, and leads who comes with the token to the page.
func (d *door) guard(behind http.Handler, page string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host != d.host:
			http.Error(w, "This is reached as "+d.host+" only.", http.StatusMisdirectedRequest)
		case d.known(r):
			if r.URL.Path == "/" {
				http.Redirect(w, r, page, http.StatusSeeOther)
				return
			}
			behind.ServeHTTP(w, r)
		case r.Method == http.MethodGet && r.URL.Path == "/" && d.enter(r.URL.Query().Get("token")):
			http.SetCookie(w, &http.Cookie{Name: d.cookie(), Value: d.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, page, http.StatusSeeOther)
		default:
			http.Error(w, "Open the address that baton play has printed. It works once, in one browser.", http.StatusForbidden)
		}
	})
}

func (d *door) known(r *http.Request) bool {
	c, err := r.Cookie(d.cookie())
	return err == nil && same(c.Value, d.key)
}

// cookie has the port in its name: to browsers all ports of a host are one, and who plays two servers has two keys.
func (d *door) cookie() string {
	_, port, _ := net.SplitHostPort(d.host)
	return cookie + port
}

// enter takes the token, once.
func (d *door) enter(token string) bool {
	if !same(token, d.token) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	first := !d.used
	d.used = true
	return first
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
