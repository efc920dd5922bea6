package mp4

import (
	"encoding/binary"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// maxProbe is how much of a sample is looked through for parameter sets.
const maxProbe = 64 << 10

// learnParameters looks for the parameter sets of "avc3" and "hev1" where they are, in the first key sample.
func (m *movie) learnParameters() error {
	for _, t := range m.tracks {
		kinds := parameterKinds(t.out.Codec)
		if kinds == nil || len(t.out.Config) > 0 {
			continue
		}
		s, ok := t.out.Index.At(t.out.Index.KeyAfter(0))
		if !ok {
			continue
		}
		b := make([]byte, min(s.Size, maxProbe))
		if err := m.read(b, s.Offset); err != nil {
			if isDamage(err) {
				continue
			}
			return err
		}
		t.out.Config = findParameters(b, t.out.NALLength, t.out.Codec, kinds)
	}
	return nil
}

// parameterKinds lists the NAL unit types of parameter sets in the order of [container.Track.Config].
func parameterKinds(c container.Codec) []byte {
	switch c {
	case container.H264:
		return []byte{avcSPS, avcPPS}
	case container.H265:
		return []byte{hevcVPS, hevcSPS, hevcPPS}
	}
	return nil
}

// findParameters returns the NAL units of some types, nil unless there is one of each.
func findParameters(b []byte, length int, c container.Codec, kinds []byte) [][]byte {
	found := make([][][]byte, len(kinds))
	for len(b) > length {
		var field [4]byte
		copy(field[4-length:], b)
		size := int64(binary.BigEndian.Uint32(field[:]))
		b = b[length:]
		if size == 0 {
			continue
		}
		if size > int64(len(b)) {
			break
		}
		kind := b[0] & 31
		if c == container.H265 {
			kind = b[0] >> 1 & 63
		}
		if i := slices.Index(kinds, kind); i >= 0 {
			found[i] = append(found[i], slices.Clone(b[:size]))
		}
		b = b[size:]
	}
	for _, sets := range found {
		if len(sets) == 0 {
			return nil
		}
	}
	return slices.Concat(found...)
}
