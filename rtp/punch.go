package rtp

import "encoding/binary"

// live555 writes the word in its machine's byte order.
const (
	live555Punch        = 0xfeedface
	live555PunchSwapped = 0xcefaedfe
)

// IsPunch reports whether b is one of the packets that clients send to the server's ports only to open a way through a NAT. They carry nothing: drop them
// in silence, count no error, make no source of them. They do tell the client's address.
//
//	nobody in particular    an empty datagram
//	live555, VLC            fe ed fa ce, in either byte order
//	go2rtc                  80 00 00 00
//	FFmpeg, gortsplib       80 00 and ten zeros: an RTP header of SSRC 0 without payload
//	FFmpeg, gortsplib       80 c9 00 01 00 00 00 00: an RR of SSRC 0 without blocks
//
// What GStreamer sends (up to 200 random bytes) cannot be known by sight; [Packet.Validate] and the SSRC refuse it.
func IsPunch(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 4:
		word := binary.BigEndian.Uint32(b)
		return word == live555Punch || word == live555PunchSwapped || word == version<<30
	case 8:
		return binary.BigEndian.Uint64(b) == version<<62|uint64(RR)<<48|1<<32
	case HeaderSize:
		return binary.BigEndian.Uint64(b) == version<<62 && binary.BigEndian.Uint32(b[8:]) == 0
	}
	return false
}
