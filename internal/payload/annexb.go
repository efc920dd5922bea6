package payload

import "bytes"

// startCode begins every NAL unit of the byte stream format; a NAL unit never
// contains it (H.264 annex B, §7.4.1).
var startCode = []byte{0, 0, 1} // read only

// startsWithCode reports whether b begins with a start code, with any zeros
// before it.
func startsWithCode(b []byte) bool {
	zeros := 0
	for zeros < len(b) && b[zeros] == 0 {
		zeros++
	}
	return zeros >= 2 && zeros < len(b) && b[zeros] == 1
}

// nextNAL cuts the first NAL unit off a byte stream that may or may not begin
// with a start code. The zeros that may follow a NAL unit are removed. nal is
// empty only when nothing is left.
func nextNAL(b []byte) (nal, rest []byte) {
	for len(b) > 0 {
		b = skipCode(b)
		end := bytes.Index(b, startCode)
		if end < 0 {
			end = len(b)
		}
		nal, b = trimZeros(b[:end]), b[end:]
		if len(nal) > 0 {
			return nal, b
		}
	}
	return nil, nil
}

// skipCode removes one start code with the zeros before it.
func skipCode(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			continue
		}
		if c == 1 && i >= 2 {
			return b[i+1:]
		}
		return b
	}
	return nil
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
