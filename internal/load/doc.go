// Package load loads an RTSP server and measures what comes of it: readers that play, publishers whose packets carry the
// time at which they left, and the floor, a server that makes nothing but the system calls. It is the engine of the
// programs in bench.
//
// Most readers are only drained: on Linux without even copying what they get. Every so many are looked into, for losses,
// latency and the first key picture. All times of one run come from one clock, so that publisher and readers have to be on
// one machine.
package load
