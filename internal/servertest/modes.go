package servertest

import (
	"testing"

	"github.com/baton-rtsp/baton/rtspserver"
)

// A Need is what a body wants besides a connection that carries RTSP and interleaved media. The zero value is nothing.
type Need uint8

// The needs of bodies.
const (
	UDP   Need = iota + 1 // media beside the connection
	Clear                 // a server that knows nothing but RTSP over TCP
)

// NeedOf is what media over a lower transport needs, "tcp" or "udp".
func NeedOf(lower string) Need {
	if lower == "udp" {
		return UDP
	}
	return 0
}

// A mode is a way in which bodies are run.
type mode struct {
	name  string
	run   func(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World))
	begin func(w *World)  // what its clients speak; nil: RTSP over TCP
	lacks map[Need]string // why bodies that need it do not apply
}

// modes are those of Everywhere. Read only.
var modes = []mode{
	{name: "memory", run: InMemory},
	{name: "loopback", run: onSystem},
	{name: "portable", run: onPortable},
	{name: "memory over TLS", run: InMemory, begin: (*World).BeginTLS, lacks: map[Need]string{
		UDP:   "who has come over TLS gets no media in the clear: 461",
		Clear: "the server has TLS",
	}},
	{name: "memory over WebSocket", run: InMemory, begin: (*World).BeginWeb, lacks: map[Need]string{
		UDP:   "over WebSocket media is interleaved (WSK-05): 461",
		Clear: "the client speaks WebSocket",
	}},
	{name: "memory over secure WebSocket", run: InMemory, begin: beginSecureWeb, lacks: map[Need]string{
		UDP:   "over WebSocket media is interleaved (WSK-05): 461",
		Clear: "the server has TLS",
	}},
}

// Everywhere runs the same body in all modes: in memory, on loopback with this system's senders, on loopback with the portable
// ones; and in memory over TLS, over WebSocket, and over both. It must not depend on virtual time. Modes that lack what it needs
// are left out.
func Everywhere(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World), needs ...Need) {
	t.Helper()
	for _, m := range modes {
		if why := m.lack(needs); why != "" {
			t.Logf("not %s: %s", m.name, why)
			continue
		}
		t.Run(m.name, func(t *testing.T) { m.run(t, change, m.begun(body)) })
	}
}

// lack is why a mode is not for bodies with needs, "" when it is.
func (m *mode) lack(needs []Need) string {
	for _, n := range needs {
		if why := m.lacks[n]; why != "" {
			return why
		}
	}
	return ""
}

// begun is a body behind the beginning of a mode.
func (m *mode) begun(body func(t *testing.T, w *World)) func(t *testing.T, w *World) {
	if m.begin == nil {
		return body
	}
	return func(t *testing.T, w *World) {
		m.begin(w)
		body(t, w)
	}
}

// OverWebSocket runs a body in memory and on loopback with clients that speak RTSP over WebSocket: media is interleaved.
func OverWebSocket(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	over(t, (*World).BeginWeb, change, body)
}

// OverTLS is OverWebSocket with clients that speak RTSP over TLS.
func OverTLS(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	over(t, (*World).BeginTLS, change, body)
}

// OverSecureWebSocket is OverWebSocket with TLS below.
func OverSecureWebSocket(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	over(t, beginSecureWeb, change, body)
}

// over runs a body in the modes whose clients speak RTSP over TCP, with clients that speak something else: what they begin a world
// begins once.
func over(t *testing.T, begin func(*World), change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	t.Helper()
	for _, m := range modes {
		if m.begin == nil {
			m.begin = begin
			t.Run(m.name, func(t *testing.T) { m.run(t, change, m.begun(body)) })
		}
	}
}

func beginSecureWeb(w *World) {
	w.BeginTLS()
	w.BeginWeb()
}

func onSystem(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	t.Helper()
	OnLoopback(t, false, change, body)
}

func onPortable(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	t.Helper()
	OnLoopback(t, true, change, body)
}

// Lowers are the lower transports that there are in the world, for bodies that apply to each.
func (w *World) Lowers() []string {
	if w.web != nil || w.tls != nil {
		return []string{"tcp"}
	}
	return []string{"tcp", "udp"}
}

// Interleaved is what the server calls the transport of interleaved media in the world.
func (w *World) Interleaved() string {
	if w.web != nil {
		return "websocket"
	}
	return "tcp"
}

// Other is another lower transport than TCP, where there is one.
func (w *World) Other() string { return w.Lowers()[len(w.Lowers())-1] }
