// Package gateway lets a browser on this machine play what any RTSP server has: it speaks RTSP over WebSocket to the page, RTSP to the
// server, passes every control on, and shows the page what it really exchanged. It is what `baton play` runs.
package gateway
