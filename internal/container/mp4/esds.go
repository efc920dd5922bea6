package mp4

import (
	"fmt"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// Descriptors (ISO/IEC 14496-1 §7.2.2.1, table 1).
const (
	tagES              = 3
	tagDecoderConfig   = 4
	tagDecoderSpecific = 5
)

// objectType reads the box "esds", which says how samples of "mp4a" and "mp4v" are coded (ISO/IEC 14496-14 §5.6).
func (e *entry) objectType(boxes []byte) {
	d, ok := part(boxes, "esds")
	if !ok || len(d) < 4 {
		e.reason = errNoConfig
		return
	}
	kind, config, ok := parseES(d[4:])
	if !ok {
		e.reason = errNoConfig
		return
	}
	switch kind { // the registration authority's list of object types
	case 0x20:
		e.out.Codec = container.MPEG4
		e.out.Config = [][]byte{slices.Clone(config)}
		if len(config) == 0 {
			e.out.Config = nil
		}
	case 0x40, 0x66, 0x67, 0x68: // MPEG-4 and MPEG-2 AAC
		e.aac(config)
	case 0x69, 0x6B: // MPEG-2 and MPEG-1 audio
		e.out.Codec, e.out.ClockRate = container.MP3, 90000
	case 0x6C:
		e.out.Codec = container.MJPEG
	case 0xA5:
		e.out.Codec = container.AC3
	default:
		e.reason = fmt.Errorf("object type 0x%02X", kind)
	}
}

// parseES reads an ES descriptor as far as the decoder configuration in it.
func parseES(d []byte) (kind byte, config []byte, ok bool) {
	if tag, body, _, valid := descriptor(d); valid && tag == tagES {
		if d, ok = skipES(body); !ok {
			return 0, nil, false
		}
	}
	for len(d) > 0 {
		tag, body, rest, ok := descriptor(d)
		if !ok {
			return 0, nil, false
		}
		if tag != tagDecoderConfig {
			d = rest
			continue
		}
		const head = 13
		if len(body) < head {
			return 0, nil, false
		}
		kind = body[0]
		if tag, body, _, ok := descriptor(body[head:]); ok && tag == tagDecoderSpecific {
			config = body
		}
		return kind, config, true
	}
	return 0, nil, false
}

// skipES goes over the fields of an ES descriptor to the descriptors in it.
func skipES(b []byte) ([]byte, bool) {
	const depends, url, clock = 0x80, 0x40, 0x20
	if len(b) < 3 {
		return nil, false
	}
	flags, n := b[2], 3
	if flags&depends != 0 {
		n += 2
	}
	if flags&url != 0 {
		if n >= len(b) {
			return nil, false
		}
		n += 1 + int(b[n])
	}
	if flags&clock != 0 {
		n += 2
	}
	if n > len(b) {
		return nil, false
	}
	return b[n:], true
}

// descriptor splits one off. A length that goes beyond the end means up to the end, as some writers have it.
func descriptor(d []byte) (tag byte, body, rest []byte, ok bool) {
	if len(d) < 2 {
		return 0, nil, nil, false
	}
	tag, d = d[0], d[1:]
	size := 0
	for i := 0; ; i++ {
		if i == 4 || len(d) == 0 {
			return 0, nil, nil, false
		}
		b := d[0]
		d = d[1:]
		size = size<<7 | int(b&0x7F)
		if b&0x80 == 0 {
			break
		}
	}
	size = min(size, len(d))
	return tag, d[:size], d[size:], true
}

// aac reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) as far as the sample rate of the core coder, in which RTP
// counts, and the channels.
func (e *entry) aac(config []byte) {
	e.out.Codec = container.AAC
	b := bitString{b: config}
	if object := b.read(5); object == 31 {
		b.read(6)
	}
	rates := [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	const explicit = 15
	switch code := b.read(4); {
	case code == explicit:
		e.out.SampleRate = int(b.read(24))
	case int(code) < len(rates):
		e.out.SampleRate = rates[code]
	}
	channels := [...]int{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8, 0}
	if n := channels[b.read(4)]; n > 0 {
		e.out.Channels = n
	}
	if b.short {
		e.reason = errNoConfig
		return
	}
	e.out.Config = [][]byte{slices.Clone(config)}
}

// A bitString is read from its highest bit on.
type bitString struct {
	b     []byte
	at    int  // bit
	short bool // more was read than there is
}

func (s *bitString) read(n int) uint32 {
	v := uint32(0)
	for range n {
		v <<= 1
		if s.at>>3 < len(s.b) {
			v |= uint32(s.b[s.at>>3]>>(7-s.at&7)) & 1
		} else {
			s.short = true
		}
		s.at++
	}
	return v
}
