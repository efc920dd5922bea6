package rtspclient

import (
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// repaired is a base URL as cameras write it, made usable: "rtsp://rtsp://h/…", "h:554/…" without a scheme, an IPv6 address
// without brackets (SYN-32). It is def when nothing helps.
func repaired(base, def string) string {
	base = strings.TrimSpace(base)
	for {
		inner, ok := strings.CutPrefix(base, "rtsp://")
		if !ok || !strings.HasPrefix(inner, "rtsp://") && !strings.HasPrefix(inner, "rtsps://") {
			break
		}
		base = inner
	}
	if base == "" {
		return def
	}
	if strings.HasPrefix(base, "/") {
		return rtsp.ResolveControl(def, base)
	}
	if !strings.Contains(base, "://") {
		base = "rtsp://" + base
	}
	scheme, rest, _ := strings.Cut(base, "://")
	host, path, _ := strings.Cut(rest, "/")
	if strings.Count(host, ":") > 1 && !strings.HasPrefix(host, "[") { // else it has user information
		if bracketed := scheme + "://[" + host + "]/" + path; usable(bracketed) {
			return bracketed
		}
	}
	if usable(base) {
		return base
	}
	return def
}

func usable(s string) bool {
	u, err := rtsp.ParseURL(s)
	return err == nil && u.Host != ""
}
