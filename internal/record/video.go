package record

import (
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/pion/rtp"
)

// An avc is a track of H.264.
type avc struct {
	sps, pps []byte
	format   *format.H264
	decoder  *rtph264.Decoder
	dts      *h264.DTSExtractor
}

func newH264(f *format.H264) coding {
	d, err := f.CreateDecoder()
	if err != nil {
		return nil
	}
	a := &avc{format: f, sps: f.SPS, pps: f.PPS, decoder: d, dts: &h264.DTSExtractor{}}
	a.dts.Initialize()
	return a
}

func (a *avc) decode(p *rtp.Packet) ([][]byte, error) {
	units, err := a.decoder.Decode(p)
	for _, u := range units {
		switch h264.NALUType(u[0] & 31) {
		case h264.NALUTypeSPS:
			a.sps = u
		case h264.NALUTypePPS:
			a.pps = u
		}
	}
	return units, err
}

func (a *avc) codec() codecs.Codec {
	var sps h264.SPS
	if a.sps == nil || a.pps == nil || sps.Unmarshal(a.sps) != nil {
		return nil
	}
	return &codecs.H264{SPS: a.sps, PPS: a.pps}
}

func (a *avc) forget()                    { a.decoder, _ = a.format.CreateDecoder() } // as it could before
func (a *avc) random(units [][]byte) bool { return h264.IsRandomAccess(units) }

func (a *avc) samples(units [][]byte, pts int64) ([]*fmp4.Sample, []int64) {
	dts, err := a.dts.Extract(described(units, a.random(units), a.sps), pts)
	if err != nil {
		return nil, nil
	}
	return picture(units, pts, dts, a.random(units))
}

// described puts a parameter set in front of a picture that can be decoded by itself, for who looks into pictures: cameras tell it in
// their SDP only. One that comes in band is behind it, and counts.
func described(units [][]byte, random bool, sps []byte) [][]byte {
	if !random || sps == nil {
		return units
	}
	return append([][]byte{sps}, units...)
}

// picture is a sample of NAL units, which lie in MP4 with their lengths in front (ISO/IEC 14496-15).
func picture(units [][]byte, pts, dts int64, random bool) ([]*fmp4.Sample, []int64) {
	b, err := h264.AVCC(units).Marshal()
	if err != nil {
		return nil, nil
	}
	return []*fmp4.Sample{{PTSOffset: int32(pts - dts), IsNonSyncSample: !random, Payload: b}}, []int64{dts}
}

// A hevc is a track of H.265.
type hevc struct {
	vps, sps, pps []byte
	format        *format.H265
	decoder       *rtph265.Decoder
	dts           *h265.DTSExtractor
}

func newH265(f *format.H265) coding {
	d, err := f.CreateDecoder()
	if err != nil {
		return nil
	}
	h := &hevc{format: f, vps: f.VPS, sps: f.SPS, pps: f.PPS, decoder: d, dts: &h265.DTSExtractor{}}
	h.dts.Initialize()
	return h
}

func (h *hevc) decode(p *rtp.Packet) ([][]byte, error) {
	units, err := h.decoder.Decode(p)
	for _, u := range units {
		switch h265.NALUType(u[0] >> 1 & 63) {
		case h265.NALUType_VPS_NUT:
			h.vps = u
		case h265.NALUType_SPS_NUT:
			h.sps = u
		case h265.NALUType_PPS_NUT:
			h.pps = u
		}
	}
	return units, err
}

func (h *hevc) codec() codecs.Codec {
	var sps h265.SPS
	if h.vps == nil || h.pps == nil || h.sps == nil || sps.Unmarshal(h.sps) != nil {
		return nil
	}
	return &codecs.H265{VPS: h.vps, SPS: h.sps, PPS: h.pps}
}

func (h *hevc) forget()                    { h.decoder, _ = h.format.CreateDecoder() } // as it could before
func (h *hevc) random(units [][]byte) bool { return h265.IsRandomAccess(units) }

func (h *hevc) samples(units [][]byte, pts int64) ([]*fmp4.Sample, []int64) {
	dts, err := h.dts.Extract(described(units, h.random(units), h.sps), pts)
	if err != nil {
		return nil, nil
	}
	return picture(units, pts, dts, h.random(units))
}
