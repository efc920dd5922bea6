package matroska

import (
	"math"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
)

// aac reads an AudioSpecificConfig, or makes one for the form of before there were any, A_AAC/MPEG4/LC and its like.
func (f *feed) aac(e *entry, profile string) error {
	t := f.track
	t.Codec = container.AAC
	config := e.private
	if profile != "" && len(config) == 0 {
		config = legacyAAC(e, profile)
	}
	a, ok := parseAAC(config)
	if !ok {
		return errConfig
	}
	t.Config = [][]byte{config}
	t.SampleRate, t.Timescale, t.ClockRate = a.rate, a.rate, a.rate
	if a.channels > 0 {
		t.Channels = a.channels
	}
	f.samples = always(a.samples)
	return nil
}

// aacConfig is the beginning of an AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1. Rate is that of the core: with SBR
// twice as many samples come out.
type aacConfig struct{ rate, channels, samples int }

// aacRate is the sampling rate of an index.
func aacRate(index int) int {
	return [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}[index]
}

func parseAAC(b []byte) (aacConfig, bool) {
	if len(b) < 2 {
		return aacConfig{}, false
	}
	var head [16]byte
	copy(head[:], b)
	at := 0
	bits := func(n int) (v int) {
		for range n {
			v = v<<1 | int(head[at>>3]>>(7-at&7)&1)
			at++
		}
		return v
	}
	object := func() int {
		if v := bits(5); v != 31 {
			return v
		}
		return 32 + bits(6)
	}
	rate := func() int {
		if v := bits(4); v != 15 {
			return aacRate(v)
		}
		return bits(24)
	}
	kind := object()
	c := aacConfig{rate: rate(), channels: bits(4), samples: 1024}
	if c.channels == 7 {
		c.channels = 8
	}
	const sbr, ps = 5, 29
	if kind == sbr || kind == ps {
		rate()
		object()
	}
	if bits(1) == 1 {
		c.samples = 960
	}
	return c, kind > 0 && c.rate > 0
}

// legacyAAC makes an AudioSpecificConfig of the name of a profile.
func legacyAAC(e *entry, profile string) []byte {
	kind := 2 // LC
	switch {
	case strings.Contains(profile, "MAIN"):
		kind = 1
	case strings.Contains(profile, "SSR"):
		kind = 3
	case strings.Contains(profile, "LTP"):
		kind = 4
	}
	for i := range 13 {
		if math.Abs(float64(aacRate(i))-e.rate) < 1 && e.channels < 8 {
			return []byte{byte(kind<<3 | i>>1), byte(i<<7 | e.channels<<3)}
		}
	}
	return nil
}
