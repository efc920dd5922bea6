package rtp

import (
	"encoding/binary"
	"iter"
)

// Sources iterates over the SSRCs that a BYE says are gone: as many as are announced and there.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|   SC    |   PT=BYE=203  |             length            |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                   0 to 31 SSRCs or CSRCs                      |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|     length    |     reason for leaving, if any, filled up     |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// RFC 3550 §6.6
func (p RTCP) Sources() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if p.Type() != BYE {
			return
		}
		body := p.Body()
		for range p.Count() {
			if len(body) < ssrcSize || !yield(binary.BigEndian.Uint32(body)) {
				return
			}
			body = body[ssrcSize:]
		}
	}
}

// Reason is the text of a BYE, in the packet's memory; nil when there is none.
func (p RTCP) Reason() []byte {
	body := p.Body()
	at := ssrcSize * p.Count()
	if p.Type() != BYE || len(body) <= at {
		return nil
	}
	end := at + 1 + int(body[at])
	if end > len(body) {
		return nil
	}
	return body[at+1 : end : end]
}

// AppendBye appends a BYE for at most 31 sources to b. The reason may be empty and is cut at 255 bytes. RFC 3550 §6.6
func AppendBye(b []byte, reason string, ssrcs ...uint32) []byte {
	ssrcs = ssrcs[:min(len(ssrcs), maxCount)]
	reason = reason[:min(len(reason), maxText)]
	start := len(b)
	b = appendRTCPHeader(b, BYE, len(ssrcs))
	for _, ssrc := range ssrcs {
		b = binary.BigEndian.AppendUint32(b, ssrc)
	}
	if reason != "" {
		b = append(b, byte(len(reason)))
		b = append(b, reason...)
	}
	return endRTCP(fill(b, start), start)
}
