// Package vod plays stored media: a presentation is a file with an index, shared by all its sessions, and
// a playback is one session's paced walk over it, with the remote control of RFC 2326 (Range, PAUSE and
// resume, queued PLAY, pause points). Packets are made when they are due and go out by the senders of
// rtspserver. The package reads through io.ReaderAt: opening files is the paths package's part.
package vod
