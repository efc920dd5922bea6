// Package payload knows RTP payload formats well enough to relay them: it finds
// random access points, cuts payloads that are too large for a datagram, and
// remembers parameter sets. One Format serves one track; the timeline asks it
// about each packet. For what Baton itself produces and for stored media it has
// a Packetizer for each track, and the track's description.
//
// Formats: H.264 (RFC 6184), H.265 (RFC 7798), AV1 (AOM RTP specification v1.0),
// VP8 (RFC 7741), VP9 (RFC 9628), MPEG-4 video (RFC 6416), JPEG (RFC 2435),
// MPEG-4 audio (RFC 3640 and RFC 6416 LATM), Opus (RFC 7587), PCMU, PCMA, G722,
// L8, L16, L24 (RFC 3551, RFC 3190), MPEG audio (RFC 2250); and AC-3 (RFC 4184)
// of stored media. What is not among them is opaque and relayed without this
// package.
//
// It never decodes pictures or sound, never reads an RTP header, and has no
// sockets and no goroutines.
package payload

import (
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// New returns the Format of a track by the first payload format of its media
// description, nil if it is not known.
func New(media *sdp.Media) Format {
	f, build := lookup(media)
	if build == nil {
		return nil
	}
	return build(f)
}

// Known reports whether New has a Format for the media description.
func Known(media *sdp.Media) bool {
	_, build := lookup(media)
	return build != nil
}

// Video reports whether the media description is one of pictures, of a known
// format or not. Random access points of a presentation are those of its video.
func Video(media *sdp.Media) bool {
	return strings.EqualFold(media.Type, "video")
}

// Describe writes into the media description what f learned in band, so that
// a reader finds it in SDP (PLD-04, PLD-05), and says what Baton may do to the
// packets: H.264 always gets packetization-mode 1 at least (PLD-01), since Split
// makes FU-As. f must be the Format of that media; nil changes nothing.
func Describe(f Format, media *sdp.Media) {
	d, ok := f.(describer)
	if !ok {
		return
	}
	list := media.FormatList()
	if len(list) == 0 {
		return
	}
	d.describe(&list[0].Params)
	media.SetFormat(list[0])
}

// A describer is a Format with something to say in fmtp.
type describer interface {
	describe(params *sdp.Params)
}

// lookup finds the first payload format of a media description and what makes
// its Format, nil if there is none.
func lookup(media *sdp.Media) (*sdp.Format, func(*sdp.Format) Format) {
	if media == nil {
		return nil, nil
	}
	list := media.FormatList()
	if len(list) == 0 {
		return nil, nil
	}
	encoding := strings.ToLower(list[0].Encoding)
	if build := videoMaker(encoding); build != nil || Video(media) {
		return &list[0], build
	}
	return &list[0], audioMaker(encoding)
}

// videoMaker returns what makes the Format of an encoding name in lower case.
func videoMaker(encoding string) func(*sdp.Format) Format {
	switch encoding {
	case "h264":
		return func(f *sdp.Format) Format { return newH264(f.Params.Get("sprop-parameter-sets")) }
	case "h265", "hevc":
		return makeH265
	case "av1", "av1x":
		return func(*sdp.Format) Format { return new(av1) }
	case "vp8":
		return func(*sdp.Format) Format { return new(vp8) }
	case "vp9":
		return func(*sdp.Format) Format { return new(vp9) }
	case "mp4v-es":
		return func(f *sdp.Format) Format { return newMPEG4Video(f.Params.Get("config")) }
	case "jpeg":
		return func(*sdp.Format) Format { return new(jpeg) }
	}
	return nil
}

// audioMaker is videoMaker for sound. It is not asked for m=video: MPEG-4 video
// too can be mpeg4-generic, and that is opaque.
func audioMaker(encoding string) func(*sdp.Format) Format {
	switch encoding {
	case "mpeg4-generic":
		return func(f *sdp.Format) Format { return newAAC(f) }
	case "mp4a-latm":
		return func(*sdp.Format) Format { return new(latm) }
	case "opus":
		return func(*sdp.Format) Format { return opus{} }
	case "pcmu", "pcma", "g722", "l8":
		return func(f *sdp.Format) Format { return newPCM(f, 1) }
	case "l16":
		return func(f *sdp.Format) Format { return newPCM(f, 2) }
	case "l24":
		return func(f *sdp.Format) Format { return newPCM(f, 3) }
	case "mpa":
		return func(f *sdp.Format) Format { return &mpegAudio{clockRate: f.ClockRate} }
	}
	return nil
}

func makeH265(f *sdp.Format) Format {
	diff, _ := strconv.Atoi(f.Params.Get("sprop-max-don-diff"))
	return newH265(f.Params.Get("sprop-vps"), f.Params.Get("sprop-sps"), f.Params.Get("sprop-pps"), diff > 0)
}
