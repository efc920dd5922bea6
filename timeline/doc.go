// Package timeline is the one place through which live media flows: a log of RTP packets that one
// source appends to and that any number of cursors read, each at its own pace.
//
// A [Timeline] belongs to one presentation. Packets are laid out once, one after the other, already
// framed for interleaving (RFC 2326 §10.12), in chunks that are never written again once they are full.
// All that is new since a cursor's last visit is therefore one contiguous range of bytes: no copy, no
// queue and no lock for each reader. Old chunks fall out of the window; a cursor that is still behind
// jumps to the newest random access point. A chunk lives as long as a write that uses it.
//
// A [Shards] is the set of goroutines that deliver. Each [Shard] owns its readers (a [Visitor] on a
// [Seat]); an append wakes a shard at most once a burst, and the shard visits its readers in turn.
//
// The package opens no sockets and starts no goroutine except those of [Shards.Run]. It is called by
// rtspserver, and by whatever brings media in.
package timeline
