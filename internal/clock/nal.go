package clock

import "bytes"

// Types of NAL units with the nal_ref_idc that they have here, ITU-T H.264 §7.4.1.
const (
	nalSlice = 0x41 // coded slice of a picture that is not IDR
	nalIDR   = 0x65
	nalSPS   = 0x67
	nalPPS   = 0x68
)

// appendNAL appends a NAL unit made from rbsp, with emulation prevention bytes, ITU-T H.264 §7.4.1.1.
func appendNAL(out []byte, header byte, rbsp []byte) []byte {
	out = append(out, header)
	for {
		i := bytes.Index(rbsp, []byte{0, 0})
		if i < 0 || i+2 >= len(rbsp) {
			return append(out, rbsp...)
		}
		if rbsp[i+2] > 3 {
			out = append(out, rbsp[:i+2]...)
			rbsp = rbsp[i+2:]
			continue
		}
		out = append(out, rbsp[:i+2]...)
		out = append(out, 3)
		rbsp = rbsp[i+2:]
	}
}
