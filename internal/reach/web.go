package reach

import (
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// IsWeb tells whether RTSP to a URL goes over WebSocket.
func IsWeb(url string) bool {
	scheme, _, _ := strings.Cut(url, "://")
	return strings.EqualFold(scheme, "ws") || strings.EqualFold(scheme, "wss")
}

// ParseWeb reads a URL of WebSocket. The port is always in its Host: RTSP's defaults are others.
func ParseWeb(url string) (*rtsp.URL, error) {
	scheme, rest, _ := strings.Cut(url, "://")
	scheme = strings.ToLower(scheme)
	u, err := rtsp.ParseURL("rtsp://" + rest)
	if err != nil {
		return nil, err
	}
	u.Scheme = scheme
	authority, _, _ := strings.Cut(u.Host, "@")
	if tail := authority[strings.LastIndexByte(authority, ']')+1:]; !strings.Contains(tail, ":") {
		u.Host = strings.TrimSuffix(authority, ":") + map[string]string{"ws": ":80", "wss": ":443"}[scheme]
	}
	return u, nil
}

// Inside is what requests name that go through the WebSocket of a URL, where nothing else is said: the same host, port and path.
func Inside(u *rtsp.URL) string {
	plain := *u
	plain.Scheme = "rtsp"
	return plain.String()
}
