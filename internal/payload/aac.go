package payload

import (
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// aac is mpeg4-generic (RFC 3640) in the modes AAC-hbr and AAC-lbr, and others
// whose AU headers have only size and index.
type aac struct {
	stateless
	auFormat
	plain bool      // the AU headers can be read
	frame frameTime // of one access unit
	buf   scratch
}

// auFormat is how many bits the fields of an AU header have (RFC 3640 §3.2.1.1).
type auFormat struct{ size, index, delta uint }

// headerBits is the size of n AU headers.
func (a auFormat) headerBits(n int) int {
	return int(a.size+a.index) + (n-1)*int(a.size+a.delta)
}

// newAAC reads the fmtp. Hikvision cameras leave the lengths out; those of the
// mode hold then, and without a mode those of AAC-hbr (PLD-13, PLD-15).
func newAAC(f *sdp.Format) *aac {
	a := &aac{frame: parseAudioConfig(f.Params.Get("config"), f.ClockRate)}
	bits := func(name string) uint {
		n, _ := strconv.ParseUint(f.Params.Get(name), 10, 8)
		return uint(n)
	}
	a.auFormat = auFormat{bits("sizelength"), bits("indexlength"), bits("indexdeltalength")}
	mode := strings.ToLower(f.Params.Get("mode"))
	if a.size == 0 && !f.Params.Has("constantsize") {
		switch mode {
		case "aac-lbr":
			a.auFormat = auFormat{6, 2, 2}
		case "aac-hbr", "":
			a.auFormat = auFormat{13, 3, 3}
		}
	}
	a.plain = a.size > 0 && a.size <= 32 && a.index <= 32 && a.delta <= 32 &&
		bits("ctsdeltalength") == 0 && bits("dtsdeltalength") == 0 && bits("randomaccessindication") == 0 &&
		bits("streamstateindication") == 0 && bits("auxiliarydatasizelength") == 0
	return a
}

// Inspect finds ADTS headers, which do not belong in RTP (PLD-14).
func (f *aac) Inspect(payload []byte, marker bool) Info {
	units, ok := f.units(payload)
	if !ok {
		return Info{Key: true}
	}
	first, ok := units.next()
	return Info{Key: true, Irregular: ok && first.adts}
}

// frameTime is the duration of an access unit: samples at rate, in ticks of clock.
type frameTime struct{ samples, rate, clock int64 }

func (t frameTime) ticks(units uint32) uint32 {
	if t.rate <= 0 {
		return units * uint32(t.samples)
	}
	return uint32(int64(units) * t.samples * t.clock / t.rate)
}

// parseAudioConfig reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) as
// far as the duration of a frame needs it. Without one a frame has 1024 ticks.
// The rate is that of the core coder: HE-AAC may count RTP time at twice that.
func parseAudioConfig(config string, clock int) frameTime {
	t := frameTime{samples: 1024, clock: int64(clock)}
	raw, err := decodeHex(config)
	if err != nil || len(raw) < 2 {
		return t
	}
	r := bitReader{data: raw}
	object := audioObjectType(&r)
	t.rate = samplingFrequency(&r)
	r.bits(4) // channels
	if object == 5 || object == 29 {
		samplingFrequency(&r)
		object = audioObjectType(&r)
	}
	short := r.bits(1) == 1 // frameLengthFlag
	switch {
	case object == 23 || object == 39: // low delay
		t.samples = 512
		if short {
			t.samples = 480
		}
	case short:
		t.samples = 960
	}
	return t
}

func audioObjectType(r *bitReader) uint32 {
	if t := r.bits(5); t != 31 {
		return t
	}
	return 32 + r.bits(6)
}

func samplingFrequency(r *bitReader) int64 {
	i := r.bits(4)
	if i == 15 {
		return int64(r.bits(24))
	}
	if i > 12 {
		return 0
	}
	return [13]int64{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}[i]
}
