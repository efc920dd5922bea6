package payload

import (
	"encoding/base64"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// DecodeSprop reads the NAL units of sprop-parameter-sets (RFC 6184 §8.1) or of
// sprop-vps, sprop-sps, sprop-pps (RFC 7798 §7.1): base64, comma separated.
// Start codes, several units in one part, and zeros at the end, all of which
// cameras send, are removed; what is no base64 is left out.
func DecodeSprop(value string) [][]byte {
	var nals [][]byte
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimRight(strings.TrimSpace(part), "=")
		raw, err := base64.RawStdEncoding.DecodeString(part)
		if err != nil {
			continue
		}
		for nal, rest := nextNAL(raw); len(nal) > 0; nal, rest = nextNAL(rest) {
			nals = append(nals, nal)
		}
	}
	return nals
}

// encodeSprop is the opposite of DecodeSprop.
func encodeSprop(sets []parameterSet) string {
	parts := make([]string, len(sets))
	for i, s := range sets {
		parts[i] = base64.StdEncoding.EncodeToString(s.nal)
	}
	return strings.Join(parts, ",")
}

// H264Params returns the fmtp of H.264 as Baton sends it (RFC 6184 §8.1):
// packetization-mode 1, profile-level-id from the first SPS, and all SPS and
// PPS among the NAL units in sprop-parameter-sets. Units may have a start code;
// others than SPS and PPS are left out.
func H264Params(nals ...[]byte) sdp.Params {
	f := new(h264)
	for _, stream := range nals {
		for nal, rest := nextNAL(stream); len(nal) > 0; nal, rest = nextNAL(rest) {
			f.learn(nal)
		}
	}
	params := sdp.Params{}
	f.describe(&params)
	return params
}

func (f *h264) describe(params *sdp.Params) {
	if mode := params.Get("packetization-mode"); mode != "1" && mode != "2" {
		params.Set("packetization-mode", "1")
	}
	sps := f.sets.ofKind(h264SPS)
	if len(sps) == 0 || len(f.sets.ofKind(h264PPS)) == 0 {
		return
	}
	params.Set("profile-level-id", profileLevelID(sps[0].nal))
	params.Set("sprop-parameter-sets", encodeSprop(f.sets.sets))
}

// profileLevelID is the three bytes after the header of an SPS.
func profileLevelID(sps []byte) string {
	const digits = "0123456789ABCDEF"
	var id [6]byte
	for i := range id {
		id[i] = digits[sps[1+i/2]>>(4-4*(i%2))&0xF]
	}
	return string(id[:])
}

func (f *h265) describe(params *sdp.Params) {
	if !f.complete() {
		return
	}
	params.Set("sprop-vps", encodeSprop(f.sets.ofKind(h265VPS)))
	params.Set("sprop-sps", encodeSprop(f.sets.ofKind(h265SPS)))
	params.Set("sprop-pps", encodeSprop(f.sets.ofKind(h265PPS)))
}
