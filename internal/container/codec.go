package container

// A Codec is how the samples of a track are coded. Its text is the encoding name of the codec in RTP.
type Codec string

// The codecs that can be played.
const (
	H264  Codec = "H264"          // RFC 6184
	H265  Codec = "H265"          // RFC 7798
	AV1   Codec = "AV1"           // AOMedia, RTP Payload Format For AV1
	VP8   Codec = "VP8"           // RFC 7741
	VP9   Codec = "VP9"           // RFC 9628
	MPEG4 Codec = "MP4V-ES"       // RFC 6416: MPEG-4 part 2
	MJPEG Codec = "JPEG"          // RFC 2435
	AAC   Codec = "mpeg4-generic" // RFC 3640
	Opus  Codec = "opus"          // RFC 7587
	MP3   Codec = "MPA"           // RFC 2250: MPEG audio, layers 1 to 3
	AC3   Codec = "ac3"           // RFC 4184
	PCMU  Codec = "PCMU"          // RFC 3551
	PCMA  Codec = "PCMA"          // RFC 3551
	L16   Codec = "L16"           // RFC 3551: 16 bits, big-endian
)

// Video tells whether c is coded pictures.
func (c Codec) Video() bool {
	switch c {
	case H264, H265, AV1, VP8, VP9, MPEG4, MJPEG:
		return true
	}
	return false
}
