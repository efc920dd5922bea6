package payload

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// DescribeTrack returns the media description of a stored track: its format
// with all parameters that a decoder wants, frame rate and picture size where
// they are known. The payload type is the static one of RFC 3551 where the
// encoding has one, else dynamic. The track must be one that NewPacketizer takes.
func DescribeTrack(t *Track, dynamic uint8) *sdp.Media {
	f := t.format(dynamic)
	m := &sdp.Media{Type: "audio", Proto: "RTP/AVP"}
	if f.Channels == 0 {
		m.Type = "video"
	}
	m.SetFormat(f)
	if t.FrameRate > 0 && f.Channels == 0 {
		m.SetAttr("framerate", strconv.FormatFloat(t.FrameRate, 'f', -1, 32))
	}
	if f.Is("JPEG") && t.Width > 0 && t.Height > 0 {
		for _, a := range JPEGAttributes(t.Width, t.Height) {
			m.SetAttr(a.Key, a.Value)
		}
	}
	return m
}

// format is the payload format of the track.
func (t *Track) format(dynamic uint8) sdp.Format {
	f := sdp.Format{PayloadType: dynamic, Encoding: t.Encoding, ClockRate: t.ClockRate}
	if f.ClockRate <= 0 {
		f.ClockRate = 90000
	}
	switch strings.ToLower(t.Encoding) {
	case "h264":
		f.Params = H264Params(t.Config...)
	case "h265":
		f.Params = h265Params(t.Config)
	case "av1":
		f.Params = av1Params(t.Config)
	case "vp8", "vp9":
	case "mp4v-es":
		f.Params = mpeg4VideoParams(t.Config)
	case "jpeg":
		f.PayloadType = 26
	default:
		t.audioFormat(&f)
	}
	return f
}

// audioFormat is the part of format for sound.
func (t *Track) audioFormat(f *sdp.Format) {
	f.Channels = max(t.Channels, 1)
	switch strings.ToLower(t.Encoding) {
	case "mpeg4-generic":
		f.Params = aacParams(t.Config)
	case "opus": // PLD-17
		f.ClockRate, f.Channels = 48000, 2
		if t.Channels == 2 {
			f.Params.Set("sprop-stereo", "1")
		}
	case "ac3":
		if t.Channels == 0 {
			f.Channels = 6
		}
	case "mpa":
		f.PayloadType, f.ClockRate, f.Channels = 14, 90000, 1
	case "pcmu", "pcma":
		if f.ClockRate == 8000 && f.Channels == 1 {
			f.PayloadType = 8
			if f.Is("PCMU") {
				f.PayloadType = 0
			}
		}
	case "l16":
		if f.ClockRate == 44100 && f.Channels <= 2 {
			f.PayloadType = uint8(12 - f.Channels)
		}
	}
}

// h265Params is what RFC 7798 §7.1 has for parameter sets, nil if one kind is
// missing.
func h265Params(config [][]byte) sdp.Params {
	f := new(h265)
	for _, nal := range config {
		f.learn(nal)
	}
	params := sdp.Params{}
	f.describe(&params)
	return params
}

// av1Params is profile, level and tier of the first operating point, as the AV1
// RTP specification §7.2.1 has them.
func av1Params(config [][]byte) sdp.Params {
	units := av1Sequence(config)
	if len(units) == 0 {
		return nil
	}
	profile, level, tier, ok := av1Level(units[0].data)
	if !ok {
		return nil
	}
	var params sdp.Params
	params.Set("profile", strconv.Itoa(profile))
	params.Set("level-idx", strconv.Itoa(level))
	params.Set("tier", strconv.Itoa(tier))
	return params
}

// av1Level reads the beginning of a sequence header (AV1 §5.5.1).
func av1Level(data []byte) (profile, level, tier int, ok bool) {
	r := bitReader{data: data}
	profile = int(r.bits(3))
	r.skip(1)           // still_picture
	if r.bits(1) == 1 { // reduced_still_picture_header
		return profile, int(r.bits(5)), 0, !r.short
	}
	if r.bits(1) == 1 { // timing_info
		r.skip(64)
		if r.bits(1) == 1 { // equal_picture_interval
			r.ue()
		}
		if r.bits(1) == 1 { // decoder_model_info
			r.skip(5 + 32 + 5 + 5)
		}
	}
	r.skip(1 + 5 + 12) // initial_display_delay, operating_points_cnt, operating_point_idc
	if level = int(r.bits(5)); level > 7 {
		tier = int(r.bits(1))
	}
	return profile, level, tier, !r.short
}

// mpeg4VideoParams is config and, if it begins with a VOS, its profile and level
// (RFC 6416 §7.1).
func mpeg4VideoParams(config [][]byte) sdp.Params {
	all := mpeg4Config(config)
	if all == nil {
		return nil
	}
	var params sdp.Params
	if code := skipCode(all); len(code) > 1 && code[0] == mpeg4VOS {
		params.Set("profile-level-id", strconv.Itoa(int(code[1])))
	}
	params.Set("config", strings.ToUpper(hex.EncodeToString(all)))
	return params
}

// aacParams is what RFC 3640 §4.1 wants of AAC-hbr (PLD-13).
func aacParams(config [][]byte) sdp.Params {
	params := sdp.Params{
		{Name: "streamtype", Value: "5"}, {Name: "profile-level-id", Value: "1"}, {Name: "mode", Value: "AAC-hbr"},
		{Name: "sizelength", Value: "13"}, {Name: "indexlength", Value: "3"}, {Name: "indexdeltalength", Value: "3"},
	}
	if len(config) > 0 {
		params.Set("config", strings.ToUpper(hex.EncodeToString(config[0])))
	}
	return params
}
