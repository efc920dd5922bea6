package mp4

import (
	"errors"
	"fmt"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/pcm"
)

var errPCM = errors.New("PCM of a kind that RTP has no name for")

// uncompressed reads how PCM is. The sample rate comes later: the description may not have it.
func (e *entry) uncompressed(tag string, s sound) {
	f := pcm.Format{Codec: container.L16, Channels: s.channels, Width: s.bits / 8, Big: true}
	signed := true
	switch tag {
	case "ulaw":
		f.Codec, f.Width = container.PCMU, 1
	case "alaw":
		f.Codec, f.Width = container.PCMA, 1
	case "sowt":
		f.Big = false
	case "raw ":
		f.Width, signed = 1, false
	case "in24":
		f.Width, f.Big = 3, !littleEndian(s.boxes)
	case "in32":
		f.Width, f.Big = 4, !littleEndian(s.boxes)
	case "lpcm":
		f.Big, signed = s.flags&flagBigEndian != 0, s.flags&flagSigned != 0
		if s.flags&(flagFloat|flagNonInterlace) != 0 {
			e.reason = errPCM
		}
	case "ipcm": // ISO/IEC 23003-5 §5.1.2
		c, ok := part(s.boxes, "pcmC")
		if !ok || len(c) < 6 {
			e.reason = errNoConfig
			return
		}
		f.Big, s.bits = c[4]&1 == 0, int(c[5])
		f.Width = s.bits / 8
	}
	// Package pcm takes 8 bits as unsigned and more as signed, which is what all but some old films have.
	if f.Codec == container.L16 && (signed == (f.Width == 1) || s.bits%8 != 0) {
		e.reason = errPCM
	}
	if f.Channels < 1 || f.Channels > pcm.MaxChannels || f.Width < 1 || f.Width > 4 {
		e.reason = fmt.Errorf("PCM with %d channels of %d bits", s.channels, s.bits)
	}
	e.out.Codec, e.pcm = f.Codec, f
}

// littleEndian tells whether the box "enda" says so.
func littleEndian(boxes []byte) bool {
	c, ok := part(boxes, "enda")
	return ok && len(c) >= 2 && c[1] == 1
}
