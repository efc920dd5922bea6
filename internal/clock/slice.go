package clock

// Values of slice_type, ITU-T H.264 §7.4.3: all slices of the picture are of that type.
const (
	sliceP = 5
	sliceI = 7
)

// A slice writes one slice, which is a whole picture. What it writes is decoded to exactly the macroblocks given, so
// the last picture given is also the decoder's reference picture.
type slice struct {
	bitWriter
	grid  *[columns * rows]*macroblock // what is being written
	coded [columns * rows]coding       // how it was written so far
	last  [columns * rows]*macroblock  // what was written before
	intra uint32                       // added to mb_type of intra macroblocks
}

// A coding is how a macroblock was written.
type coding uint8

const (
	skipped coding = iota
	plain          // I_PCM
	even           // Intra_16x16 with at most the DC coefficient of luma
)

func (s *slice) begin(kind, number uint32) {
	s.bitWriter = bitWriter{out: s.out[:0]}
	s.ue(0) // first_mb_in_slice
	s.ue(kind)
	s.ue(0) // pic_parameter_set_id
	s.put(log2MaxFrameNum, number)
}

// quiet ends the slice header: the QP as it is, and no deblocking.
func (s *slice) quiet() {
	s.se(0) // slice_qp_delta
	s.ue(1) // disable_deblocking_filter_idc
}

// idr writes an IDR picture, ITU-T H.264 §7.3.3. Two in a row differ in id.
func (s *slice) idr(grid *[columns * rows]*macroblock, id uint32) {
	s.begin(sliceI, 0)
	s.ue(id)    // idr_pic_id
	s.put(2, 0) // no_output_of_prior_pics_flag, long_term_reference_flag
	s.quiet()
	s.grid, s.intra = grid, 0
	for i := range grid {
		s.macroblock(i)
	}
	s.last = *grid
	s.end()
}

// predicted writes a P picture: only what changed, the rest is skipped.
func (s *slice) predicted(grid *[columns * rows]*macroblock, number uint32) {
	s.begin(sliceP, number)
	s.put(1, 0) // num_ref_idx_active_override_flag
	s.put(1, 0) // ref_pic_list_modification_flag_l0
	s.put(1, 0) // adaptive_ref_pic_marking_mode_flag
	s.quiet()
	s.grid, s.intra = grid, intraInP
	run := uint32(0)
	for i := range grid {
		if grid[i] == s.last[i] {
			s.coded[i] = skipped
			run++
			continue
		}
		s.ue(run) // mb_skip_run
		run = 0
		s.macroblock(i)
	}
	if run > 0 {
		s.ue(run)
	}
	s.last = *grid
	s.end()
}
