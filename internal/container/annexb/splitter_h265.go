package annexb

func (s *Splitter) lookHEVC(nal []byte, begin func(Picture)) {
	kind, layer := nal[0]>>1&0x3F, nal[0]&1<<5|nal[1]>>3
	switch {
	case layer > 0:
	case kind <= hevcVCL:
		s.sliceHEVC(nal, kind, begin)
		s.sliced()
	case kind <= hevcAUD, kind == hevcSEI, kind >= 41 && kind <= 44, kind >= 48 && kind <= 55:
		s.prefix()
		switch kind {
		case hevcAUD:
			s.delimited = true
		case hevcSEI:
			s.recovery = s.recovery || hasRecoveryPoint(nal[2:])
		case hevcVPS, hevcSPS, hevcPPS:
			s.learnHEVC(kind, nal)
		}
	case kind == hevcEOS:
		s.ended = true
	}
}

func (s *Splitter) learnHEVC(kind uint8, nal []byte) {
	var id uint32
	switch kind {
	case hevcVPS:
		r := rbsp{data: nal[2:]}
		id = r.bits(4)
	case hevcSPS:
		var sequence hevcSequence
		if id, sequence = parseHEVCSequence(nal); !sequence.valid {
			return
		}
		s.hevcs[id] = sequence
		if s.width == 0 {
			s.width, s.height = sequence.width, sequence.height
		}
	case hevcPPS:
		var set hevcPictureSet
		if id, set = parseHEVCPictureSet(nal); !set.valid {
			return
		}
		s.hevcSets[id] = set
	}
	if len(nal) < maxSet {
		s.sets.learn(kind, id, nal)
	}
}

// hevcSetsOf are the PPS of an id and the SPS that it refers to, nil if one of the two is not known.
func (s *Splitter) hevcSetsOf(pps uint32) (*hevcPictureSet, *hevcSequence) {
	if pps >= uint32(len(s.hevcSets)) || !s.hevcSets[pps].valid {
		return nil, nil
	}
	set := &s.hevcSets[pps]
	if sequence := &s.hevcs[set.sequence]; sequence.valid {
		return set, sequence
	}
	return nil, nil
}

// sliceHEVC looks at a slice segment.
func (s *Splitter) sliceHEVC(nal []byte, kind uint8, begin func(Picture)) {
	r := rbsp{data: nal[2:]}
	if !r.flag() && !s.delimited || r.short {
		return
	}
	irap := kind >= hevcBLA && kind <= hevcIRAPEnd
	picture := Picture{
		Key:   irap || s.recovery,
		Reset: irap && (kind <= hevcIDR+1 || s.ended) || !s.begun,
	}
	if lsb, bits, ok := parseHEVCSlice(&r, kind, s.hevcSetsOf); ok {
		picture.Ordered = true
		const firstLeading, lastLeading = 6, 9 // RADL, RASL
		leading := kind >= firstLeading && kind <= lastLeading
		disposable := kind < hevcBLA && kind%2 == 0
		picture.Order = s.order.next(lsb, bits, picture.Reset, nal[1]&7 == 1 && !leading && !disposable)
	}
	s.ended = false
	s.begin(picture, begin)
}
