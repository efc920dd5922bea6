package gateway

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// cookie is the name of the cookie that carries the key.
const cookie = "baton-play"

// A door lets in the browser that came with the token, which counts once, and whoever has the key it was given then: other pages that
// the browser shows, and other users of the machine, know neither. What is behind the door is in a room, a folder whose name is a secret
// too: to browsers all ports of a host are one, so that the cookie with the key would be sent to whatever else is served on this machine,
// if it were not for this folder alone (RFC 6265 §5.1.4, §8.5).
type door struct {
	host  string // that requests must name: a page of an attacker has another, even if its name leads here
	token string
	room  string // "/" and the secret
	key   string

	mu   sync.Mutex
	used bool
}

func newDoor() *door { return &door{token: secret(), room: "/" + secret(), key: secret()} }

func secret() string {
	var b [24]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// guard shows what is behind the door, and leads who comes with the token to the page. The scripts of the page are for everybody, who
// can read them elsewhere; so is the page itself, where the browser that was here before finds its room again.
func (d *door) guard(behind http.Handler, page string) http.Handler {
	room := http.StripPrefix(d.room, behind)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer") // for an address is a secret
		get := r.Method == http.MethodGet
		switch {
		case r.Host != d.host:
			http.Error(w, "This is reached as "+d.host+" only.", http.StatusMisdirectedRequest)
		case get && strings.HasPrefix(r.URL.Path, "/assets/"):
			behind.ServeHTTP(w, r)
		case get && r.URL.Path == d.room+"/" && d.known(r):
			http.Redirect(w, r, d.room+page, http.StatusSeeOther)
		case strings.HasPrefix(r.URL.Path, d.room+"/") && d.known(r):
			room.ServeHTTP(w, r)
		case get && r.URL.Path == "/" && d.enter(r.URL.Query().Get("token")):
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: d.key, Path: d.room + "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, d.room+page, http.StatusSeeOther)
		case get && r.URL.Path == "/":
			r.URL.Path, r.URL.RawQuery = "/play/", ""
			behind.ServeHTTP(refusing{w}, r)
		default:
			http.Error(w, "Open the address that baton play has printed. It works once, in one browser.", http.StatusForbidden)
		}
	})
}

// A refusing response is 403, whatever else it is.
type refusing struct{ http.ResponseWriter }

func (w refusing) WriteHeader(int) { w.ResponseWriter.WriteHeader(http.StatusForbidden) }

// known tells whether a request has the key. Others may have set cookies of the same name, for less of a folder.
func (d *door) known(r *http.Request) bool {
	for _, c := range r.CookiesNamed(cookie) {
		if same(c.Value, d.key) {
			return true
		}
	}
	return false
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
