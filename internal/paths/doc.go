// Package paths says what a URL names: a path that somebody publishes, a source that is made on demand, a
// stored film, or another place to go. It is the handler of the RTSP server, and later of every other
// protocol: what a path is does not depend on how one asks for it.
//
// It owns the life of presentations: they begin with a publisher or with the first reader, are held while
// a publisher is away, and end. It never touches a connection or a packet.
package paths
