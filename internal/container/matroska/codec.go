package matroska

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/opus"
	"github.com/baton-rtsp/baton/internal/container/pcm"
)

var (
	errCodec = errors.New("codec not supported")
	errKind  = errors.New("neither video nor audio")
)

// videoRate is the clock rate of all video in RTP.
const videoRate = 90000

// track makes a track of an entry. The error says why it cannot be played.
func (e *entry) track(r io.ReaderAt) (*feed, error) {
	switch {
	case e.kind != typeVideo && e.kind != typeAudio:
		return nil, errKind
	case e.coding != nil:
		return nil, e.coding
	case strings.HasPrefix(e.codec, "A_PCM/INT/") && e.kind == typeAudio:
		return e.pcm(r)
	}
	t := &container.Track{ID: int(e.number), Video: e.kind == typeVideo}
	f := &feed{track: t}
	configure := f.audio
	if t.Video {
		configure = f.video
	}
	if err := configure(e); err != nil {
		return nil, err
	}
	t.Config = cloneAll(t.Config)
	t.Reader = newReader(r, t.Codec, e.prefix)
	return f, nil
}

// cloneAll copies configuration out of the memory that the Tracks element was read to.
func cloneAll(list [][]byte) [][]byte {
	for i := range list {
		list[i] = slices.Clone(list[i])
	}
	return list
}

// video reads the configuration of a video codec, Matroska Codec Specifications §4.3.
func (f *feed) video(e *entry) (err error) {
	t := f.track
	t.Timescale, t.ClockRate = videoRate, videoRate
	t.Width, t.Height = e.width, e.height
	switch e.codec {
	case "V_MPEG4/ISO/AVC":
		t.Codec = container.H264
		t.Config, t.NALLength, err = avc(e.private)
	case "V_MPEGH/ISO/HEVC":
		t.Codec = container.H265
		t.Config, t.NALLength, err = hevc(e.private)
	case "V_AV1":
		t.Codec = container.AV1
		t.Config, err = av1(e.private)
	case "V_VP8":
		t.Codec = container.VP8
	case "V_VP9":
		t.Codec = container.VP9
	case "V_MJPEG":
		t.Codec = container.MJPEG
	case "V_MPEG4/ISO/SP", "V_MPEG4/ISO/ASP", "V_MPEG4/ISO/AP":
		t.Codec, t.Config = container.MPEG4, headers(e.private)
	case "V_MS/VFW/FOURCC":
		err = f.windows(e.private)
	default:
		err = errCodec
	}
	return named(err, e.codec)
}

// windows reads a BITMAPINFOHEADER, which says what the codec is in the way of AVI.
func (f *feed) windows(private []byte) error {
	const size = 40
	if len(private) < size {
		return errConfig
	}
	switch strings.ToUpper(string(private[16:20])) {
	case "MJPG":
		f.track.Codec = container.MJPEG
	case "XVID", "DIVX", "DX50", "FMP4", "MP4V":
		f.track.Codec, f.track.Config = container.MPEG4, headers(private[size:])
	default:
		return fmt.Errorf("%q: %w", private[16:20], errCodec)
	}
	return nil
}

// headers is a configuration of one piece, none if it is empty.
func headers(b []byte) [][]byte {
	if len(b) == 0 {
		return nil
	}
	return [][]byte{b}
}

// audio reads the configuration of an audio codec, Matroska Codec Specifications §4.4.
func (f *feed) audio(e *entry) (err error) {
	t := f.track
	t.Channels, t.SampleRate = max(e.channels, 1), max(int(e.rate+0.5), 1)
	t.Timescale, t.ClockRate = t.SampleRate, t.SampleRate
	switch codec, profile, _ := strings.Cut(e.codec, "/"); codec {
	case "A_OPUS":
		t.Codec = container.Opus
		t.SampleRate, t.Timescale, t.ClockRate = opus.Rate, opus.Rate, opus.Rate
		f.samples = opus.Samples
	case "A_AAC":
		err = f.aac(e, profile)
	case "A_MPEG":
		t.Codec, t.ClockRate = container.MP3, videoRate
		f.samples = always(1152)
		if profile == "L3" && t.SampleRate < 32000 {
			f.samples = always(576)
		}
		if profile != "L3" && profile != "L2" {
			err = errCodec
		}
	case "A_AC3":
		t.Codec = container.AC3
		f.samples = always(1536)
	default:
		err = errCodec
	}
	return named(err, e.codec)
}

func named(err error, codec string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q: %w", codec, err)
}

// always is a codec whose frames all have as many samples.
func always(samples int) func([]byte) int { return func([]byte) int { return samples } }

// pcm makes a track of uncompressed audio.
func (e *entry) pcm(r io.ReaderAt) (*feed, error) {
	format := pcm.Format{
		Codec: container.L16, Rate: int(e.rate + 0.5), Channels: e.channels, Width: e.bits / 8,
		Big: e.codec == "A_PCM/INT/BIG",
	}
	if err := format.Check(); err != nil {
		return nil, err
	}
	if e.bits%8 != 0 || len(e.prefix) > 0 {
		return nil, pcm.ErrUnsupported
	}
	f := &feed{track: format.Track(int(e.number), r), pcm: &pcm.Cutter{Format: format, Even: true}}
	f.samples = always(0)
	return f, nil
}
