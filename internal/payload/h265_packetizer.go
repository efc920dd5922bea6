package payload

// h265Packetizer makes the RTP payloads of H.265 in transmission order, without
// decoding order numbers (RFC 7798 §4.4).
type h265Packetizer struct {
	length int      // bytes in front of each NAL unit of a sample
	sets   [][]byte // for key pictures that lack them
	units  [][]byte
	f      h265
}

// h265Sets are the VPS, SPS and PPS among the NAL units, nil if one kind is missing.
func h265Sets(config [][]byte) [][]byte {
	f := new(h265)
	for _, nal := range config {
		f.learn(nal)
	}
	if !f.complete() {
		return nil
	}
	return f.sets.nals()
}

// Packetize puts neighbours that fit together in an aggregation packet, and large
// ones in FUs. See [H264Packetizer] for the parameter sets.
func (p *h265Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if max < h265Smallest {
		return ErrSize
	}
	if err := p.read(sample); err != nil {
		return err
	}
	for nals := p.units; len(nals) > 0; {
		n := aggregable(nals, 2, max)
		switch nal, last := nals[0], n == len(nals); {
		case n > 1:
			p.emitAggregate(nals[:n], last, emit)
		case len(nal) <= max:
			emit(nal, 0, last)
		default:
			p.f.fragment(nal[:2], fuStart|fuEnd|h265Type(nal), nil, nal[2:], max, last, emit)
		}
		nals = nals[n:]
	}
	clear(p.units)
	return nil
}

// read lists the units to be sent.
func (p *h265Packetizer) read(sample []byte) error {
	info, walk := p.inspect(sample)
	if walk.bad {
		return ErrSample
	}
	p.units = p.units[:0]
	insert := info.Key && info.Slice && !info.Params
	walk = nalSample{rest: sample, length: p.length}
	for nal, ok := walk.next(); ok; nal, ok = walk.next() {
		if !h265Unit(nal) {
			continue
		}
		if insert && h265Type(nal) != h265AUD {
			p.units, insert = append(p.units, p.sets...), false
		}
		if p.units = append(p.units, nal); len(p.units) > maxUnits {
			return ErrSample
		}
	}
	if len(p.units) == 0 {
		return ErrSample
	}
	return nil
}

// inspect says what the sample is, without learning from it.
func (p *h265Packetizer) inspect(sample []byte) (Info, nalSample) {
	var info Info
	p.f.opened, p.f.points, p.f.inBand = false, false, 0
	walk := nalSample{rest: sample, length: p.length}
	for nal, ok := walk.next(); ok; nal, ok = walk.next() {
		if len(nal) >= 2 {
			p.f.seeType(h265Type(nal), h265Layer(nal), nal[2:], &info)
		}
	}
	return info, walk
}

// emitAggregate emits an aggregation packet: F if any unit has it, the lowest
// layer id and the lowest temporal id (RFC 7798 §4.4.2).
func (p *h265Packetizer) emitAggregate(nals [][]byte, marker bool, emit emitFunc) {
	b := append(p.f.buf[:0], 0, 0)
	forbidden, layer, tid := byte(0), byte(0x3F), byte(7)
	for _, nal := range nals {
		forbidden |= nal[0] & 0x80
		layer, tid = min(layer, h265Layer(nal)), min(tid, nal[1]&7)
		b = append(b, byte(len(nal)>>8), byte(len(nal)))
		b = append(b, nal...)
	}
	b[0], b[1] = forbidden|h265AP<<1|layer>>5, layer<<3|tid
	p.f.buf = b
	emit(b, 0, marker)
}
