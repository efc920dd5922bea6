package rtp

import (
	"encoding/binary"
	"iter"
)

// RTCPType is the packet type of an RTCP packet, its second byte.
type RTCPType uint8

// The packet types that have a name here. RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2
const (
	SR    RTCPType = 200 // sender report
	RR    RTCPType = 201 // receiver report
	SDES  RTCPType = 202 // source description
	BYE   RTCPType = 203 // end of participation
	APP   RTCPType = 204 // application-defined
	RTPFB RTCPType = 205 // transport layer feedback (NACK)
	PSFB  RTCPType = 206 // payload-specific feedback (PLI, FIR)
	XR    RTCPType = 207 // extended report
)

const (
	rtcpHeaderSize = 4
	rtcpMinType    = 192 // RFC 5761 §4: RTP payload types 64 to 95 with the marker
	rtcpMaxType    = 223
	countMask      = 0x1f
	maxCount       = 31
	ssrcSize       = 4
)

// IsRTCP tells a datagram or interleaved frame that holds RTCP from one that holds RTP, by the second byte (RFC 5761 §4), so that neither a muxed port nor
// a server that uses the wrong channel needs more. It does not check anything else.
func IsRTCP(b []byte) bool {
	return len(b) >= 2 && b[0]>>versionShift == version && b[1] >= rtcpMinType && b[1] <= rtcpMaxType
}

// RTCP is a view of one RTCP packet inside of a compound. RFC 3550 §6.4
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|  count  |  packet type  |  length in 32-bit words less 1|
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|        body, as the packet type has it; mostly an SSRC first  |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Get one from [Packets], which yields only packets whose length and padding hold. The typed views of it (SenderReport, Reports, Items, …) check what they
// need beyond that and show nothing of a body that is too short for it.
type RTCP []byte

// Packets iterates over the packets of a compound, without allocation, and stops before the first that is not well-formed. [ValidateCompound] tells
// whether there is such a one.
func Packets(compound []byte) iter.Seq[RTCP] {
	return func(yield func(RTCP) bool) {
		for len(compound) > 0 {
			p, rest, err := nextRTCP(compound)
			if err != nil || !yield(p) {
				return
			}
			compound = rest
		}
	}
}

// ValidateCompound reports whether b is a whole RTCP compound: packets of version 2 whose lengths add up to b, padding on the last only, an SR or RR
// first. [ErrReducedSize] alone says that everything but the last of these holds, so that [Packets] shows all of b. RFC 3550 §A.2, RFC 5506
func ValidateCompound(b []byte) error {
	if len(b) == 0 {
		return ErrTruncated
	}
	for rest := b; len(rest) > 0; {
		_, next, err := nextRTCP(rest)
		if err != nil {
			return err
		}
		rest = next
	}
	if first := RTCP(b).Type(); first != SR && first != RR {
		return ErrReducedSize
	}
	return nil
}

// nextRTCP cuts the first packet off b.
func nextRTCP(b []byte) (p RTCP, rest []byte, err error) {
	if len(b) < rtcpHeaderSize {
		return nil, nil, ErrTruncated
	}
	if b[0]>>versionShift != version {
		return nil, nil, ErrVersion
	}
	if !IsRTCP(b) {
		return nil, nil, ErrNotRTCP
	}
	size := rtcpHeaderSize + 4*int(binary.BigEndian.Uint16(b[2:]))
	if len(b) < size {
		return nil, nil, ErrTruncated
	}
	if b[0]&paddingBit != 0 {
		padding := int(b[size-1])
		if len(b) > size || padding == 0 || padding%4 != 0 || padding > size-rtcpHeaderSize {
			return nil, nil, ErrPadding
		}
	}
	return RTCP(b[:size:size]), b[size:], nil
}

// Type is the packet type.
func (p RTCP) Type() RTCPType { return RTCPType(p[1]) }

// Count is the five-bit field of the first byte: report blocks, SDES chunks, BYE sources, or the format of a feedback message.
func (p RTCP) Count() int { return int(p[0] & countMask) }

// Body is what follows the four bytes of header, without padding.
func (p RTCP) Body() []byte {
	end := len(p)
	if p[0]&paddingBit != 0 {
		end -= int(p[end-1])
	}
	return p[rtcpHeaderSize:end]
}

// SSRC is the packet's first word: the sender, for all types but SDES and BYE, where it is the first source described. Zero when there is none.
func (p RTCP) SSRC() uint32 {
	body := p.Body()
	if len(body) < ssrcSize {
		return 0
	}
	return binary.BigEndian.Uint32(body)
}

// appendRTCPHeader begins a packet; endRTCP sets its length.
func appendRTCPHeader(b []byte, t RTCPType, count int) []byte {
	return append(b, version<<versionShift|byte(count), byte(t), 0, 0)
}

// endRTCP fills in the length of the packet that begins at start, whose bytes must be a multiple of four.
func endRTCP(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start+2:], uint16((len(b)-start)/4-1))
	return b
}
