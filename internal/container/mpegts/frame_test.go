package mpegts

import (
	"bytes"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/ac3"

	"github.com/baton-rtsp/baton/internal/container"
)

// Headers of AC-3 are read as others read them.
func TestAC3Headers(t *testing.T) {
	n := 0
	for code := range byte(64) {
		for rate := range byte(4) {
			for mode := range 256 {
				b := []byte{0x0B, 0x77, 0, 0, rate<<6 | code, 8 << 3, byte(mode), byte(mode * 37)}
				var sync ac3.SyncInfo
				var info ac3.BSI
				good := sync.Unmarshal(b) == nil && info.Unmarshal(b[5:]) == nil
				f, more := parseAC3(b)
				if more != 0 || good != (f.size > 0) {
					t.Fatalf("% x: %+v, want %v", b, f, good)
				}
				if good && (f.size != sync.FrameSize() || f.rate != sync.SampleRate() || f.channels != info.ChannelCount()) {
					t.Fatalf("% x: %+v, want %d bytes, %d Hz, %d channels", b, f, sync.FrameSize(), sync.SampleRate(), info.ChannelCount())
				}
				if good {
					n++
				}
			}
		}
	}
	if n != 38*3*256 {
		t.Errorf("%d headers", n)
	}
}

// The control header of Opus, with all that it can have.
func TestOpusHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want frame
	}{
		"plain":          {[]byte{0x7F, 0xE0, 100, 0xFC, 0}, frame{1, 103, 3, 48000, 960, 0}},
		"long":           {[]byte{0x7F, 0xE0, 255, 255, 10, 0xFC, 0}, frame{1, 525, 5, 48000, 960, 0}},
		"trimmed":        {[]byte{0x7F, 0xF8, 100, 1, 2, 3, 4, 0xFC, 0}, frame{1, 107, 7, 48000, 960, 0}},
		"with extension": {[]byte{0x7F, 0xE4, 100, 2, 9, 9, 0xFC, 0}, frame{1, 106, 6, 48000, 960, 0}},
		"one byte":       {[]byte{0x7F, 0xE0, 1, 0xFC}, frame{1, 4, 3, 48000, 960, 0}},
		"no header":      {[]byte{0x7E, 0xE0, 100, 0xFC, 0}, frame{}},
		"empty":          {[]byte{0x7F, 0xE0, 0, 0xFC, 0}, frame{}},
		"endless":        {append([]byte{0x7F, 0xE0}, bytes.Repeat([]byte{255}, 60)...), frame{}},
		"no duration":    {[]byte{0x7F, 0xE0, 100, 0xFF, 0}, frame{}},
	} {
		if f, more := parseOpus(c.b); f != c.want || more != 0 {
			t.Errorf("%s: %+v, %d more", name, f, more)
		}
		for n := range c.b {
			if f, more := parseOpus(c.b[:n]); f != (frame{}) || c.want != (frame{}) && more <= n {
				t.Errorf("%s, %d bytes: %+v, %d more", name, n, f, more)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		codec container.Codec
		b     []byte
		want  frame
	}{
		"AAC":                   {container.AAC, []byte{0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC}, frame{0xF05080, 16, 7, 44100, 1024, 2}},
		"AAC with checksum":     {container.AAC, []byte{0xFF, 0xF0, 0x50, 0x40, 0x02, 0x1F, 0xFC}, frame{0xF05040, 16, 9, 44100, 1024, 1}},
		"AAC of 7.1":            {container.AAC, []byte{0xFF, 0xF1, 0x4D, 0xC0, 0x02, 0x1F, 0xFC}, frame{0xF04DC0, 16, 7, 48000, 1024, 8}},
		"AAC, several blocks":   {container.AAC, []byte{0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFD}, frame{}},
		"AAC, too short":        {container.AAC, []byte{0xFF, 0xF1, 0x50, 0x80, 0x00, 0xFF, 0xFC}, frame{}},
		"AAC, reserved rate":    {container.AAC, []byte{0xFF, 0xF1, 0x7C, 0x80, 0x02, 0x1F, 0xFC}, frame{}},
		"layer 3":               {container.MP3, []byte{0xFF, 0xFB, 0x90, 0x00}, frame{0x1A01, 417, 0, 44100, 1152, 2}},
		"layer 2, mono":         {container.MP3, []byte{0xFF, 0xFD, 0xA4, 0xC0}, frame{0x1C05, 576, 0, 48000, 1152, 1}},
		"layer 1":               {container.MP3, []byte{0xFF, 0xFF, 0x98, 0x00}, frame{0x1E09, 432, 0, 32000, 384, 2}},
		"layer 3 of MPEG-2":     {container.MP3, []byte{0xFF, 0xF3, 0x80, 0x00}, frame{0x1201, 208, 0, 22050, 576, 2}},
		"layer 3 of MPEG-2.5":   {container.MP3, []byte{0xFF, 0xE3, 0x44, 0x00}, frame{0x0205, 192, 0, 12000, 576, 2}},
		"layer 1 of MPEG-2":     {container.MP3, []byte{0xFF, 0xF7, 0x84, 0x00}, frame{0x1605, 256, 0, 24000, 384, 2}},
		"free bit rate":         {container.MP3, []byte{0xFF, 0xFB, 0x00, 0x00}, frame{}},
		"forbidden bit rate":    {container.MP3, []byte{0xFF, 0xFB, 0xF0, 0x00}, frame{}},
		"reserved layer":        {container.MP3, []byte{0xFF, 0xF9, 0x90, 0x00}, frame{}},
		"E-AC-3 is not AC-3":    {container.AC3, []byte{0x0B, 0x77, 0x12, 0x34, 0x00, 0x80, 0x40, 0}, frame{}},
		"no header of anything": {container.AC3, make([]byte, 8), frame{}},
	} {
		if f, more := parserOf(c.codec)(c.b); f != c.want || more != 0 {
			t.Errorf("%s: %+v, %d more, want %+v", name, f, more, c.want)
		}
		if f, more := parserOf(c.codec)(c.b[:3]); f != (frame{}) || more != len(c.b) {
			t.Errorf("%s, cut: %+v, %d more", name, f, more)
		}
	}
}

// What is known of sound before its first sample.
func TestSoundIsDescribed(t *testing.T) {
	for name, c := range map[string]struct {
		element element
		frames  []byte
		want    container.Track
	}{
		"AAC":  {aacElement, adts(1, 10), container.Track{Codec: container.AAC, Timescale: 48000, ClockRate: 48000, Channels: 2, SampleRate: 48000, Config: [][]byte{{0x11, 0x90}}}},
		"MP3":  {mp3Element, append([]byte{0xFF, 0xFB, 0x90, 0x00}, make([]byte, 413)...), container.Track{Codec: container.MP3, Timescale: 44100, ClockRate: 90000, Channels: 2, SampleRate: 44100}},
		"AC-3": {ac3Element, append([]byte{0x0B, 0x77, 0, 0, 0x00, 0x40, 0x40, 0x00}, make([]byte, 120)...), container.Track{Codec: container.AC3, Timescale: 48000, ClockRate: 48000, Channels: 2, SampleRate: 48000}},
		"Opus": {element{6, audioPID, []byte{0x05, 4, 'O', 'p', 'u', 's', 0x7F, 2, 0x80, 1}}, []byte{0x7F, 0xE0, 3, 0xFC, 1, 2}, container.Track{Codec: container.Opus, Timescale: 48000, ClockRate: 48000, Channels: 1, SampleRate: 48000}},
	} {
		var m mux
		m.tables(c.element)
		m.pes(audioPID, audioID, 0, 0, c.frames)
		got := m.opened(t).Tracks[0]
		if got.ID != audioPID || got.Codec != c.want.Codec || got.Timescale != c.want.Timescale || got.ClockRate != c.want.ClockRate ||
			got.Channels != c.want.Channels || got.SampleRate != c.want.SampleRate || len(got.Config) != len(c.want.Config) ||
			len(got.Config) > 0 && !bytes.Equal(got.Config[0], c.want.Config[0]) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if n := got.Index.Len(); n != 1 {
			t.Errorf("%s: %d samples", name, n)
		}
	}
}
