package rtp

import (
	"encoding/binary"
	"iter"
)

// The SDES items that Baton reads or writes. RFC 3550 §6.5
const (
	itemEnd = 0
	// ItemCNAME is the canonical name: the same for all tracks of one sender, which is how a receiver knows that they belong together.
	ItemCNAME = 1
	// ItemTool names the program.
	ItemTool = 6

	maxText = 255 // an SDES item's or a BYE reason's length is one byte
)

// Item is one item of source description. RFC 3550 §6.5
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|   SC    |  PT=SDES=202  |             length            |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//	|                          SSRC / CSRC                          |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|   item type   |     length    |  text, then more items; a     |
//	|  zero ends the chunk and zeros fill it to 32 bits             |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
type Item struct {
	SSRC uint32
	Type uint8
	Text []byte // the packet's memory
}

// Items iterates over the items of all chunks of an SDES packet, and stops at the first that leaves the packet.
func (p RTCP) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		if p.Type() != SDES {
			return
		}
		body := p.Body()
		for range p.Count() {
			rest, ok := chunk(body, yield)
			if !ok {
				return
			}
			body = rest
		}
	}
}

// chunk yields the items of the chunk that b begins with; false when there are no more or none are wanted.
func chunk(b []byte, yield func(Item) bool) (rest []byte, ok bool) {
	if len(b) < ssrcSize {
		return nil, false
	}
	ssrc := binary.BigEndian.Uint32(b)
	at := ssrcSize
	for at < len(b) && b[at] != itemEnd {
		if at+2 > len(b) || at+2+int(b[at+1]) > len(b) {
			return nil, false
		}
		end := at + 2 + int(b[at+1])
		if !yield(Item{SSRC: ssrc, Type: b[at], Text: b[at+2 : end : end]}) {
			return nil, false
		}
		at = end
	}
	at = (at + 4) &^ 3 // the zero, and the fill
	if at > len(b) {
		return nil, false
	}
	return b[at:], true
}

// CNAME is the first canonical name of an SDES packet and whose it is; false when there is none.
func (p RTCP) CNAME() (ssrc uint32, cname string, ok bool) {
	for item := range p.Items() {
		if item.Type == ItemCNAME {
			return item.SSRC, string(item.Text), true
		}
	}
	return 0, "", false
}

// AppendCNAME appends an SDES packet with the canonical name of ssrc to b; a name is cut at 255 bytes. RFC 3550 §6.5.1
func AppendCNAME(b []byte, ssrc uint32, cname string) []byte {
	cname = cname[:min(len(cname), maxText)]
	start := len(b)
	b = appendRTCPHeader(b, SDES, 1)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, ItemCNAME, byte(len(cname)))
	b = append(b, cname...)
	b = append(b, itemEnd)
	return endRTCP(fill(b, start), start)
}

// fill adds zeros until what began at start is a multiple of 32 bits.
func fill(b []byte, start int) []byte {
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
