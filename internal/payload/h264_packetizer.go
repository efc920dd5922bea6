package payload

// H264Packetizer makes the RTP payloads of H.264 in packetization mode 1
// (RFC 6184 §6.3). The zero value is ready, for samples with lengths of four
// bytes. Not safe for concurrent use; it allocates nothing once its buffers have
// grown.
type H264Packetizer struct {
	length int      // bytes in front of each NAL unit of a sample; 0 means 4
	sets   [][]byte // for key pictures that lack them
	units  [][]byte
	f      h264
}

// h264Sets are the SPS and PPS among the NAL units.
func h264Sets(config [][]byte) [][]byte {
	f := new(h264)
	for _, nal := range config {
		f.learn(nal)
	}
	return f.sets.nals()
}

// Packetize emits an access unit, given as NAL units behind their lengths; see
// [Packetizer]. Parameter sets go in front of a key picture that lacks them,
// behind its access unit delimiter. NAL units of types that only RTP has are left
// out.
func (p *H264Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if err := p.read(sample); err != nil {
		return err
	}
	err := p.PacketizeUnits(p.units, max, emit)
	clear(p.units)
	return err
}

// read lists the units to be sent.
func (p *H264Packetizer) read(sample []byte) error {
	info, walk := p.inspect(sample)
	if walk.bad {
		return ErrSample
	}
	p.units = p.units[:0]
	insert := info.Key && info.Slice && !info.Params
	walk = p.walk(sample)
	for nal, ok := walk.next(); ok; nal, ok = walk.next() {
		if !h264Unit(nal[0]) {
			continue
		}
		if insert && nal[0]&0x1F != h264AUD {
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

func (p *H264Packetizer) walk(sample []byte) nalSample {
	if p.length == 0 {
		return nalSample{rest: sample, length: 4}
	}
	return nalSample{rest: sample, length: p.length}
}

// inspect says what the sample is, without learning from it: a playback may go
// back to where other parameter sets held.
func (p *H264Packetizer) inspect(sample []byte) (Info, nalSample) {
	var info Info
	p.f.opened, p.f.points, p.f.inBand = false, false, 0
	walk := p.walk(sample)
	for nal, ok := walk.next(); ok; nal, ok = walk.next() {
		p.f.seeType(nal[0]&0x1F, nal[1:], &info)
	}
	return info, walk
}

// PacketizeUnits is Packetize for an access unit given as NAL units without start
// codes: neighbours that fit together go in a STAP-A, large ones in FU-As. Nothing
// is added or left out but empty units. It returns ErrSize if max is below 3.
func (p *H264Packetizer) PacketizeUnits(nals [][]byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if max < 3 {
		return ErrSize
	}
	for len(nals) > 0 && len(nals[len(nals)-1]) == 0 {
		nals = nals[:len(nals)-1]
	}
	for len(nals) > 0 {
		n := aggregable(nals, 1, max)
		switch last := n == len(nals); {
		case n > 1:
			p.emitSTAP(nals[:n], last, emit)
		case len(nals[0]) > 0:
			p.f.splitNAL(nals[0], max, last, emit)
		}
		nals = nals[n:]
	}
	return nil
}

func (p *H264Packetizer) emitSTAP(nals [][]byte, marker bool, emit emitFunc) {
	b := append(p.f.buf[:0], 0)
	for _, nal := range nals {
		b = appendSTAP(b, nal)
	}
	p.f.buf = b
	emit(b, 0, marker)
}
