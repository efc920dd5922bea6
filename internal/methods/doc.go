// Package methods sends an RTSP server each method in each state of a session, and puts what it answers beside what RFC 2326
// asks for.
package methods
