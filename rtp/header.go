package rtp

import "encoding/binary"

// Header is the fixed header of a packet that Baton makes itself: no CSRC, no extension, no padding. RFC 3550 §5.1
type Header struct {
	Marker      bool
	PayloadType uint8 // 0 to 127
	Sequence    uint16
	Timestamp   uint32 // in units of the clock rate
	SSRC        uint32
}

// AppendHeader appends the [HeaderSize] bytes of h to b; the payload follows.
func AppendHeader(b []byte, h Header) []byte {
	second := h.PayloadType & payloadMask
	if h.Marker {
		second |= markerBit
	}
	b = append(b, version<<versionShift, second)
	b = binary.BigEndian.AppendUint16(b, h.Sequence)
	b = binary.BigEndian.AppendUint32(b, h.Timestamp)
	return binary.BigEndian.AppendUint32(b, h.SSRC)
}
