package payload

// mpegAudioHeader is two bytes of zero and 16 bits of fragment offset (RFC 2250 §3.5).
const mpegAudioHeader = 4

// mpegAudio is MPA: MPEG-1 and MPEG-2 audio of all layers (RFC 2250 §3).
type mpegAudio struct {
	stateless
	clockRate int // of the RTP timestamps: 90000 but for careless SDP
	buf       scratch
}

func (*mpegAudio) Inspect([]byte, bool) Info { return Info{Key: true} }

// Split puts whole frames together as far as they fit and cuts those that do
// not. What is not a whole frame is cut as one unit.
func (f *mpegAudio) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	if len(payload) <= max {
		emit(payload, 0, true)
		return true
	}
	if len(payload) < mpegAudioHeader || max <= mpegAudioHeader {
		return false
	}
	offset, data := int(payload[2])<<8|int(payload[3]), payload[mpegAudioHeader:]
	if offset+len(data) > 1<<16 {
		return false
	}
	if offset > 0 {
		f.fragment(data, offset, max, 0, true, emit)
		return true
	}
	samples, rate := 0, 0
	for len(data) > 0 {
		if h := mpegAudioFrame(data); h.rate > 0 {
			rate = h.rate
		}
		n, count := mpegAudioGroup(data, max-mpegAudioHeader)
		delta := f.ticks(samples, rate)
		f.fragment(data[:n], 0, max, delta, n == len(data), emit)
		data, samples = data[n:], samples+count
	}
	return true
}

// ticks is the time of samples in ticks of the clock.
func (f *mpegAudio) ticks(samples, rate int) uint32 {
	if rate == 0 || f.clockRate <= 0 {
		return 0
	}
	return uint32(int64(samples) * int64(f.clockRate) / int64(rate))
}

// fragment emits data with the fragment offset in front, cut where it must be.
func (f *mpegAudio) fragment(data []byte, offset, max int, delta uint32, last bool, emit emitFunc) {
	for {
		chunk := data[:min(len(data), max-mpegAudioHeader)]
		data = data[len(chunk):]
		head := [mpegAudioHeader]byte{2: byte(offset >> 8), 3: byte(offset)}
		f.buf.join(head[:], chunk, delta, last && len(data) == 0, emit)
		if offset += len(chunk); len(data) == 0 {
			return
		}
	}
}

// mpegAudioGroup is the size of the whole frames at the beginning of data that
// fit in room, and their samples. A frame that does not fit goes alone, and what
// is no frame goes together to the end.
func mpegAudioGroup(data []byte, room int) (size, samples int) {
	for size < len(data) {
		h := mpegAudioFrame(data[size:])
		n := h.size
		if n == 0 || n > len(data)-size {
			n = len(data) - size
		}
		if size > 0 && size+n > room {
			break
		}
		size, samples = size+n, samples+h.samples
	}
	return size, samples
}

// mpegFrame is what the header of an MPEG audio frame says; size is 0 if there
// is none or its bit rate is free.
type mpegFrame struct{ size, samples, rate int }

// mpegAudioFrame reads a frame header (ISO/IEC 11172-3 §2.4.1.3, 13818-3 §2.4.2.3).
func mpegAudioFrame(b []byte) mpegFrame {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return mpegFrame{}
	}
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3) // version 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
	bitrate, rate, padding := int(b[2]>>4), int(b[2]>>2&3), int(b[2]>>1&1)
	if version == 1 || layer == 4 || rate == 3 {
		return mpegFrame{}
	}
	h := mpegFrame{rate: [3]int{44100, 48000, 32000}[rate], samples: 1152}
	switch {
	case layer == 1:
		h.samples = 384
	case layer == 3 && version != 3:
		h.samples = 576
	}
	switch version {
	case 2:
		h.rate /= 2
	case 0:
		h.rate /= 4
	}
	bits := 1000 * mpegBitrate(version == 3, layer, bitrate)
	if layer == 1 {
		h.size = (12*bits/h.rate + padding) * 4
	} else {
		h.size = h.samples/8*bits/h.rate + padding
	}
	if bits == 0 {
		h.size = 0
	}
	return h
}

// mpegBitrate is in kbit/s, 0 for a free or forbidden one.
func mpegBitrate(first bool, layer, index int) int {
	if index == 15 {
		return 0
	}
	switch {
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
