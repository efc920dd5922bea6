package payload

// vp8Packetizer makes payloads of RFC 7741 with the smallest descriptor: S in the
// first packet of a frame, nothing else. It does not look for the partitions.
type vp8Packetizer struct{ buf scratch }

// Packetize emits a frame; see [Packetizer].
func (p *vp8Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	const start = 0x10 // S
	return p.buf.describe(start, 0, start, sample, max, emit)
}

// vp9Packetizer makes payloads of RFC 9628 with the smallest descriptor, in
// non-flexible mode: P for pictures that need others, B in the first packet of a
// frame, E in the last. The frames of a superframe stay together.
type vp9Packetizer struct{ buf scratch }

// Packetize emits a frame or superframe; see [Packetizer].
func (p *vp9Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	always := byte(vp9Inter)
	if len(sample) > 0 && vp9KeyFrame(sample) {
		always = 0
	}
	return p.buf.describe(always|vp9Begin, vp9End, vp9Begin, sample, max, emit)
}

// describe emits the sample cut in pieces, each behind a byte: first for the
// first of them, without the bits of once for the others, with those of end for
// the last.
func (s *scratch) describe(first, end, once byte, sample []byte, max int, emit emitFunc) error {
	if max < 2 {
		return ErrSize
	}
	if len(sample) == 0 {
		return ErrSample
	}
	for head := first; len(sample) > 0; head &^= once {
		chunk := sample[:min(len(sample), max-1)]
		if sample = sample[len(chunk):]; len(sample) == 0 {
			head |= end
		}
		s.join([]byte{head}, chunk, 0, len(sample) == 0, emit)
	}
	return nil
}
