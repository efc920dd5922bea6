package rtp

import (
	"encoding/binary"
	"iter"
)

const (
	senderInfoSize  = 20
	reportBlockSize = 24
	minTotalLost    = -1 << 23
	maxTotalLost    = 1<<23 - 1
)

// SenderReport is the sender's part of an SR. NTP and RTPTime are one instant on two clocks. RFC 3550 §6.4.1
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|   RC    |   PT=SR=200   |             length            |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                         SSRC of sender                        |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//	|              NTP timestamp, most significant word             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|             NTP timestamp, least significant word             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                         RTP timestamp                         |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                     sender's packet count                     |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                      sender's octet count                     |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//	|                    0 to 31 report blocks                      |
type SenderReport struct {
	SSRC    uint32
	NTP     NTP    // zero: the sender has no wall clock
	RTPTime uint32 // in units of the clock rate
	Packets uint32 // sent since the source began, modulo 2^32
	Octets  uint32 // of payload, without headers and padding, modulo 2^32
}

// ReportBlock is what a receiver says about one source. RFC 3550 §6.4.1
//
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
//	|                 SSRC of the source reported on                |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	| fraction lost |       cumulative number of packets lost       |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|           extended highest sequence number received           |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                      interarrival jitter                      |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                         last SR (LSR)                         |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|                   delay since last SR (DLSR)                  |
//	+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
type ReportBlock struct {
	SSRC         uint32
	FractionLost uint8  // since the report before, in 1/256
	TotalLost    int32  // 24 bits signed: duplicates can make it negative; held at the ends of the range
	HighestSeq   uint32 // number of wraps in the upper 16 bits
	Jitter       uint32 // in units of the clock rate
	LSR          uint32 // middle 32 bits of the last SR's NTP time; zero: none came
	DLSR         uint32 // since that SR came, in 1/65536 s
}

// SenderReport is the sender's part of an SR; false for another type or a body that is too short.
func (p RTCP) SenderReport() (SenderReport, bool) {
	body := p.Body()
	if p.Type() != SR || len(body) < ssrcSize+senderInfoSize {
		return SenderReport{}, false
	}
	return SenderReport{
		SSRC:    binary.BigEndian.Uint32(body),
		NTP:     NTP(binary.BigEndian.Uint64(body[4:])),
		RTPTime: binary.BigEndian.Uint32(body[12:]),
		Packets: binary.BigEndian.Uint32(body[16:]),
		Octets:  binary.BigEndian.Uint32(body[20:]),
	}, true
}

// Reports iterates over the report blocks of an SR or RR: as many as are announced and there.
func (p RTCP) Reports() iter.Seq[ReportBlock] {
	return func(yield func(ReportBlock) bool) {
		blocks := p.reportBlocks()
		for range p.Count() {
			if len(blocks) < reportBlockSize || !yield(reportBlock(blocks)) {
				return
			}
			blocks = blocks[reportBlockSize:]
		}
	}
}

// reportBlocks is the part of the body with the report blocks, and perhaps profile-specific extensions behind them.
func (p RTCP) reportBlocks() []byte {
	body, skip := p.Body(), ssrcSize
	switch p.Type() {
	case SR:
		skip += senderInfoSize
	case RR:
	default:
		return nil
	}
	if len(body) < skip {
		return nil
	}
	return body[skip:]
}

// reportBlock reads the block that b begins with.
func reportBlock(b []byte) ReportBlock {
	word := binary.BigEndian.Uint32(b[4:])
	return ReportBlock{
		SSRC:         binary.BigEndian.Uint32(b),
		FractionLost: uint8(word >> 24),
		TotalLost:    int32(word<<8) >> 8, // keeps the sign of the 24 bits
		HighestSeq:   binary.BigEndian.Uint32(b[8:]),
		Jitter:       binary.BigEndian.Uint32(b[12:]),
		LSR:          binary.BigEndian.Uint32(b[16:]),
		DLSR:         binary.BigEndian.Uint32(b[20:]),
	}
}

// AppendSenderReport appends an SR to b. Blocks beyond the 31 that it can hold follow in RRs of the same SSRC. RFC 3550 §6.4.1
func AppendSenderReport(b []byte, r SenderReport, blocks ...ReportBlock) []byte {
	n := min(len(blocks), maxCount)
	start := len(b)
	b = appendRTCPHeader(b, SR, n)
	b = binary.BigEndian.AppendUint32(b, r.SSRC)
	b = binary.BigEndian.AppendUint64(b, uint64(r.NTP))
	b = binary.BigEndian.AppendUint32(b, r.RTPTime)
	b = binary.BigEndian.AppendUint32(b, r.Packets)
	b = binary.BigEndian.AppendUint32(b, r.Octets)
	b = endRTCP(appendReportBlocks(b, blocks[:n]), start)
	if n == len(blocks) {
		return b
	}
	return AppendReceiverReport(b, r.SSRC, blocks[n:]...)
}

// AppendReceiverReport appends an RR of sender ssrc to b, and as many more as the blocks need at 31 each. RFC 3550 §6.4.2
func AppendReceiverReport(b []byte, ssrc uint32, blocks ...ReportBlock) []byte {
	for {
		n := min(len(blocks), maxCount)
		start := len(b)
		b = appendRTCPHeader(b, RR, n)
		b = binary.BigEndian.AppendUint32(b, ssrc)
		b = endRTCP(appendReportBlocks(b, blocks[:n]), start)
		if blocks = blocks[n:]; len(blocks) == 0 {
			return b
		}
	}
}

func appendReportBlocks(b []byte, blocks []ReportBlock) []byte {
	for i := range blocks {
		r := &blocks[i]
		lost := uint32(min(max(r.TotalLost, minTotalLost), maxTotalLost)) & 0xffffff
		b = binary.BigEndian.AppendUint32(b, r.SSRC)
		b = binary.BigEndian.AppendUint32(b, uint32(r.FractionLost)<<24|lost)
		b = binary.BigEndian.AppendUint32(b, r.HighestSeq)
		b = binary.BigEndian.AppendUint32(b, r.Jitter)
		b = binary.BigEndian.AppendUint32(b, r.LSR)
		b = binary.BigEndian.AppendUint32(b, r.DLSR)
	}
	return b
}
