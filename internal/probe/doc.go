// Package probe finds out what an RTSP server offers, by trying it: tracks and how they come, transports, methods, and what the
// server does that others do not.
package probe
