package mpegts

import (
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/opus"
)

// A frame is what the header of an audio frame says.
type frame struct {
	kind     uint32 // the same for all frames of a stream
	size     int    // with its header
	skip     int    // of it, what is not part of the sample
	rate     int    // samples a second
	samples  int
	channels int
}

// maxHeader is how much of a frame a parser wants at most: that of Opus has a byte for each 255 bytes of the packet.
const maxHeader = 64

// A parser reads the header that b begins with. more is how many bytes of it there must be, if those of b are too few. A
// frame without size is none.
type parser func(b []byte) (f frame, more int)

// parserOf is the parser of a codec, nil if it has no frames with headers.
func parserOf(codec container.Codec) parser {
	switch codec {
	case container.AAC:
		return parseADTS
	case container.MP3:
		return parseMPEG
	case container.AC3:
		return parseAC3
	case container.Opus:
		return parseOpus
	}
	return nil
}

// parseADTS reads a header of ISO/IEC 14496-3 §1.A.2.2. Frames with several blocks of data, which hardly anybody writes,
// count as none.
func parseADTS(b []byte) (frame, int) {
	const size, checked = 7, 9
	if len(b) < size {
		return frame{}, size
	}
	rate := [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}[b[2]>>2&15]
	if b[0] != 0xFF || b[1]&0xF6 != 0xF0 || b[6]&3 != 0 || rate == 0 {
		return frame{}, 0
	}
	f := frame{
		kind: uint32(b[1]&0xF8)<<16 | uint32(b[2]&0xFD)<<8 | uint32(b[3]&0xC0), skip: size,
		size: int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5,
		rate: rate, samples: 1024, channels: [8]int{2, 1, 2, 3, 4, 5, 6, 8}[b[2]&1<<2|b[3]>>6],
	}
	if b[1]&1 == 0 {
		f.skip = checked
	}
	if f.size <= f.skip {
		return frame{}, 0
	}
	return f, 0
}

// audioConfig is the AudioSpecificConfig that an ADTS header stands for (ISO/IEC 14496-3 §1.6.2.1).
func audioConfig(b []byte) []byte {
	object, rate, channels := b[2]>>6+1, b[2]>>2&15, b[2]&1<<2|b[3]>>6
	return []byte{object<<3 | rate>>1, rate<<7 | channels<<3}
}

// parseMPEG reads a header of MPEG audio (ISO/IEC 11172-3 §2.4.1.3, 13818-3 §2.4.2.3). Frames of free or forbidden bit rate
// count as none.
func parseMPEG(b []byte) (frame, int) {
	if len(b) < 4 {
		return frame{}, 4
	}
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3)
	index, padding := int(b[2]>>2&3), int(b[2]>>1&1)
	const mpeg1, reserved = 3, 1
	if b[0] != 0xFF || b[1]&0xE0 != 0xE0 || version == reserved || layer == 4 || index == 3 {
		return frame{}, 0
	}
	f := frame{
		kind: uint32(b[1]&0x1E)<<8 | uint32(b[2]&0x0C) | 1, samples: 1152, channels: 2,
		rate: [3]int{44100, 48000, 32000}[index] >> [4]int{2, 0, 1, 0}[version],
	}
	if b[3]>>6 == 3 {
		f.channels = 1
	}
	bits := 1000 * mpegBitrate(version == mpeg1, layer, int(b[2]>>4))
	switch {
	case bits == 0:
		return frame{}, 0
	case layer == 1:
		f.samples = 384
		f.size = (12*bits/f.rate + padding) * 4
		return f, 0
	case layer == 3 && version != mpeg1:
		f.samples = 576
	}
	f.size = f.samples/8*bits/f.rate + padding
	return f, 0
}

// mpegBitrate is in kbit/s, 0 for a free or forbidden one.
func mpegBitrate(first bool, layer, index int) int {
	switch {
	case index == 15:
		return 0
	case first && layer == 1:
		return 32 * index
	case first && layer == 2:
		return [15]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}[index]
	case first:
		return [15]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[index]
	case layer == 1:
		return [15]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}[index]
	}
	return [15]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[index]
}

// parseAC3 reads the beginning of a frame of AC-3 (ATSC A/52 §5.3.1, §5.3.2).
func parseAC3(b []byte) (frame, int) {
	const size = 8
	if len(b) < size {
		return frame{}, size
	}
	code, id := b[4]>>6, b[5]>>3
	const maxCode, newest = 37, 8 // above 8 it is E-AC-3 or something yet newer
	if b[0] != 0x0B || b[1] != 0x77 || code == 3 || b[4]&0x3F > maxCode || id > newest {
		return frame{}, 0
	}
	f := frame{
		kind: uint32(code)<<8 | uint32(b[5])<<16 | uint32(b[6])&0xE0 | 1, samples: 1536,
		rate: [3]int{48000, 44100, 32000}[code], size: ac3Size(code, int(b[4]&0x3F)), channels: ac3Channels(b[6], b[7]),
	}
	return f, 0
}

// ac3Size is the size of a frame in bytes (ATSC A/52 table 5.18).
func ac3Size(code uint8, size int) int {
	kbits := [19]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}[size/2]
	switch code {
	case 0:
		return kbits * 4
	case 1:
		return (kbits*320/147 + size%2) * 2
	}
	return kbits * 6
}

// ac3Channels reads acmod and lfeon, between which there are two bits for each of three conditions.
func ac3Channels(b, c uint8) int {
	mode, at := b>>5, 3
	for _, has := range [...]bool{mode&1 != 0 && mode != 1, mode&4 != 0, mode == 2} {
		if has {
			at += 2
		}
	}
	lfe := int(uint16(b)<<8|uint16(c)) >> (15 - at) & 1
	return [8]int{2, 1, 2, 3, 3, 4, 4, 5}[mode] + lfe
}

// parseOpus reads the control header of an access unit of Opus in MPEG-TS (wiki.xiph.org/OpusTS), and how long the packet
// behind it lasts.
func parseOpus(b []byte) (frame, int) {
	if len(b) < 2 {
		return frame{}, 2
	}
	if b[0] != 0x7F || b[1]&0xE0 != 0xE0 {
		return frame{}, 0
	}
	at, size := 2, 0
	for {
		if at >= len(b) {
			return frame{}, at + 1
		}
		size += int(b[at])
		if at++; b[at-1] != 0xFF {
			break
		}
		if at > maxHeader/2 {
			return frame{}, 0
		}
	}
	for _, trim := range [...]uint8{0x10, 0x08} { // at the start, at the end
		if b[1]&trim != 0 {
			at += 2
		}
	}
	if b[1]&0x04 != 0 { // control extension
		if at >= len(b) {
			return frame{}, at + 1
		}
		at += 1 + int(b[at])
	}
	if at+opus.Head > maxHeader || size == 0 {
		return frame{}, 0
	}
	head := at + min(size, opus.Head)
	if len(b) < head {
		return frame{}, head
	}
	f := frame{kind: 1, size: at + size, skip: at, rate: opus.Rate, samples: opus.Samples(b[at:head])}
	if f.samples == 0 {
		return frame{}, 0
	}
	return f, 0
}
