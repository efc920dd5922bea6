package clock

// What the stream promises, ITU-T H.264 §7.4.2.1.1 and annex A: Constrained Baseline, level 3.
const (
	profileBaseline   = 66
	constraintSets    = 0xC0 // 0 and 1: both Baseline and Main decoders can decode it
	levelIDC          = 30
	log2MaxFrameNum   = 16
	pictureOrderType  = 2 // output order is decoding order
	sliceQP           = 28
	colourSMPTE170M   = 6 // primaries, transfer and matrix of standard definition, as in BT.601
	formatUnspecified = 5
)

// sequenceParameters makes the SPS, ITU-T H.264 §7.3.2.1.1.
func sequenceParameters() []byte {
	var w bitWriter
	w.put(8, profileBaseline)
	w.put(8, constraintSets)
	w.put(8, levelIDC)
	w.ue(0) // seq_parameter_set_id
	w.ue(log2MaxFrameNum - 4)
	w.ue(pictureOrderType)
	w.ue(1)     // max_num_ref_frames
	w.put(1, 0) // gaps_in_frame_num_value_allowed_flag
	w.ue(columns - 1)
	w.ue(rows - 1)
	w.put(1, 1) // frame_mbs_only_flag
	w.put(1, 1) // direct_8x8_inference_flag
	w.put(1, 1) // frame_cropping_flag
	w.ue(0)
	w.ue(0)
	w.ue(0)
	w.ue((16*rows - Height) / 2) // bottom, in chroma lines
	w.put(1, 1)                  // vui_parameters_present_flag
	usability(&w)
	w.end()
	return appendNAL(nil, nalSPS, w.out)
}

// usability writes the VUI, ITU-T H.264 §E.1.1. Its bitstream restriction tells players that no picture has to wait
// for another one: without it some hold back as many as the level allows.
func usability(w *bitWriter) {
	w.put(1, 1) // aspect_ratio_info_present_flag
	w.put(8, 1) // square
	w.put(1, 0) // overscan_info_present_flag
	w.put(1, 1) // video_signal_type_present_flag
	w.put(3, formatUnspecified)
	w.put(1, 0) // video_full_range_flag
	w.put(1, 1) // colour_description_present_flag
	w.put(8, colourSMPTE170M)
	w.put(8, colourSMPTE170M)
	w.put(8, colourSMPTE170M)
	w.put(1, 0)            // chroma_loc_info_present_flag
	w.put(1, 1)            // timing_info_present_flag
	w.put(32, 1)           // num_units_in_tick
	w.put(32, 2*FrameRate) // time_scale: a tick is a field
	w.put(1, 1)            // fixed_frame_rate_flag
	w.put(1, 0)            // nal_hrd_parameters_present_flag
	w.put(1, 0)            // vcl_hrd_parameters_present_flag
	w.put(1, 0)            // pic_struct_present_flag
	w.put(1, 1)            // bitstream_restriction_flag
	w.put(1, 0)            // motion_vectors_over_pic_boundaries_flag
	w.ue(0)                // max_bytes_per_pic_denom: no limit
	w.ue(0)                // max_bits_per_mb_denom: no limit
	w.ue(0)                // log2_max_mv_length_horizontal
	w.ue(0)                // log2_max_mv_length_vertical
	w.ue(0)                // max_num_reorder_frames
	w.ue(1)                // max_dec_frame_buffering
}

// pictureParameters makes the PPS, ITU-T H.264 §7.3.2.2.
func pictureParameters() []byte {
	var w bitWriter
	w.ue(0)     // pic_parameter_set_id
	w.ue(0)     // seq_parameter_set_id
	w.put(1, 0) // entropy_coding_mode_flag: CAVLC
	w.put(1, 0) // bottom_field_pic_order_in_frame_present_flag
	w.ue(0)     // num_slice_groups_minus1
	w.ue(0)     // num_ref_idx_l0_default_active_minus1
	w.ue(0)     // num_ref_idx_l1_default_active_minus1
	w.put(1, 0) // weighted_pred_flag
	w.put(2, 0) // weighted_bipred_idc
	w.se(sliceQP - 26)
	w.se(0)     // pic_init_qs_minus26
	w.se(0)     // chroma_qp_index_offset
	w.put(1, 1) // deblocking_filter_control_present_flag
	w.put(1, 0) // constrained_intra_pred_flag
	w.put(1, 0) // redundant_pic_cnt_present_flag
	w.end()
	return appendNAL(nil, nalPPS, w.out)
}
