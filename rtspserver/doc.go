// Package rtspserver is the server side of RTSP 1.0 (RFC 2326): connections, sessions and their state
// machine, transports, and the senders that carry live timelines and stored media to readers.
//
// A [Server] asks its [Handler] what a URL names. The answer is a [Presentation]: a [Live] one, which a
// publisher (ANNOUNCE, RECORD) or any other source feeds through its timeline, or a stored one, which
// makes a [Playback] for each session. Sessions, not connections, hold state; requests run on their
// connection's goroutine, and media leaves on the shards of the timeline package: a reader has no
// goroutine and no queue of its own.
//
// Who may do what is for an [Authorizer] to say, which is asked before each request. Where files lie and
// what is configured is the handler's part. It never imports the client.
package rtspserver
