package annexb

// NAL unit types of H.264, table 7-1.
const (
	avcSlice  = 1
	avcPartA  = 2
	avcIDR    = 5
	avcSEI    = 6
	avcSPS    = 7
	avcPPS    = 8
	avcAUD    = 9
	avcPrefix = 14 // to 18: before the pictures they belong to, as parameter sets are
	avcLast   = 18
	avcUnits  = 23 // the last type of a NAL unit
)

// An avcSequence is what of an SPS is needed to read slice headers, and for the description.
type avcSequence struct {
	valid         bool
	planes        bool // separate_colour_plane_flag
	frameNumBits  int
	orderType     uint32
	orderBits     int  // of pic_order_cnt_lsb
	framesOnly    bool // frame_mbs_only_flag
	width, height int
	rate          Rate
}

// parseAVCSequence reads an SPS (H.264 §7.3.2.1.1) and its id.
func parseAVCSequence(nal []byte) (id uint32, s avcSequence) {
	if len(nal) < 4 {
		return 0, s
	}
	r := rbsp{data: nal[1:]}
	profile := r.bits(8)
	r.skip(16)
	id = r.ue()
	chroma := uint32(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if chroma = r.ue(); chroma == 3 {
			s.planes = r.flag()
		}
		r.ue() // bit_depth_luma
		r.ue() // bit_depth_chroma
		r.skip(1)
		if r.flag() {
			skipScalingLists(&r, chroma)
		}
	}
	s.frameNumBits = int(r.ue()) + 4
	s.orderType = r.ue()
	switch s.orderType {
	case 0:
		s.orderBits = int(r.ue()) + 4
	case 1:
		r.skip(1)
		r.se()
		r.se()
		for n := r.ue(); n > 0 && !r.short; n-- {
			r.se()
		}
	}
	r.ue() // max_num_ref_frames
	r.skip(1)
	width, height := int(r.ue())+1, int(r.ue())+1
	s.framesOnly = r.flag()
	s.valid = !r.short && id < 32 && s.orderType <= 2 && s.frameNumBits <= 16 && s.orderBits <= 16 && chroma <= 3
	s.size(&r, chroma, width, height)
	return id, s
}

func skipScalingLists(r *rbsp, chroma uint32) {
	lists := 8
	if chroma == 3 {
		lists = 12
	}
	for i := range lists {
		if !r.flag() {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		last, next := int32(8), int32(8)
		for range size {
			if next != 0 {
				next = (last + r.se() + 256) & 255
			}
			if next != 0 {
				last = next
			}
		}
	}
}

// size reads what follows frame_mbs_only_flag: the size in pixels, and the frame rate.
func (s *avcSequence) size(r *rbsp, chroma uint32, width, height int) {
	fields := 1
	if !s.framesOnly {
		fields = 2
		r.skip(1)
	}
	r.skip(1)
	s.width, s.height = 16*width, 16*height*fields
	if r.flag() {
		x, y := 1, fields
		if (chroma == 1 || chroma == 2) && !s.planes {
			x = 2
		}
		if chroma == 1 && !s.planes {
			y *= 2
		}
		s.width -= x * int(r.ue()+r.ue())
		s.height -= y * int(r.ue()+r.ue())
	}
	if s.width <= 0 || s.height <= 0 || s.width > maxSide || s.height > maxSide || r.short {
		s.width, s.height = 0, 0
		return
	}
	if r.flag() {
		s.rate = avcTiming(r)
	}
}

// maxSide is the largest width or height of a picture that is believed.
const maxSide = 16384

// avcTiming reads the VUI as far as the frame rate (H.264 §E.1.1): a frame lasts two ticks.
func avcTiming(r *rbsp) Rate {
	if r.flag() && r.bits(8) == 255 { // aspect_ratio_idc: extended
		r.skip(32)
	}
	if r.flag() { // overscan_info
		r.skip(1)
	}
	if r.flag() { // video_signal_type
		r.skip(4)
		if r.flag() {
			r.skip(24)
		}
	}
	if r.flag() { // chroma_loc_info
		r.ue()
		r.ue()
	}
	if !r.flag() { // timing_info
		return Rate{}
	}
	units, scale := int64(r.bits(32)), int64(r.bits(32))
	if r.short {
		return Rate{}
	}
	return Rate{scale, 2 * units}.checked()
}

// An avcPicture is what the header of a slice says of its picture (H.264 §7.3.3).
type avcPicture struct {
	frame         uint32 // frame_num
	field, bottom bool
	intra         bool
	order         uint32 // pic_order_cnt_lsb
}

// parseAVCSlice reads the header of a slice behind first_mb_in_slice. Without its sequence only intra is known.
func parseAVCSlice(r *rbsp, idr bool, sequenceOf func(pps uint32) *avcSequence) (p avcPicture, s *avcSequence) {
	kind := r.ue() % 5
	p.intra = kind == 2 || kind == 4
	s = sequenceOf(r.ue())
	if r.short || s == nil || !s.valid {
		return p, nil
	}
	if s.planes {
		r.skip(2)
	}
	p.frame = r.bits(s.frameNumBits)
	if !s.framesOnly {
		if p.field = r.flag(); p.field {
			p.bottom = r.flag()
		}
	}
	if idr {
		r.ue() // idr_pic_id
	}
	if s.orderType == 0 {
		p.order = r.bits(s.orderBits)
	}
	if r.short {
		return avcPicture{intra: p.intra}, nil
	}
	return p, s
}
