// Package opus tells how long packets of Opus last (RFC 6716 §3.1). The demuxers of containers that have Opus use it.
package opus

// Rate is the rate at which Opus counts time, whatever was encoded.
const Rate = 48000

// Head is how many bytes of a packet tell how long it lasts.
const Head = 2

// longest is 120 ms.
const longest = 5760

// Samples is how many samples of 48 kHz a packet lasts, by its first bytes; 0 if it cannot be told.
func Samples(head []byte) int {
	if len(head) == 0 {
		return 0
	}
	var frame int
	switch config := int(head[0] >> 3); {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		frame = 480 << (config & 1)
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = 120 << (config & 3)
	}
	switch head[0] & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	}
	if len(head) < Head || frame*int(head[1]&0x3F) > longest {
		return 0
	}
	return frame * int(head[1]&0x3F)
}
