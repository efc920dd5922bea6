package payload

import (
	"errors"
	"fmt"
	"strings"
)

// A Packetizer makes the RTP payloads of one stored track, sample by sample. Not
// safe for concurrent use; it allocates nothing once its buffers have grown.
type Packetizer interface {
	// Packetize emits one sample as payloads of at most max bytes, in order. The
	// slice given to emit is valid during the call only and may be part of
	// sample. tsDelta is what to add to the RTP timestamp of the sample, in
	// ticks of the track's clock; it is zero for all but sampled audio. marker
	// is the marker bit of the packet: the end of an access unit, never set
	// where it would mean the start of a talkspurt.
	//
	// The sample can be any bytes. The error is ErrSize, ErrSample or, for JPEG,
	// ErrMalformed or ErrUnsupported, wrapped perhaps; nothing was emitted then.
	//
	// hot: 0 allocs, no lock; runs once a sample.
	Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error
}

// Errors of Packetizers.
var (
	// ErrSize: max leaves no room for data, or the format cannot cut the sample.
	ErrSize = errors.New("payload size too small for the format")
	// ErrSample: the bytes are not a sample of the track's codec.
	ErrSample = errors.New("malformed sample")
	// ErrTrack: RTP has no way to carry the track.
	ErrTrack = errors.New("track that RTP cannot carry")
)

// maxUnits is how many NAL units or OBUs a sample can have: those of a picture
// of 8K in slices of a datagram are less than half.
const maxUnits = 8192

// A Track is a stored elementary stream as far as its payloads and its media
// description depend on it.
type Track struct {
	Encoding  string // name of the payload format in RTP: H264, mpeg4-generic, ac3 and so on, in any case
	ClockRate int    // of the RTP timestamps; 0 means 90000
	Channels  int    // of audio; 0 means 1, or for AC-3 6

	Width, Height int     // of video in pixels, 0 if not known
	FrameRate     float64 // pictures a second, 0 if not known

	// Config is what a decoder must know first: the parameter sets as NAL units
	// for H264 and H265, the sequence header OBU for AV1, the
	// AudioSpecificConfig for mpeg4-generic, the headers up to the VOL for
	// MP4V-ES.
	Config [][]byte
	// NALLength is how many bytes of length, 1 to 4, are in front of each NAL
	// unit in samples of H264 and H265; 0 means 4.
	NALLength int
}

// NewPacketizer returns the Packetizer of a track. Samples are:
//
//	H264, H265       the NAL units of an access unit, each behind its length
//	AV1              a temporal unit in the low-overhead format
//	VP8, VP9         a frame or superframe
//	MP4V-ES          a VOP with the headers in front of it
//	JPEG             an image
//	mpeg4-generic    an AAC access unit without ADTS header
//	opus, MPA, ac3   an Opus packet, a frame
//	PCMU, PCMA, L16  samples of all channels, L16 big-endian
//
// Where a key picture lacks the parameter sets of Config, they go in front of
// it. The error is ErrTrack, wrapped perhaps.
func NewPacketizer(t *Track) (Packetizer, error) {
	length := t.NALLength
	if length == 0 {
		length = 4
	}
	if length < 0 || length > 4 {
		return nil, fmt.Errorf("%w: lengths of %d bytes", ErrTrack, length)
	}
	switch strings.ToLower(t.Encoding) {
	case "h264":
		return &H264Packetizer{length: length, sets: h264Sets(t.Config)}, nil
	case "h265":
		return &h265Packetizer{length: length, sets: h265Sets(t.Config)}, nil
	case "av1":
		return &av1Packetizer{sequence: av1Sequence(t.Config)}, nil
	case "vp8":
		return new(vp8Packetizer), nil
	case "vp9":
		return new(vp9Packetizer), nil
	case "mp4v-es":
		return &mpeg4VideoPacketizer{config: mpeg4Config(t.Config)}, nil
	case "jpeg":
		return new(JPEGPacketizer), nil
	}
	return newAudioPacketizer(t)
}

func newAudioPacketizer(t *Track) (Packetizer, error) {
	channels := max(t.Channels, 1)
	switch strings.ToLower(t.Encoding) {
	case "mpeg4-generic":
		return new(aacPacketizer), nil
	case "opus":
		if channels > 2 {
			return nil, fmt.Errorf("%w: Opus of %d channels", ErrTrack, channels)
		}
		return opusPacketizer{}, nil
	case "mpa":
		return new(mpegAudioPacketizer), nil
	case "ac3":
		return new(ac3Packetizer), nil
	case "pcmu", "pcma":
		return &pcmPacketizer{tick: channels}, nil
	case "l16":
		return &pcmPacketizer{tick: 2 * channels}, nil
	}
	return nil, fmt.Errorf("%w: encoding %q", ErrTrack, t.Encoding)
}
