package matroska

import (
	"errors"
	"slices"
)

// An entry is what a TrackEntry says, RFC 9559 §5.1.4.1, as far as it matters here.
type entry struct {
	number  uint64
	kind    uint64
	codec   string
	private []byte
	frame   int64 // nanoseconds that a frame lasts, 0 if not known
	delay   int64 // nanoseconds that a decoder drops at the beginning

	width, height  int
	rate           float64 // samples a second
	channels, bits int

	prefix []byte // that was taken off each frame
	coding error  // why frames cannot be read, nil if they can
}

// Bounds of what an entry says.
const (
	maxPixels   = 1 << 16 // of width and height
	maxRate     = 1 << 20 // samples a second
	maxChannels = 255
	maxPrefix   = 1 << 10
	maxLasting  = 3600 * second // of one frame
)

var (
	errEncrypted  = errors.New("encrypted")
	errCompressed = errors.New("compressed")
)

func parseEntry(b []byte) entry {
	e := entry{rate: 8000, channels: 1} // the defaults of RFC 9559
	for id, v := range children(b) {
		switch id {
		case idTrackNumber:
			e.number = number(v)
		case idTrackType:
			e.kind = number(v)
		case idCodecID:
			e.codec = text(v[:min(len(v), 64)])
		case idCodecPrivate:
			e.private = v
		case idDefaultDuration:
			e.frame = lasting(v)
		case idCodecDelay:
			e.delay = lasting(v)
		case idVideo:
			e.video(v)
		case idAudio:
			e.audio(v)
		case idContentEncodings:
			e.encodings(v)
		}
	}
	return e
}

// lasting is a time within a track; an impossible one counts as not given.
func lasting(b []byte) int64 {
	if v := number(b); v <= maxLasting {
		return int64(v)
	}
	return 0
}

func (e *entry) video(b []byte) {
	for id, v := range children(b) {
		switch id {
		case idPixelWidth:
			e.width = int(min(number(v), maxPixels))
		case idPixelHeight:
			e.height = int(min(number(v), maxPixels))
		}
	}
}

func (e *entry) audio(b []byte) {
	for id, v := range children(b) {
		switch id {
		case idSamplingRate:
			e.rate = min(max(float(v), 0), maxRate)
		case idChannels:
			e.channels = int(min(number(v), maxChannels))
		case idBitDepth:
			e.bits = int(min(number(v), 64))
		}
	}
}

// encodings reads what was done to the frames. Only header stripping, and only once, can be undone as cheaply as frames
// are to be read.
func (e *entry) encodings(b []byte) {
	for id, v := range children(b) {
		if id == idContentEncoding {
			e.encoding(v)
		}
	}
}

func (e *entry) encoding(b []byte) {
	scope, kind, algorithm := uint64(1), uint64(0), uint64(0)
	var prefix []byte
	for id, v := range children(b) {
		switch id {
		case idEncodingScope:
			scope = number(v)
		case idEncodingType:
			kind = number(v)
		case idCompression:
			for id, v := range children(v) {
				switch id {
				case idCompressionAlgo:
					algorithm = number(v)
				case idCompressionData:
					prefix = v
				}
			}
		}
	}
	const stripping = 3
	switch {
	case kind != 0:
		e.coding = errEncrypted
	case scope&1 == 0: // not the frames
	case algorithm != stripping || len(prefix) > maxPrefix || e.prefix != nil:
		e.coding = errCompressed
	default:
		e.prefix = slices.Clone(prefix)
	}
}
