package rtp

import (
	"encoding/binary"
	"iter"
)

// The formats of feedback messages that Baton knows ([RTCP.Count] of an RTPFB or PSFB packet).
const (
	FormatNACK = 1 // RTPFB: these packets are lost. RFC 4585 §6.2.1
	FormatPLI  = 1 // PSFB: a picture is lost, send a key frame. RFC 4585 §6.3.1
	FormatFIR  = 4 // PSFB: a key frame is needed, say, by a new reader. RFC 5104 §4.3.1

	feedbackSSRCs = 8 // sender and media source
	firEntrySize  = 8
	blpBits       = 16
)

// Feedback is the part that all feedback messages share. RFC 4585 §6.1
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|   FMT   |  PT=205, 206  |             length            |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                     SSRC of packet sender                     |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                      SSRC of media source                     |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|               feedback control information (FCI)              |
type Feedback struct {
	Type   RTCPType // RTPFB or PSFB
	Format uint8
	Sender uint32
	Media  uint32 // unused (zero) in FIR, which names its sources in the FCI
	FCI    []byte // the packet's memory
}

// Feedback is the packet as a feedback message; false for another type or a body that is too short.
func (p RTCP) Feedback() (Feedback, bool) {
	body := p.Body()
	if p.Type() != RTPFB && p.Type() != PSFB || len(body) < feedbackSSRCs {
		return Feedback{}, false
	}
	return Feedback{
		Type:   p.Type(),
		Format: uint8(p.Count()),
		Sender: binary.BigEndian.Uint32(body),
		Media:  binary.BigEndian.Uint32(body[4:]),
		FCI:    body[feedbackSSRCs:],
	}, true
}

// IsPLI reports a picture loss indication for f.Media.
func (f Feedback) IsPLI() bool { return f.Type == PSFB && f.Format == FormatPLI }

// Lost iterates over the sequence numbers that a generic NACK asks for: each entry names one packet (PID) and, in a bitmask (BLP), any of the 16 after it.
//
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|              PID              |              BLP              |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// RFC 4585 §6.2.1. Entries may name a packet twice.
func (f Feedback) Lost() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		if f.Type != RTPFB || f.Format != FormatNACK {
			return
		}
		for fci := f.FCI; len(fci) >= 4; fci = fci[4:] {
			pid, blp := binary.BigEndian.Uint16(fci), binary.BigEndian.Uint16(fci[2:])
			if !yield(pid) {
				return
			}
			for i := range uint16(blpBits) {
				if blp>>i&1 != 0 && !yield(pid+1+i) {
					return
				}
			}
		}
	}
}

// FIRs iterates over the sources that a full intra request names, and the request's number for each: the same number again is the same request again.
//
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                              SSRC                             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	| sequence nr.  |                    reserved                   |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// RFC 5104 §4.3.1.1
func (f Feedback) FIRs() iter.Seq2[uint32, uint8] {
	return func(yield func(uint32, uint8) bool) {
		if f.Type != PSFB || f.Format != FormatFIR {
			return
		}
		for fci := f.FCI; len(fci) >= firEntrySize; fci = fci[firEntrySize:] {
			if !yield(binary.BigEndian.Uint32(fci), fci[4]) {
				return
			}
		}
	}
}

// AppendNACK appends a generic NACK to b. Sequence numbers in their order share entries; another order is right too, but longer. Nothing is appended for
// no sequence numbers. RFC 4585 §6.2.1
func AppendNACK(b []byte, sender, media uint32, lost ...uint16) []byte {
	if len(lost) == 0 {
		return b
	}
	start := len(b)
	b = appendFeedback(b, RTPFB, FormatNACK, sender, media)
	for len(lost) > 0 {
		pid, blp, n := lost[0], uint16(0), 1
		for ; n < len(lost) && lost[n]-pid-1 < blpBits; n++ {
			blp |= 1 << (lost[n] - pid - 1)
		}
		b = binary.BigEndian.AppendUint16(b, pid)
		b = binary.BigEndian.AppendUint16(b, blp)
		lost = lost[n:]
	}
	return endRTCP(b, start)
}

// AppendPLI appends a picture loss indication to b. RFC 4585 §6.3.1
func AppendPLI(b []byte, sender, media uint32) []byte {
	return endRTCP(appendFeedback(b, PSFB, FormatPLI, sender, media), len(b))
}

// AppendFIR appends a full intra request for one source to b; number goes up by one for each new request. RFC 5104 §4.3.1
func AppendFIR(b []byte, sender, media uint32, number uint8) []byte {
	start := len(b)
	b = appendFeedback(b, PSFB, FormatFIR, sender, 0)
	b = binary.BigEndian.AppendUint32(b, media)
	b = append(b, number, 0, 0, 0)
	return endRTCP(b, start)
}

func appendFeedback(b []byte, t RTCPType, format int, sender, media uint32) []byte {
	b = appendRTCPHeader(b, t, format)
	b = binary.BigEndian.AppendUint32(b, sender)
	return binary.BigEndian.AppendUint32(b, media)
}
