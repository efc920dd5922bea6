// Package rtp is the wire vocabulary of RTP and RTCP: views over the bytes of a packet, and the arithmetic, clocks and statistics that go with them.
//
// A view ([Packet], [RTCP]) is the packet's own bytes under another type: reading a field is a load, changing one is a store, nothing is copied or
// unmarshalled. Validate a packet once with [Packet.Validate] and every other method of it is safe; [Packets] yields only RTCP packets whose bounds hold.
//
// [Receiver] keeps the reception statistics that a receiver report carries, [Reorderer] puts the datagrams of one source in order, [Clock] relates RTP
// timestamps to wall time. They take the time as an argument, start nothing, read no socket and no system clock.
//
// Used by everything that touches media: timeline, rtspserver, rtspclient. It imports the standard library only and never looks into a payload format.
//
// RFC 3550 (RTP, RTCP), RFC 4330 (NTP time), RFC 4585 and 5104 (feedback), RFC 5506 (reduced-size RTCP), RFC 5761 (RTP and RTCP on one port), RFC 8285
// (header extensions).
package rtp
