package payload

import "errors"

// ErrSize is what Packetizers return when max leaves no room for data.
var ErrSize = errors.New("payload size too small for the format")

// H264Packetizer makes the RTP payloads of H.264 in packetization mode 1
// (RFC 6184 §6.3). The zero value is ready. Not safe for concurrent use; it
// allocates nothing once its buffer has grown to max.
type H264Packetizer struct{ f h264 }

// Packetize emits an access unit, given as NAL units without start codes, as
// payloads of at most max bytes: neighbours that fit together as a STAP-A, large
// ones as FU-As. marker is set for the last. The slice given to emit is valid
// during the call only. It returns ErrSize if max is below 3; nothing was
// emitted then.
func (p *H264Packetizer) Packetize(nals [][]byte, max int, emit func(payload []byte, marker bool)) error {
	if max < 3 {
		return ErrSize
	}
	for len(nals) > 0 && len(nals[len(nals)-1]) == 0 {
		nals = nals[:len(nals)-1]
	}
	out := func(payload []byte, _ uint32, last bool) { emit(payload, last) }
	for len(nals) > 0 {
		n := aggregable(nals, max)
		switch last := n == len(nals); {
		case n > 1:
			p.emitSTAP(nals[:n], last, emit)
		case len(nals[0]) > 0:
			p.f.splitNAL(nals[0], max, last, out)
		}
		nals = nals[n:]
	}
	return nil
}

// aggregable is how many of the first NAL units go into one payload, at least one.
func aggregable(nals [][]byte, max int) int {
	size := 1
	for n, nal := range nals {
		size += 2 + len(nal)
		if size > max || len(nal) == 0 || len(nal) > 0xFFFF {
			if n == 0 {
				return 1
			}
			return n
		}
	}
	return len(nals)
}

func (p *H264Packetizer) emitSTAP(nals [][]byte, marker bool, emit func(payload []byte, marker bool)) {
	b := append(p.f.buf[:0], 0)
	for _, nal := range nals {
		b = appendSTAP(b, nal)
	}
	p.f.buf = b
	emit(b, marker)
}
