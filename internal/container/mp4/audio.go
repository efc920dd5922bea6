package mp4

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/baton-rtsp/baton/internal/container"
)

// Sizes of the sample description of audio up to the boxes in it, by its version (QuickTime File Format, Sound Sample
// Descriptions; version 0 is also that of ISO/IEC 14496-12 §12.2.3).
const (
	audioHead0 = 28
	audioHead1 = audioHead0 + 16
	audioHead2 = audioHead0 + 36
)

// maxRate bounds sample rates.
const maxRate = 768000

// A sound is what all sample descriptions of audio say.
type sound struct {
	channels, bits, rate int
	flags                uint32 // of "lpcm"
	boxes                []byte
}

// Flags of a sample description of version 2 (Core Audio).
const (
	flagFloat        = 1
	flagBigEndian    = 2
	flagSigned       = 4
	flagNonInterlace = 32
)

func parseSound(d []byte, quickTime bool) (s sound, ok bool) {
	if len(d) < audioHead0 {
		return s, false
	}
	version := binary.BigEndian.Uint16(d[8:])
	s = sound{
		channels: int(binary.BigEndian.Uint16(d[16:])),
		bits:     int(binary.BigEndian.Uint16(d[18:])),
		rate:     int(binary.BigEndian.Uint32(d[24:]) >> 16),
		boxes:    d[audioHead0:],
	}
	switch {
	case version == 1 && len(d) >= audioHead1 && (quickTime || !beginsWithBox(s.boxes)):
		// The second version of ISO/IEC 14496-12 has the number too, and nothing behind it.
		s.boxes = d[audioHead1:]
	case version == 2 && len(d) >= audioHead2:
		s.rate = 0
		if rate := math.Float64frombits(binary.BigEndian.Uint64(d[32:])); rate >= 1 && rate <= maxRate {
			s.rate = int(rate)
		}
		s.channels = int(min(binary.BigEndian.Uint32(d[40:]), math.MaxUint16))
		s.bits = int(min(binary.BigEndian.Uint32(d[48:]), math.MaxUint16))
		s.flags = binary.BigEndian.Uint32(d[52:])
		s.boxes = d[audioHead2:]
	}
	return s, true
}

// beginsWithBox tells whether b looks as if a box were there.
func beginsWithBox(b []byte) bool {
	if len(b) < headerSize {
		return false
	}
	size := binary.BigEndian.Uint32(b)
	for _, c := range b[4:headerSize] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return size >= headerSize && uint64(size) <= uint64(len(b))
}

// audio reads the sample description of audio.
func (e *entry) audio(tag string, d []byte, quickTime bool) {
	s, ok := parseSound(d, quickTime)
	if !ok {
		e.reason = errShortEntry
		return
	}
	if wave, ok := part(s.boxes, "wave"); ok { // QuickTime has them one level deeper
		s.boxes = wave
	}
	e.out.Channels, e.out.SampleRate = s.channels, s.rate
	switch tag {
	case "mp4a":
		e.objectType(s.boxes)
		if e.reason == nil && e.out.Codec.Video() {
			e.reason = errors.New("video described as audio")
		}
	case ".mp3", "ms\x00U":
		e.out.Codec, e.out.ClockRate = container.MP3, 90000
	case "Opus":
		e.opus(s.boxes)
	case "ac-3":
		e.ac3(s.boxes)
	default:
		e.uncompressed(tag, s)
	}
}

// opus reads the box "dOps" (Opus in ISO BMFF §4.3.2).
func (e *entry) opus(boxes []byte) {
	e.out.Codec, e.out.SampleRate, e.out.ClockRate = container.Opus, 48000, 48000
	if c, ok := part(boxes, "dOps"); ok && len(c) >= 2 && c[1] > 0 {
		e.out.Channels = int(c[1])
	}
}

// ac3 reads the box "dac3" (ETSI TS 102 366 annex F.4).
func (e *entry) ac3(boxes []byte) {
	e.out.Codec = container.AC3
	c, ok := part(boxes, "dac3")
	if !ok || len(c) < 3 {
		return
	}
	rates := [...]int{48000, 44100, 32000}
	if code := int(c[0] >> 6); code < len(rates) {
		e.out.SampleRate = rates[code]
	}
	channels := [...]int{2, 1, 2, 3, 3, 4, 4, 5} // by acmod
	e.out.Channels = channels[c[1]>>3&7] + int(c[1]>>2&1)
}
