// Package servertest is the frame of tests that talk to a server over its wire: a [World] with a server
// in it, in memory and in virtual time or on loopback, and a [Client] that sends bytes and keeps a
// transcript of all that went over the connection. When a test ends it checks that nothing is left:
// no session, connection, port or goroutine of the server.
//
// Only tests import it.
package servertest
