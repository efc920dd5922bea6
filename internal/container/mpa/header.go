package mpa

import "github.com/baton-rtsp/baton/internal/container/frames"

// A header is what the first four bytes of a frame say, ISO/IEC 11172-3 §2.4.1.3 and 13818-3 §2.4.2.3.
type header struct {
	first   bool // MPEG-1, else MPEG-2 or its extension to lower rates
	layer   int
	rate    int // samples a second
	bitrate int // bits a second
	size    int // bytes
	samples int
	mono    bool
}

// parse reads a header. Frames of free or forbidden bit rate count as none.
func parse(b []byte) (header, bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return header{}, false
	}
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3)
	rate, padding := int(b[2]>>2&3), int(b[2]>>1&1)
	const mpeg1, reserved = 3, 1
	if version == reserved || layer == 4 || rate == 3 {
		return header{}, false
	}
	h := header{
		first: version == mpeg1, layer: layer, samples: 1152, mono: b[3]>>6 == 3,
		rate:    [3]int{44100, 48000, 32000}[rate] >> [4]int{2, 0, 1, 0}[version],
		bitrate: 1000 * bitrate(version == mpeg1, layer, int(b[2]>>4)),
	}
	switch {
	case layer == 1:
		h.samples = 384
		h.size = (12*h.bitrate/h.rate + padding) * 4
	case layer == 3 && !h.first:
		h.samples = 576
		fallthrough
	default:
		h.size = h.samples/8*h.bitrate/h.rate + padding
	}
	return h, h.bitrate > 0
}

// bitrate is in kbit/s, 0 for a free or forbidden one.
func bitrate(first bool, layer, index int) int {
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

// frame is parse for package frames. Version, layer and rate are the same for all frames of a file.
func frame(b []byte) (frames.Header, bool) {
	h, ok := parse(b)
	if !ok {
		return frames.Header{}, false
	}
	kind := uint32(b[1]&0x1E)<<8 | uint32(b[2]&0x0C) | 1
	return frames.Header{Kind: kind, Size: h.size, Rate: h.rate, Samples: h.samples}, true
}
