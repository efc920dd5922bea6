// Package rtsptest has a camera for tests: an RTSP server that describes what a test wants described, sends the packets that
// the test gives it, and misbehaves as real cameras do.
//
// It is meant for tests of programs that pull RTSP. It needs a listener, which can be one in memory; nothing of it waits for
// real time. Everything is safe for concurrent use.
package rtsptest
