package payload

import "bytes"

// mpeg4VideoPacketizer makes payloads of MP4V-ES (RFC 6416 §5): the elementary
// stream cut in packets, a VOP to each access unit.
type mpeg4VideoPacketizer struct {
	config []byte // for I-VOPs that lack it
	buf    scratch
}

// mpeg4Config is the headers up to the VOL, nil if there are none or if they are
// no headers.
func mpeg4Config(config [][]byte) []byte {
	all := bytes.Join(config, nil)
	if len(all) < 5 || len(all) > maxParameterPayload || !startsWithCode(all) {
		return nil
	}
	return all
}

// Packetize emits a VOP with its headers. Headers are not cut: those of the track
// share their packet with the beginning of the VOP (RFC 6416 §5.2).
func (p *mpeg4VideoPacketizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if len(sample) == 0 {
		return ErrSample
	}
	if max < 1 {
		return ErrSize
	}
	if intra, vol := mpeg4Headers(sample); intra && !vol && len(p.config) > 0 {
		if len(p.config) >= max {
			return ErrSize
		}
		n := min(len(sample), max-len(p.config))
		p.buf.join(p.config, sample[:n], 0, n == len(sample), emit)
		sample = sample[n:]
	}
	if len(sample) > 0 {
		splitBytes(sample, max, emit)
	}
	return nil
}

// mpeg4Headers reads up to the first VOP: whether it is an I-VOP, and whether a
// VOL is in front of it.
func mpeg4Headers(sample []byte) (intra, vol bool) {
	for {
		at := bytes.Index(sample, startCode)
		if at < 0 || at+4 >= len(sample) {
			return false, vol
		}
		code := sample[at+3]
		sample = sample[at+4:]
		if code == mpeg4VOP {
			return sample[0]>>6 == 0, vol // vop_coding_type
		}
		vol = vol || code >= mpeg4VOL && code <= mpeg4VOLEnd
	}
}
