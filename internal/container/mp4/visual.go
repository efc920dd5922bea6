package mp4

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// visual reads the sample description of video (ISO/IEC 14496-12 §12.1.3).
func (e *entry) visual(tag string, d []byte) {
	if len(d) < visualHead {
		e.reason = errShortEntry
		return
	}
	e.out.ClockRate = 90000
	e.out.Width = int(binary.BigEndian.Uint16(d[24:]))
	e.out.Height = int(binary.BigEndian.Uint16(d[26:]))
	boxes := d[visualHead:]
	switch tag {
	case "avc1", "avc3":
		e.out.Codec = container.H264
		e.parameters(boxes, "avcC", parseAVC)
	case "hvc1", "hev1":
		e.out.Codec = container.H265
		e.parameters(boxes, "hvcC", parseHEVC)
	case "av01":
		e.out.Codec = container.AV1
		if c, ok := part(boxes, "av1C"); ok {
			e.out.Config = parseAV1(c)
		}
	case "vp08":
		e.out.Codec = container.VP8
	case "vp09":
		e.out.Codec = container.VP9
	case "mp4v":
		e.objectType(boxes)
		if e.reason == nil && !e.out.Codec.Video() {
			e.reason = errors.New("audio described as video")
		}
	default:
		e.out.Codec = container.MJPEG
	}
}

// parameters reads the decoder configuration of H.264 or H.265.
func (e *entry) parameters(boxes []byte, tag string, parse func(c []byte) (sets [][]byte, length int)) {
	c, ok := part(boxes, tag)
	if !ok {
		e.reason = errNoConfig
		return
	}
	e.out.Config, e.out.NALLength = parse(c)
	switch e.out.NALLength {
	case 1, 2, 4:
	default:
		e.reason = errors.New("a broken decoder configuration")
	}
}

// parseAVC reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3): the parameter sets, SPS first, and the size of
// the length in front of a NAL unit. What is cut off is left out; a length of 0 says that nothing is right.
func parseAVC(c []byte) (sets [][]byte, length int) {
	if len(c) < 6 || c[0] != 1 {
		return nil, 0
	}
	length = int(c[4]&3) + 1
	n, c := int(c[5]&31), c[6:]
	sets, c = appendSets(nil, c, n)
	if len(c) > 0 {
		sets, _ = appendSets(sets, c[1:], int(c[0]))
	}
	return sets, length
}

// appendSets appends n NAL units, each behind a length of two bytes, and returns what follows them.
func appendSets(sets [][]byte, c []byte, n int) (_ [][]byte, rest []byte) {
	for range n {
		if len(c) < 2 {
			return sets, nil
		}
		size := int(binary.BigEndian.Uint16(c))
		if c = c[2:]; len(c) < size {
			return sets, nil
		}
		if size > 0 {
			sets = append(sets, slices.Clone(c[:size]))
		}
		c = c[size:]
	}
	return sets, c
}

// NAL unit types of parameter sets (ITU-T H.264 table 7-1, H.265 table 7-1).
const (
	avcSPS, avcPPS            = 7, 8
	hevcVPS, hevcSPS, hevcPPS = 32, 33, 34
)

// parseHEVC reads an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3), as parseAVC.
func parseHEVC(c []byte) (sets [][]byte, length int) {
	const head = 23
	if len(c) < head {
		return nil, 0
	}
	length = int(c[21]&3) + 1
	var kinds [3][][]byte // VPS, SPS, PPS
	n, c := int(c[22]), c[head:]
	for range n {
		if len(c) < 3 {
			break
		}
		kind, count := int(c[0]&63), int(binary.BigEndian.Uint16(c[1:]))
		var found [][]byte
		found, c = appendSets(nil, c[3:], count)
		if i := kind - hevcVPS; i >= 0 && i < len(kinds) {
			kinds[i] = append(kinds[i], found...)
		}
	}
	return slices.Concat(kinds[0], kinds[1], kinds[2]), length
}

// parseAV1 returns the sequence header of an AV1CodecConfigurationRecord, if it has one (AV1 in ISO BMFF §2.3).
func parseAV1(c []byte) [][]byte {
	const head = 4
	if len(c) <= head {
		return nil
	}
	for u := c[head:]; len(u) > 0; {
		size, ok := obuSize(u)
		if !ok {
			return nil
		}
		if obuKind(u) == obuSequenceHeader {
			return [][]byte{slices.Clone(u[:size])}
		}
		u = u[size:]
	}
	return nil
}
