// Package simnet is a network in memory, for tests: hosts with plain IP addresses, byte-stream
// connections with a bounded window, datagrams over links that lose, repeat, delay and reorder
// them by a seed, and NAT boxes.
//
// It is made for [testing/synctest]: whoever waits in it waits on a channel or a timer and so is
// durably blocked, and time in a bubble goes on. A [Network] and all that is opened on it must be
// used inside the bubble in which it was made. It works outside of bubbles too, in real time.
//
// It starts no goroutine and leaves none: datagrams under way are ordered by their time of
// arrival in the receiver, which waits for the next one by itself. There is no ICMP: a datagram
// to a port that nobody has is gone, and the sender is not told.
//
// Everything is safe for concurrent use. One mutex guards a whole Network.
package simnet
