package paths

import (
	"strconv"
	"strings"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/sdp"
)

// A Track is one medium of a [Listing]. Zero means not known, or that the track has no such thing.
type Track struct {
	Type          string // video, audio, or another of SDP
	Codec         string // the encoding name in RTP, as RFCs write it: H264, opus
	Width, Height int    // of video, in pixels
	FrameRate     float64
	SampleRate    int // of audio, in Hz
	Channels      int
}

// describedTracks are those of a description.
func describedTracks(desc *sdp.Session) []Track {
	list := make([]Track, 0, len(desc.Media))
	for _, m := range desc.Media {
		t := Track{Type: m.Type}
		if formats := m.FormatList(); len(formats) > 0 {
			f := &formats[0]
			t.Codec = f.Encoding
			if m.Type == "audio" {
				t.SampleRate, t.Channels = sampleRate(f), f.Channels
			}
			t.Width, t.Height = pictureSize(f)
		}
		if rate, ok := m.Attr("framerate"); ok {
			if n, err := strconv.ParseFloat(strings.TrimSpace(rate), 64); err == nil && n > 0 && n < 1000 {
				t.FrameRate = n
			}
		}
		list = append(list, t)
	}
	return list
}

// sampleRate is the clock rate, but where RTP has another one (RFC 3551 §4.5.2, §4.5.13).
func sampleRate(f *sdp.Format) int {
	switch {
	case f.Is("G722"):
		return 16000
	case f.Is("MPA"):
		return 0
	}
	return f.ClockRate
}

// pictureSize reads the parameter sets of a description.
func pictureSize(f *sdp.Format) (width, height int) {
	switch {
	case f.Is("H264"):
		for _, set := range payload.DecodeSprop(f.Params.Get("sprop-parameter-sets")) {
			var sps h264.SPS
			if len(set) > 0 && set[0]&31 == 7 && sps.Unmarshal(set) == nil {
				return sps.Width(), sps.Height()
			}
		}
	case f.Is("H265"):
		for _, set := range payload.DecodeSprop(f.Params.Get("sprop-sps")) {
			var sps h265.SPS
			if sps.Unmarshal(set) == nil {
				return sps.Width(), sps.Height()
			}
		}
	}
	return 0, 0
}

// storedTracks are those of a file.
func storedTracks(file *container.File) []Track {
	list := make([]Track, 0, len(file.Tracks))
	for _, t := range file.Tracks {
		out := Track{Type: "audio", Codec: string(t.Codec), SampleRate: t.SampleRate, Channels: t.Channels}
		if t.Video {
			out = Track{Type: "video", Codec: string(t.Codec), Width: t.Width, Height: t.Height, FrameRate: frameRate(t)}
		}
		list = append(list, out)
	}
	return list
}

// frameRate is the mean over the first pictures: those of variable rates and of rounded times differ among themselves.
func frameRate(t *container.Track) float64 {
	var ticks int64
	n := 0
	for ; n < 100; n++ {
		s, ok := t.Index.At(n)
		if !ok {
			break
		}
		ticks += int64(s.Duration)
	}
	if ticks <= 0 {
		return 0
	}
	return float64(n) * float64(t.Timescale) / float64(ticks)
}
