package payload

// Main header of RFC 2435 §3.1: type-specific, 24 bits of offset, type, Q,
// width, height. Restart header of §3.1.7 and quantization table header of
// §3.1.8 follow.
const (
	jpegHeader        = 8
	jpegRestartHeader = 4
	jpegTableHeader   = 4

	jpegMaxOffset = 1<<24 - 1
	jpegMaxSize   = 255 * 8 // of what width and height can say, in pixels

	jpegFirst     = 0x8000 // F: the first packet of a chunk of restart intervals
	jpegLast      = 0x4000 // L: the last
	jpegUnaligned = 0x3FFF // count, with F and L: packets are not aligned to intervals
)

// jpeg is RFC 2435.
type jpeg struct {
	stateless
	buf scratch
}

// Inspect sees a random access point in the first packet of every frame.
func (f *jpeg) Inspect(payload []byte, marker bool) Info {
	if len(payload) < jpegHeader {
		return Info{}
	}
	return Info{Key: jpegOffset(payload) == 0, Slice: true}
}

func jpegOffset(payload []byte) int {
	return int(payload[1])<<16 | int(payload[2])<<8 | int(payload[3])
}

// jpegHeads returns the size of the headers of one packet: those that every
// packet repeats, and all.
func jpegHeads(payload []byte) (repeated, all int, ok bool) {
	if len(payload) < jpegHeader {
		return 0, 0, false
	}
	repeated = jpegHeader
	if t := payload[4]; t >= 64 && t < 128 {
		repeated += jpegRestartHeader
	}
	all = repeated
	if payload[5] >= 128 && jpegOffset(payload) == 0 {
		if all += jpegTableHeader; len(payload) < all {
			return 0, 0, false
		}
		all += int(payload[all-2])<<8 | int(payload[all-1])
	}
	return repeated, all, all < len(payload)
}

// Split repeats the main header with the offset of the data that follows, and
// the restart header.
func (f *jpeg) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	repeated, all, ok := jpegHeads(payload)
	if !ok || max <= all {
		return false
	}
	offset := jpegOffset(payload)
	if offset+len(payload)-all > jpegMaxOffset {
		return false
	}
	f.emit(payload[:repeated], payload[repeated:max], offset, true, false, emit)
	offset += max - all
	for data := payload[max:]; len(data) > 0; {
		chunk := data[:min(len(data), max-repeated)]
		data = data[len(chunk):]
		f.emit(payload[:repeated], chunk, offset, false, len(data) == 0, emit)
		offset += len(chunk)
	}
	return true
}

// emit writes one packet at the offset. A chunk of restart intervals that is
// cut has F in its first packet and L in its last.
func (f *jpeg) emit(head, data []byte, offset int, first, last bool, emit emitFunc) {
	b := append(append(f.buf[:0], head...), data...)
	f.buf = b
	b[1], b[2], b[3] = byte(offset>>16), byte(offset>>8), byte(offset)
	if restart := b[jpegHeader:len(head)]; len(restart) > 0 && !jpegIsUnaligned(restart) {
		if !first {
			restart[2] &^= jpegFirst >> 8
		}
		if !last {
			restart[2] &^= jpegLast >> 8
		}
	}
	emit(b, 0, last)
}

func jpegIsUnaligned(restart []byte) bool {
	const all = jpegFirst | jpegLast | jpegUnaligned
	return int(restart[2])<<8|int(restart[3]) == all
}
