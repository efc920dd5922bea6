// Package hostile is what an evil peer sends, for tests: recordings of every payload format, and what a fuzzer makes of them.
//
// A script is a list of packets in bytes, written so that most changes to it make other packets and not other lengths of all that
// follow: see [Packets]. Only tests import it.
package hostile
