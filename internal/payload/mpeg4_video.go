package payload

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// Start codes of MPEG-4 part 2 (ISO/IEC 14496-2 table 6-3), the byte after 00 00 01.
const (
	mpeg4VOL    = 0x20 // to 0x2F
	mpeg4VOLEnd = 0x2F
	mpeg4VOS    = 0xB0
	mpeg4GOV    = 0xB3
	mpeg4VOP    = 0xB6
)

// mpeg4Video is MP4V-ES (RFC 6416 §5): the elementary stream cut in packets.
type mpeg4Video struct {
	config []byte   // VOS, VO, VOL: all before the first GOV or VOP
	made   [][]byte // Parameters
	opened bool     // headers came, their VOP did not yet
	inBand bool     // a VOL is among them
}

func newMPEG4Video(config string) *mpeg4Video {
	f := new(mpeg4Video)
	if raw, err := decodeHex(config); err == nil {
		f.learn(raw)
	}
	return f
}

func (f *mpeg4Video) Parameters() [][]byte { return f.made }

// Inspect walks the headers up to the VOP. A packet that does not begin with a
// start code continues one.
func (f *mpeg4Video) Inspect(payload []byte, marker bool) Info {
	var info Info
	if len(payload) == 0 {
		return info
	}
	if !startsWithCode(payload) {
		info.Slice = !f.opened
		return info
	}
	vol := false
	for at := 0; ; {
		next := bytes.Index(payload[at:], startCode)
		if next < 0 || at+next+3 >= len(payload) {
			break
		}
		at += next + 3
		code := payload[at]
		if code == mpeg4VOP || code == mpeg4GOV {
			info.Changed = vol && f.learn(payload[:at-3]) || info.Changed
			vol = false
		}
		vol = vol || code >= mpeg4VOL && code <= mpeg4VOLEnd
		if f.see(code, payload[at+1:], &info); code == mpeg4VOP {
			break
		}
	}
	if vol {
		info.Changed = f.learn(payload) || info.Changed
	}
	return info
}

// see looks at what follows one start code.
func (f *mpeg4Video) see(code byte, data []byte, info *Info) {
	switch {
	case code >= mpeg4VOL && code <= mpeg4VOLEnd:
		f.open()
		f.inBand = true
		info.Key = true
	case code == mpeg4VOS || code == mpeg4GOV:
		f.open()
		info.Key = true
	case code == mpeg4VOP:
		intra := len(data) > 0 && data[0]>>6 == 0 // vop_coding_type
		info.Slice = true
		info.Key = info.Key || intra
		info.Params = info.Params || f.opened && f.inBand
		f.opened, f.inBand = false, false
	default:
		info.Key = info.Key || f.opened
	}
	info.Params = info.Params || f.opened && f.inBand
}

func (f *mpeg4Video) open() {
	if !f.opened {
		f.opened, f.inBand = true, false
	}
}

func (f *mpeg4Video) learn(config []byte) bool {
	if len(config) < 5 || len(config) > maxParameterPayload || bytes.Equal(config, f.config) {
		return false
	}
	f.config = bytes.Clone(config)
	f.made = [][]byte{f.config}
	return true
}

func (f *mpeg4Video) describe(params *sdp.Params) {
	if f.config != nil {
		params.Set("config", strings.ToUpper(hex.EncodeToString(f.config)))
	}
}

// Split cuts the bytes; RFC 6416 §5.2 lets a VOP be cut anywhere.
func (f *mpeg4Video) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	return splitBytes(payload, max, emit)
}

// splitBytes cuts payloads that have no header of their own.
func splitBytes(payload []byte, max int, emit emitFunc) bool {
	if len(payload) > max && max < 1 {
		return false
	}
	for size := even(len(payload), max); len(payload) > size; payload = payload[size:] {
		emit(payload[:size], 0, false)
	}
	emit(payload, 0, true)
	return true
}

// even is the size of pieces of n bytes that are as few as there can be of at most max, and as even: packets of one size can
// leave in one call, and those of FFmpeg, 1472 bytes for the most part, would alternate between the largest size and a rest.
func even(n, max int) int {
	if n <= max {
		return max
	}
	pieces := (n + max - 1) / max
	return (n + pieces - 1) / pieces
}
