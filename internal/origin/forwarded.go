package origin

import "net/http"

// forwarding are headers by which proxies say that a request is not their own; read only.
var forwarding = []string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "X-Real-Ip", "X-Client-Ip", "Cf-Connecting-Ip",
	"True-Client-Ip", "X-Envoy-External-Address", "Via",
}

// Forwarded tells whether a request says that a proxy has passed it on: then the address that it came from is not that of who
// asks. What the headers say of the address is not looked at, since who asks can write there what they like. Not every proxy says so.
func Forwarded(h http.Header) bool {
	for _, name := range forwarding {
		if len(h[name]) > 0 {
			return true
		}
	}
	return false
}
