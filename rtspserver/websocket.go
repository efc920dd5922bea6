package rtspserver

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/origin"
)

// wsProtocols are the sub-protocols that carry RTSP: ONVIF's, and what Axis and others offer (WSK-01).
var wsProtocols = []string{"rtsp.onvif.org", "binary", "rtsp"} // only read

// wsPatience is how long a peer may take to read the answer to its handshake.
const wsPatience = 5 * time.Second

// ServeWebSocket makes a request a WebSocket connection (RFC 6455 §4.2) that carries RTSP, and serves it as
// [Server.ServeConn] does; it returns when that has begun. Media goes interleaved over the connection. What is no good
// handshake is answered: 405, 400, 426 for another version, 403 for an Origin that is neither the host of
// the request, by one of its own names or those of Config.Hosts, nor in Config.Origins. The HTTP server's timeouts end with the handshake; its limits on
// headers are the caller's. It is an [http.HandlerFunc].
func (s *Server) ServeWebSocket(w http.ResponseWriter, r *http.Request) {
	if code := s.handshakeFault(w, r); code != 0 {
		http.Error(w, http.StatusText(code), code)
		return
	}
	nc, brw, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or a ResponseWriter that somebody wrapped
		http.Error(w, http.StatusText(http.StatusHTTPVersionNotSupported), http.StatusHTTPVersionNotSupported)
		return
	}
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		wsAccept(r.Header.Get("Sec-WebSocket-Key")) + "\r\n"
	if p := wsProtocol(r.Header); p != "" {
		answer += "Sec-WebSocket-Protocol: " + p + "\r\n"
	}
	nc.SetDeadline(time.Now().Add(wsPatience))
	if _, err := nc.Write([]byte(answer + "\r\n")); err != nil {
		nc.Close()
		return
	}
	nc.SetDeadline(time.Time{})
	ws := newWebSocketConn(nc, brw.Reader)
	ws.forwarded = origin.Forwarded(r.Header)
	s.ServeConn(ws)
}

// handshakeFault is the status with which a handshake is refused, 0 for a good one (RFC 6455 §4.2.1).
func (s *Server) handshakeFault(w http.ResponseWriter, r *http.Request) int {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		return http.StatusMethodNotAllowed
	case !hasToken(r.Header, "Upgrade", "websocket"), !hasToken(r.Header, "Connection", "upgrade"):
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		return http.StatusUpgradeRequired
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		return http.StatusUpgradeRequired
	case err != nil, len(key) != 16, len(r.Header.Values("Sec-WebSocket-Key")) != 1:
		return http.StatusBadRequest
	case !s.pages.Allows(r): // or a page of others would use the browser's place in this network (WSK-07)
		return http.StatusForbidden
	}
	return 0
}

// wsAccept proves to the client that its handshake was understood (RFC 6455 §4.2.2).
func wsAccept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// wsProtocol is the first offered sub-protocol that carries RTSP, as the client wrote it; "" for none.
func wsProtocol(h http.Header) string {
	for p := range tokens(h, "Sec-WebSocket-Protocol") {
		if slices.Contains(wsProtocols, p) {
			return p
		}
	}
	return ""
}

// hasToken looks for a token in a header that is a list, without regard to case.
func hasToken(h http.Header, name, token string) bool {
	for t := range tokens(h, name) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// tokens are the elements of a header that is a list, over all its lines.
func tokens(h http.Header, name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range h.Values(name) {
			for t := range strings.SplitSeq(line, ",") {
				if !yield(strings.TrimSpace(t)) {
					return
				}
			}
		}
	}
}
