package rtp

import (
	"encoding/binary"
	"iter"
)

// Profiles of a header extension, its first 16 bits.
const (
	// ExtensionOneByte: elements with a header of one byte. RFC 8285 §4.2
	ExtensionOneByte = 0xbede
	// ExtensionTwoByte: elements with a header of two bytes; the lower four bits are free to the application. RFC 8285 §4.3
	ExtensionTwoByte = 0x1000
	// ExtensionReplay: the absolute time of a recorded picture, NTP and flags (ONVIF Streaming, replay). Not made of elements.
	ExtensionReplay = 0xabac
	// ExtensionReplayJPEG: the same, with a JPEG header behind it for large pictures.
	ExtensionReplayJPEG = 0xffd8

	twoByteMask   = 0xfff0
	oneByteStop   = 15
	extensionIDs  = 4 // bits by which the ID of a one-byte header is shifted
	oneByteLength = 0x0f
)

// ExtensionProfile is the first 16 bits of the header extension; false when there is none. RFC 3550 §5.3.1
func (p Packet) ExtensionProfile() (uint16, bool) {
	if !p.Extension() {
		return 0, false
	}
	return binary.BigEndian.Uint16(p[HeaderSize+csrcSize*p.CSRCCount():]), true
}

// ExtensionData is what follows profile and length of the header extension, in the packet's memory; nil when there is none.
func (p Packet) ExtensionData() []byte {
	if !p.Extension() {
		return nil
	}
	start, end := HeaderSize+csrcSize*p.CSRCCount()+extensionStart, p.HeaderSize()
	return p[start:end:end]
}

// Extensions iterates over the elements (ID and data, in the packet's memory) of a header extension of the one-byte or two-byte kind. There are none in
// other kinds, and iteration ends at an element that leaves the extension. RFC 8285
//
//	 0 1 2 3 4 5 6 7        0                   1
//	+-+-+-+-+-+-+-+-+       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//	|  ID   | len-1 |      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	+-+-+-+-+-+-+-+-+      |      ID       |     length    |
//	                       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
func (p Packet) Extensions() iter.Seq2[uint8, []byte] {
	return func(yield func(uint8, []byte) bool) {
		profile, _ := p.ExtensionProfile()
		switch {
		case profile == ExtensionOneByte:
			oneByteElements(p.ExtensionData(), yield)
		case profile&twoByteMask == ExtensionTwoByte:
			twoByteElements(p.ExtensionData(), yield)
		}
	}
}

func oneByteElements(b []byte, yield func(uint8, []byte) bool) {
	for len(b) > 0 {
		if b[0] == 0 { // padding
			b = b[1:]
			continue
		}
		// ID 0 with a length and ID 15 both end the extension. RFC 8285 §4.2
		id, end := b[0]>>extensionIDs, 2+int(b[0]&oneByteLength)
		if id == 0 || id == oneByteStop || end > len(b) || !yield(id, b[1:end:end]) {
			return
		}
		b = b[end:]
	}
}

func twoByteElements(b []byte, yield func(uint8, []byte) bool) {
	for len(b) > 0 {
		if b[0] == 0 { // padding
			b = b[1:]
			continue
		}
		if len(b) < 2 {
			return
		}
		end := 2 + int(b[1])
		if end > len(b) || !yield(b[0], b[2:end:end]) {
			return
		}
		b = b[end:]
	}
}

// StripExtension removes the header extension in place, for a transport whose SDP does not announce it: the fixed header and CSRCs move up to the payload.
// It returns the shorter packet, in the same memory; p is not to be used any more.
func (p Packet) StripExtension() Packet {
	if !p.Extension() {
		return p
	}
	fixed := HeaderSize + csrcSize*p.CSRCCount()
	cut := p.HeaderSize() - fixed
	copy(p[cut:cut+fixed], p[:fixed])
	p = p[cut:]
	p[0] &^= extensionBit
	return p
}
