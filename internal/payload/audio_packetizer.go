package payload

// aacPacketizer makes payloads of mpeg4-generic in mode AAC-hbr (RFC 3640
// §3.3.6): one access unit in each packet, or a piece of one. Each piece says the
// size of the whole (PLD-14).
type aacPacketizer struct{ buf scratch }

const (
	aacHeader  = 4         // the length of the AU headers in bits, one AU header
	aacMaxSize = 1<<13 - 1 // sizelength 13
)

// Packetize emits an access unit; see [Packetizer].
func (p *aacPacketizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if max <= aacHeader {
		return ErrSize
	}
	size := len(sample)
	if size == 0 || size > aacMaxSize {
		return ErrSample
	}
	head := [aacHeader]byte{0, 16, byte(size >> 5), byte(size << 3)}
	for len(sample) > 0 {
		chunk := sample[:min(len(sample), max-aacHeader)]
		sample = sample[len(chunk):]
		p.buf.join(head[:], chunk, 0, len(sample) == 0, emit)
	}
	return nil
}

// opusPacketizer makes payloads of RFC 7587: the Opus packet itself, never cut.
type opusPacketizer struct{}

// Packetize emits a packet; see [Packetizer].
func (opusPacketizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if len(sample) == 0 {
		return ErrSample
	}
	if len(sample) > max {
		return ErrSize
	}
	emit(sample, 0, false)
	return nil
}

// mpegAudioPacketizer makes payloads of MPA (RFC 2250 §3.5): a frame in each
// packet, or a piece of one behind its offset.
type mpegAudioPacketizer struct{ buf scratch }

// Packetize emits a frame; see [Packetizer].
func (p *mpegAudioPacketizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if max <= mpegAudioHeader {
		return ErrSize
	}
	if len(sample) == 0 || len(sample) > 1<<16 {
		return ErrSample
	}
	for offset := 0; offset < len(sample); {
		chunk := sample[offset:min(len(sample), offset+max-mpegAudioHeader)]
		head := [mpegAudioHeader]byte{2: byte(offset >> 8), 3: byte(offset)}
		p.buf.join(head[:], chunk, 0, false, emit)
		offset += len(chunk)
	}
	return nil
}

// ac3Packetizer makes payloads of RFC 4184: a frame in each packet, or a piece of
// one.
type ac3Packetizer struct{ buf scratch }

// Frame types of RFC 4184 §4.1.1.
const (
	ac3Whole     = 0
	ac3Most      = 1 // the first piece, with at least five eighths of the frame: half can be decoded
	ac3Beginning = 2 // the first piece, smaller
	ac3Rest      = 3
)

// Packetize emits a frame; see [Packetizer].
func (p *ac3Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	room, size := max-2, len(sample)
	if size == 0 {
		return ErrSample
	}
	if room < 1 || (size+room-1)/room > 255 {
		return ErrSize
	}
	head := [2]byte{ac3Whole, byte((size + room - 1) / room)}
	switch {
	case size > room && 8*room >= 5*size:
		head[0] = ac3Most
	case size > room:
		head[0] = ac3Beginning
	}
	for len(sample) > 0 {
		chunk := sample[:min(len(sample), room)]
		sample = sample[len(chunk):]
		p.buf.join(head[:], chunk, 0, len(sample) == 0, emit)
		head[0] = ac3Rest
	}
	return nil
}

// pcmPacketizer makes payloads of sampled audio (RFC 3551 §4.5), cut between
// samples.
type pcmPacketizer struct{ tick int } // bytes of one sample of all channels

// Packetize emits a block of samples; see [Packetizer]. A part of a sample at the
// end is left out.
func (p *pcmPacketizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	room := max - max%p.tick
	if max < p.tick {
		return ErrSize
	}
	if len(sample) < p.tick {
		return ErrSample
	}
	sample = sample[:len(sample)-len(sample)%p.tick]
	for at := 0; at < len(sample); at += room {
		emit(sample[at:min(len(sample), at+room)], uint32(at/p.tick), false)
	}
	return nil
}
