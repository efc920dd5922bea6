package clock

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math/bits"
)

// A decoder decodes just the H.264 that the clock makes and refuses all else. It is written from ITU-T H.264, not from
// the encoder: samples are predicted from decoded samples.
type decoder struct {
	sps                sequence
	qp                 int
	img                *image.YCbCr // the last picture, whole macroblocks
	kind               []byte       // of each macroblock of the picture: 's', 'p', 'd'
	header             sliceHeader
	changed, flatCoded int // macroblocks of the last picture
}

type sequence struct {
	profile, constraints, level byte
	log2FrameNum, orderType     int
	columns, rows, cropBottom   int
	tick, scale                 uint32
	reorder, buffering          int
}

type sliceHeader struct {
	idr               bool
	kind, num, idrPic uint32
}

var errDecode = errors.New("unexpected in this stream")

// A bitReader reads an RBSP. Reading behind its end gives zeros and is noticed by over.
type bitReader struct {
	b    []byte
	pos  int
	over bool
}

func newBitReader(nal []byte) *bitReader {
	return &bitReader{b: bytes.ReplaceAll(nal[1:], []byte{0, 0, 3}, []byte{0, 0})}
}

func (r *bitReader) u(n int) (v uint32) {
	for range n {
		v <<= 1
		if r.pos >= 8*len(r.b) {
			r.over = true
			continue
		}
		v |= uint32(r.b[r.pos/8]>>(7-r.pos%8)) & 1
		r.pos++
	}
	return v
}

func (r *bitReader) ue() uint32 {
	n := 0
	for r.u(1) == 0 && !r.over {
		n++
	}
	return 1<<n - 1 + r.u(n)
}

func (r *bitReader) se() int {
	k := int(r.ue())
	if k%2 == 1 {
		return (k + 1) / 2
	}
	return -k / 2
}

// more is more_rbsp_data.
func (r *bitReader) more() bool {
	last := len(r.b) - 1
	return r.pos < 8*last+7-bits.TrailingZeros8(r.b[last])
}

// ended tells whether nothing but rbsp_trailing_bits is left.
func (r *bitReader) ended() bool { return !r.more() && !r.over }

// unit decodes one NAL unit; picture tells whether it was a picture.
func (d *decoder) unit(nal []byte) (picture bool, err error) {
	r := newBitReader(nal)
	switch nal[0] {
	case 0x67:
		err = d.sequence(r)
	case 0x68:
		err = d.picture(r)
	case 0x65, 0x41:
		err = d.slice(r, nal[0] == 0x65)
		picture = true
	default:
		return false, fmt.Errorf("NAL header %#x: %w", nal[0], errDecode)
	}
	if err == nil && !r.ended() {
		err = fmt.Errorf("NAL header %#x does not end where it should: %w", nal[0], errDecode)
	}
	return picture, err
}

// want reads n bits that have to be v.
func (r *bitReader) want(err *error, name string, n int, v uint32) {
	if got := r.u(n); got != v && *err == nil {
		*err = fmt.Errorf("%s is %d, want %d: %w", name, got, v, errDecode)
	}
}

func (r *bitReader) wantUE(err *error, name string, v uint32) {
	if got := r.ue(); got != v && *err == nil {
		*err = fmt.Errorf("%s is %d, want %d: %w", name, got, v, errDecode)
	}
}

func (d *decoder) sequence(r *bitReader) (err error) {
	s := &d.sps
	s.profile, s.constraints, s.level = byte(r.u(8)), byte(r.u(8)), byte(r.u(8))
	r.wantUE(&err, "seq_parameter_set_id", 0)
	s.log2FrameNum = int(r.ue()) + 4
	s.orderType = int(r.ue())
	r.wantUE(&err, "max_num_ref_frames", 1)
	r.want(&err, "gaps_in_frame_num_value_allowed_flag", 1, 0)
	s.columns, s.rows = int(r.ue())+1, int(r.ue())+1
	r.want(&err, "frame_mbs_only_flag", 1, 1)
	r.u(1) // direct_8x8_inference_flag
	r.want(&err, "frame_cropping_flag", 1, 1)
	r.wantUE(&err, "left", 0)
	r.wantUE(&err, "right", 0)
	r.wantUE(&err, "top", 0)
	s.cropBottom = 2 * int(r.ue())
	r.want(&err, "vui_parameters_present_flag", 1, 1)
	r.want(&err, "aspect_ratio", 9, 1<<8|1)
	r.want(&err, "overscan_info_present_flag", 1, 0)
	r.want(&err, "video_signal_type", 6, 0b1_101_0_1)
	r.u(24)
	r.want(&err, "chroma_loc_info_present_flag", 1, 0)
	r.want(&err, "timing_info_present_flag", 1, 1)
	s.tick, s.scale = r.u(32), r.u(32)
	r.u(1) // fixed_frame_rate_flag
	r.want(&err, "hrd, pic_struct", 3, 0)
	r.want(&err, "bitstream_restriction_flag", 1, 1)
	r.u(1)
	r.ue()
	r.ue()
	r.ue()
	r.ue()
	s.reorder, s.buffering = int(r.ue()), int(r.ue())
	d.img = image.NewYCbCr(image.Rect(0, 0, 16*s.columns, 16*s.rows), image.YCbCrSubsampleRatio420)
	d.kind = make([]byte, s.columns*s.rows)
	return err
}

func (d *decoder) picture(r *bitReader) (err error) {
	r.wantUE(&err, "pic_parameter_set_id", 0)
	r.wantUE(&err, "seq_parameter_set_id", 0)
	r.want(&err, "entropy_coding_mode_flag, order", 2, 0)
	r.wantUE(&err, "num_slice_groups_minus1", 0)
	r.wantUE(&err, "num_ref_idx_l0", 0)
	r.wantUE(&err, "num_ref_idx_l1", 0)
	r.want(&err, "weighted prediction", 3, 0)
	d.qp = 26 + r.se()
	r.se()
	r.wantUE(&err, "chroma_qp_index_offset", 0)
	r.want(&err, "deblocking control, constrained intra, redundant", 3, 0b100)
	return err
}

func (d *decoder) slice(r *bitReader, idr bool) (err error) {
	d.header = sliceHeader{idr: idr}
	r.wantUE(&err, "first_mb_in_slice", 0)
	d.header.kind = r.ue()
	r.wantUE(&err, "pic_parameter_set_id", 0)
	d.header.num = r.u(d.sps.log2FrameNum)
	if idr {
		d.header.idrPic = r.ue()
		r.want(&err, "dec_ref_pic_marking", 2, 0)
	} else {
		r.want(&err, "override, modification, marking", 3, 0)
	}
	d.qp += r.se()
	r.wantUE(&err, "disable_deblocking_filter_idc", 1)
	d.changed, d.flatCoded = 0, 0
	for i := 0; i < len(d.kind) && err == nil; i++ {
		if d.header.kind == 5 {
			for run := r.ue(); run > 0 && i < len(d.kind); run-- {
				d.kind[i] = 's'
				i++
			}
			if !r.more() {
				break
			}
		}
		err = d.macroblock(r, i)
		d.changed++
	}
	return err
}

func (d *decoder) macroblock(r *bitReader, i int) error {
	kind := r.ue()
	if d.header.kind == 5 {
		kind -= 5
	}
	switch {
	case i >= len(d.kind) || r.over:
		return errDecode
	case kind == 25:
		d.kind[i] = 'p'
		return d.plain(r, i)
	case kind == 3:
		d.kind[i] = 'd'
		d.flatCoded++
		return d.dc(r, i)
	default:
		return fmt.Errorf("mb_type %d: %w", kind, errDecode)
	}
}

func (d *decoder) plain(r *bitReader, i int) error {
	for r.pos%8 != 0 {
		if r.u(1) != 0 {
			return errDecode
		}
	}
	d.samples(i, func(plane, _, _ int, p *byte) { *p = byte(r.u(8)) })
	return nil
}

// samples visits those of macroblock i in the order of I_PCM: plane, then x and y in it.
func (d *decoder) samples(i int, visit func(plane, x, y int, p *byte)) {
	column, row := i%d.sps.columns, i/d.sps.columns
	for plane, p := range [][]byte{d.img.Y, d.img.Cb, d.img.Cr} {
		n, stride := 16, d.img.YStride
		if plane > 0 {
			n, stride = 8, d.img.CStride
		}
		for y := n * row; y < n*row+n; y++ {
			for x := n * column; x < n*column+n; x++ {
				visit(plane, x, y, &p[y*stride+x])
			}
		}
	}
}

// dc decodes an Intra_16x16 macroblock with DC prediction and at most one coefficient.
func (d *decoder) dc(r *bitReader, i int) error {
	if r.ue() != 0 || r.se() != 0 {
		return errDecode // intra_chroma_pred_mode, mb_qp_delta
	}
	level, err := d.coefficient(r, i)
	if err != nil {
		return err
	}
	column, row := i%d.sps.columns, i/d.sps.columns
	normAdjust := [...]int{10, 11, 13, 14, 16, 18}[d.qp%6]
	dcY := (level*16*normAdjust + 1<<(5-d.qp/6)) >> (6 - d.qp/6)
	add := (dcY + 32) >> 6
	luma := predict(d.img.Y, d.img.YStride, 16*column, 16*row, 16, row > 0, column > 0) + add
	d.samples(i, func(plane, x, y int, p *byte) {
		if plane == 0 {
			*p = byte(luma)
			return
		}
		if x%4 != 0 || y%4 != 0 {
			return
		}
		pix := [][]byte{d.img.Y, d.img.Cb, d.img.Cr}[plane]
		// §8.3.4: the corner blocks use both edges, the other ones prefer the edge they touch.
		up, left := row > 0, column > 0
		switch {
		case x%8 == 4 && y%8 == 0 && up:
			left = false
		case x%8 == 0 && y%8 == 4 && left:
			up = false
		}
		v := predictAt(pix, d.img.CStride, x, y, 8*column, 8*row, 4, up, left)
		for yy := y; yy < y+4; yy++ {
			for xx := x; xx < x+4; xx++ {
				pix[yy*d.img.CStride+xx] = byte(v)
			}
		}
	})
	return nil
}

func predict(pix []byte, stride, x, y, n int, up, left bool) int {
	return predictAt(pix, stride, x, y, x, y, n, up, left)
}

// predictAt is the mean of n samples above x, in the row over edgeY, and of n left of y, in the column before edgeX.
func predictAt(pix []byte, stride, x, y, edgeX, edgeY, n int, up, left bool) int {
	sum, count := 0, 0
	for i := range n {
		if up {
			sum += int(pix[(edgeY-1)*stride+x+i])
			count++
		}
		if left {
			sum += int(pix[(y+i)*stride+edgeX-1])
			count++
		}
	}
	if count == 0 {
		return 128
	}
	return (sum + count/2) / count
}

// coefficient decodes Intra16x16DCLevel.
func (d *decoder) coefficient(r *bitReader, i int) (int, error) {
	total := func(j int) int {
		if d.kind[j] == 'p' {
			return 16
		}
		return 0
	}
	nC, n := 0, 0
	if i%d.sps.columns > 0 {
		nC, n = nC+total(i-1), n+1
	}
	if i >= d.sps.columns {
		nC, n = nC+total(i-d.sps.columns), n+1
	}
	if n == 2 {
		nC = (nC + 1) / 2
	}
	count, ones := 0, 0
	if nC >= 8 {
		switch r.u(6) {
		case 3:
		case 0:
			count = 1
		case 1:
			count, ones = 1, 1
		default:
			return 0, errDecode
		}
	} else if r.u(1) == 0 {
		count = 1
		if r.u(1) == 1 {
			ones = 1
		} else if r.u(4) != 5 {
			return 0, errDecode
		}
	}
	if count == 0 {
		return 0, nil
	}
	v := 1
	if ones == 1 {
		if r.u(1) == 1 {
			v = -1
		}
	} else {
		v = r.level()
	}
	if r.u(1) != 1 { // total_zeros
		return 0, errDecode
	}
	return v, nil
}

// level is §9.2.2.1 with suffixLength 0 and no trailing ones.
func (r *bitReader) level() int {
	prefix := 0
	for r.u(1) == 0 && !r.over {
		prefix++
	}
	code := min(15, prefix)
	switch {
	case prefix == 14:
		code += int(r.u(4))
	case prefix >= 15:
		code += int(r.u(prefix-3)) + 15
	}
	code += 2
	if code%2 == 0 {
		return (code + 2) / 2
	}
	return (-code - 1) / 2
}
