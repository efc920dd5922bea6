package annexb

// NAL unit types of H.265, table 7-1.
const (
	hevcBLA     = 16 // to 18
	hevcIDR     = 19 // and 20
	hevcIRAPEnd = 23
	hevcVCL     = 31 // the last of the slices
	hevcVPS     = 32
	hevcSPS     = 33
	hevcPPS     = 34
	hevcAUD     = 35
	hevcEOS     = 36
	hevcSEI     = 39 // prefix SEI
	hevcUnits   = 47 // the last type of a NAL unit
)

// An hevcSequence is what of an SPS is needed to read slice headers, and for the description.
type hevcSequence struct {
	valid         bool
	planes        bool // separate_colour_plane_flag
	orderBits     int  // of slice_pic_order_cnt_lsb
	width, height int
}

// parseHEVCSequence reads an SPS (H.265 §7.3.2.2) as far as it is needed, and its id.
func parseHEVCSequence(nal []byte) (id uint32, s hevcSequence) {
	if len(nal) < 4 {
		return 0, s
	}
	r := rbsp{data: nal[2:]}
	r.skip(4)
	layers := int(r.bits(3))
	r.skip(1)
	skipProfileTierLevel(&r, layers)
	id = r.ue()
	chroma := r.ue()
	if chroma == 3 {
		s.planes = r.flag()
	}
	s.width, s.height = int(r.ue()), int(r.ue())
	if r.flag() { // conformance_window
		x, y := 1, 1
		if chroma == 1 || chroma == 2 {
			x = 2
		}
		if chroma == 1 {
			y = 2
		}
		s.width -= x * int(r.ue()+r.ue())
		s.height -= y * int(r.ue()+r.ue())
	}
	r.ue() // bit_depth_luma
	r.ue() // bit_depth_chroma
	s.orderBits = int(r.ue()) + 4
	s.valid = !r.short && id < 16 && chroma <= 3 && s.orderBits <= 16 &&
		s.width > 0 && s.width <= maxSide && s.height > 0 && s.height <= maxSide
	return id, s
}

// skipProfileTierLevel passes over profile_tier_level (H.265 §7.3.3).
func skipProfileTierLevel(r *rbsp, layers int) {
	r.skip(88 + 8)
	if layers == 0 {
		return
	}
	var size [8]int
	for i := range size {
		size[i] = 88*int(r.bits(1)) + 8*int(r.bits(1))
	}
	for i := range layers {
		r.skip(size[i])
	}
}

// An hevcPictureSet is what of a PPS is needed to read slice headers.
type hevcPictureSet struct {
	valid     bool
	sequence  uint32
	hasOutput bool // output_flag_present_flag
	extraBits int  // num_extra_slice_header_bits
}

// parseHEVCPictureSet reads a PPS (H.265 §7.3.2.3.1) as far as it is needed, and its id.
func parseHEVCPictureSet(nal []byte) (id uint32, p hevcPictureSet) {
	if len(nal) < 3 {
		return 0, p
	}
	r := rbsp{data: nal[2:]}
	id = r.ue()
	p.sequence = r.ue()
	r.skip(1)
	p.hasOutput = r.flag()
	p.extraBits = int(r.bits(3))
	p.valid = !r.short && id < 64 && p.sequence < 16
	return id, p
}

// parseHEVCSlice reads slice_pic_order_cnt_lsb of the first slice segment of a picture, behind
// first_slice_segment_in_pic_flag (H.265 §7.3.6.1).
func parseHEVCSlice(r *rbsp, kind uint8, sets func(pps uint32) (*hevcPictureSet, *hevcSequence)) (order uint32, bits int, ok bool) {
	if kind >= hevcBLA && kind <= hevcIRAPEnd {
		r.skip(1)
	}
	p, s := sets(r.ue())
	if r.short || p == nil {
		return 0, 0, false
	}
	r.skip(p.extraBits)
	r.ue() // slice_type
	if p.hasOutput {
		r.skip(1)
	}
	if s.planes {
		r.skip(2)
	}
	if kind != hevcIDR && kind != hevcIDR+1 {
		order = r.bits(s.orderBits)
	}
	return order, s.orderBits, !r.short
}
