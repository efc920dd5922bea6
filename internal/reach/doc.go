// Package reach is what clients have in common that reach a server of RTSP: where a URL leads, also one of WebSocket, and what is
// answered when the server asks who it is.
package reach
