package annexb

func (s *Splitter) lookAVC(nal []byte, begin func(Picture)) {
	switch kind := nal[0] & 0x1F; {
	case kind == avcSlice, kind == avcPartA, kind == avcIDR:
		s.sliceAVC(nal, kind, begin)
		s.sliced()
	case kind >= avcSEI && kind <= avcAUD, kind >= avcPrefix && kind <= avcLast:
		s.prefix()
		switch kind {
		case avcAUD:
			s.delimited = true
		case avcSEI:
			s.recovery = s.recovery || hasRecoveryPoint(nal[1:])
		case avcSPS:
			s.sequenced = true
			s.learnAVCSequence(nal)
		case avcPPS:
			s.learnAVCPictureSet(nal)
		}
	}
}

func (s *Splitter) learnAVCSequence(nal []byte) {
	id, sequence := parseAVCSequence(nal)
	if !sequence.valid {
		return
	}
	s.avc[id] = sequence
	if s.width == 0 {
		s.width, s.height, s.rate = sequence.width, sequence.height, sequence.rate
	}
	if len(nal) < maxSet {
		s.sets.learn(avcSPS, id, nal)
	}
}

func (s *Splitter) learnAVCPictureSet(nal []byte) {
	r := rbsp{data: nal[1:]}
	id, sequence := r.ue(), r.ue()
	if r.short || id > 255 || sequence > 31 {
		return
	}
	s.avcOf[id] = uint8(sequence + 1)
	if len(nal) < maxSet {
		s.sets.learn(avcPPS, id, nal)
	}
}

// avcSequenceOf is the SPS that a PPS refers to, nil if one of the two is not known.
func (s *Splitter) avcSequenceOf(pps uint32) *avcSequence {
	if pps > 255 || s.avcOf[pps] == 0 {
		return nil
	}
	return &s.avc[s.avcOf[pps]-1]
}

// sliceAVC looks at a slice. One that does not begin with the first macroblock goes on with the picture, unless a
// delimiter says otherwise: the slices before it are lost.
func (s *Splitter) sliceAVC(nal []byte, kind uint8, begin func(Picture)) {
	r := rbsp{data: nal[1:]}
	if r.ue() != 0 && !s.delimited || r.short {
		return
	}
	p, sequence := parseAVCSlice(&r, kind == avcIDR, s.avcSequenceOf)
	if s.begun && s.field.field && !s.paired && p.field && p.bottom != s.field.bottom && p.frame == s.field.frame && kind != avcIDR {
		s.paired = true
		return
	}
	s.field, s.paired = p, false
	picture := Picture{Key: kind == avcIDR || s.recovery || s.sequenced && p.intra, Reset: kind == avcIDR || !s.begun}
	if sequence != nil && sequence.orderType == 0 {
		picture.Ordered = true
		picture.Order = s.order.next(p.order, sequence.orderBits, picture.Reset, nal[0]&0x60 != 0)
	}
	s.begin(picture, begin)
}
