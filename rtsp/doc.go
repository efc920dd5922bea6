// Package rtsp holds the words of the Real Time Streaming Protocol 1.0 (RFC 2326) as they stand on the wire: requests,
// responses, interleaved frames, URLs and the typed headers (Transport, Range, RTP-Info, Session, …).
//
// A [Reader] turns a byte stream into requests, responses and frames; Append methods turn them back into bytes. Parsers are
// lenient where real peers are sloppy and the meaning is clear, and emit one strict form that all known peers read. Every
// parser has explicit bounds, allocates in proportion to its input and never panics, whatever a peer sends.
//
// The package opens no sockets and starts no goroutines. Servers and clients are built on it: it never decides what a
// request means, only what it says. Values are plain data, safe to read from several goroutines while nobody writes.
package rtsp
