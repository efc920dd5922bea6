package rtp

import "encoding/binary"

const (
	// HeaderSize is the size of the fixed header in bytes. RFC 3550 §5.1
	HeaderSize = 12

	version        = 2
	versionShift   = 6
	paddingBit     = 0x20
	extensionBit   = 0x10
	csrcMask       = 0x0f
	csrcSize       = 4
	markerBit      = 0x80
	payloadMask    = 0x7f
	extensionStart = 4 // profile and length, before the extension's words
)

// Packet is a view of one RTP packet. RFC 3550 §5.1
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|X|  CC   |M|     PT      |       sequence number         |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                           timestamp                           |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|           synchronization source (SSRC) identifier            |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//	|       contributing source (CSRC) identifiers, 0 to 15         |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|   extension profile (if X)    |     length in 32-bit words    |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|        extension, payload, padding (if P, counted by the      |
//	|                   last byte of the packet)                    |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Only Validate may be called on bytes of unknown origin; the other methods are for a packet that it accepted and panic on one that is too short.
type Packet []byte

// Validate reports whether the packet can be read: version 2, and CSRCs, extension and padding inside of its bounds. The error is [ErrTruncated],
// [ErrVersion] or [ErrPadding]. It does not tell RTP from RTCP, see [IsRTCP].
func (p Packet) Validate() error {
	if len(p) < HeaderSize {
		return ErrTruncated
	}
	if p[0]>>versionShift != version {
		return ErrVersion
	}
	size := HeaderSize + csrcSize*int(p[0]&csrcMask)
	if p[0]&extensionBit != 0 {
		if len(p) < size+extensionStart {
			return ErrTruncated
		}
		size += extensionStart + 4*int(binary.BigEndian.Uint16(p[size+2:]))
	}
	if len(p) < size {
		return ErrTruncated
	}
	if p[0]&paddingBit != 0 && (len(p) == size || int(p[len(p)-1]) > len(p)-size) {
		return ErrPadding
	}
	return nil
}

// Version is the protocol version, 2 in a valid packet.
func (p Packet) Version() uint8 { return p[0] >> versionShift }

// Padding reports whether the padding bit is set.
func (p Packet) Padding() bool { return p[0]&paddingBit != 0 }

// Extension reports whether a header extension is present.
func (p Packet) Extension() bool { return p[0]&extensionBit != 0 }

// CSRCCount is the number of contributing sources, 0 to 15.
func (p Packet) CSRCCount() int { return int(p[0] & csrcMask) }

// CSRC is contributing source i, 0 ≤ i < CSRCCount.
func (p Packet) CSRC(i int) uint32 { return binary.BigEndian.Uint32(p[HeaderSize+csrcSize*i:]) }

// Marker is the marker bit; its meaning is the payload format's (mostly: end of a picture, start of a talk spurt).
func (p Packet) Marker() bool { return p[1]&markerBit != 0 }

// PayloadType is 0 to 127.
func (p Packet) PayloadType() uint8 { return p[1] & payloadMask }

// Sequence is the sequence number; compare with [SeqDiff], never with <.
func (p Packet) Sequence() uint16 { return binary.BigEndian.Uint16(p[2:]) }

// Timestamp is in units of the payload format's clock rate; compare with [TimestampDiff].
func (p Packet) Timestamp() uint32 { return binary.BigEndian.Uint32(p[4:]) }

// SSRC is the synchronization source.
func (p Packet) SSRC() uint32 { return binary.BigEndian.Uint32(p[8:]) }

// HeaderSize is where the payload begins: fixed header, CSRCs and extension, in bytes.
func (p Packet) HeaderSize() int {
	size := HeaderSize + csrcSize*int(p[0]&csrcMask)
	if p[0]&extensionBit != 0 {
		size += extensionStart + 4*int(binary.BigEndian.Uint16(p[size+2:]))
	}
	return size
}

// PaddingSize is the number of padding bytes at the end, the count byte included. A count of zero, which some senders write, is no padding.
func (p Packet) PaddingSize() int {
	if p[0]&paddingBit == 0 {
		return 0
	}
	return int(p[len(p)-1])
}

// Payload is what lies between header and padding; it shares the packet's memory and may be empty.
func (p Packet) Payload() []byte { return p[p.HeaderSize() : len(p)-p.PaddingSize()] }

// SetMarker sets or clears the marker bit.
func (p Packet) SetMarker(marker bool) {
	p[1] &^= markerBit
	if marker {
		p[1] |= markerBit
	}
}

// SetPayloadType sets the payload type, 0 to 127; a higher bit is ignored.
func (p Packet) SetPayloadType(pt uint8) { p[1] = p[1]&markerBit | pt&payloadMask }

// SetSequence sets the sequence number.
func (p Packet) SetSequence(seq uint16) { binary.BigEndian.PutUint16(p[2:], seq) }

// SetTimestamp sets the timestamp.
func (p Packet) SetTimestamp(ts uint32) { binary.BigEndian.PutUint32(p[4:], ts) }

// SetSSRC sets the synchronization source.
func (p Packet) SetSSRC(ssrc uint32) { binary.BigEndian.PutUint32(p[8:], ssrc) }
