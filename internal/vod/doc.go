// Package vod plays stored media: a presentation is an opened container with its index, shared by all its
// sessions, and a playback is one session's paced walk over it, with the remote control of RFC 2326:
// ranges, PAUSE and resume, queued PLAY, pause points, Scale, Speed, and the Seek-Style of RFC 7826.
// Packets are made when they are due and go out by the senders of rtspserver. The package reads through
// container.File: opening files is the paths package's part.
package vod
