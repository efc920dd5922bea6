package vod_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpac3"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpav1"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpfragmented"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph265"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtplpcm"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg4audio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpsimpleaudio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpvp8"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpvp9"
	"github.com/pion/rtp"

	"github.com/baton-rtsp/baton/internal/container"
)

// A depacketizer makes units of the packets of one track, with the reader of another library.
type depacketizer struct {
	track *container.Track
	read  func(*rtp.Packet) ([][]byte, error)
	units [][]byte
	seq   uint16
	begun bool
}

func newDepacketizer(t *testing.T, track *container.Track) *depacketizer {
	t.Helper()
	d := &depacketizer{track: track}
	d.forget()
	return d
}

// forget begins anew, as a player does that seeks.
func (d *depacketizer) forget() {
	d.units, d.begun = nil, false
	one := func(decode func(*rtp.Packet) ([]byte, error)) func(*rtp.Packet) ([][]byte, error) {
		return func(p *rtp.Packet) ([][]byte, error) {
			b, err := decode(p)
			return [][]byte{b}, err
		}
	}
	switch d.track.Codec {
	case container.H264:
		d.read = started(&rtph264.Decoder{PacketizationMode: 1}).Decode
	case container.H265:
		d.read = started(&rtph265.Decoder{}).Decode
	case container.AV1:
		d.read = started(&rtpav1.Decoder{}).Decode
	case container.VP8:
		d.read = one(started(&rtpvp8.Decoder{}).Decode)
	case container.VP9:
		d.read = one(started(&rtpvp9.Decoder{}).Decode)
	case container.MPEG4:
		d.read = one(started(&rtpfragmented.Decoder{}).Decode)
	case container.MJPEG:
		d.read = one(started(&rtpmjpeg.Decoder{}).Decode)
	case container.AAC:
		d.read = started(&rtpmpeg4audio.Decoder{SizeLength: 13, IndexLength: 3, IndexDeltaLength: 3}).Decode
	case container.Opus:
		d.read = one(started(&rtpsimpleaudio.Decoder{}).Decode)
	case container.MP3:
		d.read = one(mpegAudio) // rtpmpeg1audio counts frames of MPEG-2 as twice as long
	case container.AC3:
		d.read = started(&rtpac3.Decoder{}).Decode
	default:
		d.read = one(started(&rtplpcm.Decoder{}).Decode)
	}
}

func started[T interface{ Init() error }](d T) T {
	if err := d.Init(); err != nil {
		panic(err)
	}
	return d
}

// packet takes one packet; it fails the test when a sequence number is missing.
func (d *depacketizer) packet(t *testing.T, b []byte) {
	t.Helper()
	var p rtp.Packet
	if err := p.Unmarshal(bytes.Clone(b)); err != nil {
		t.Fatal(err)
	}
	if d.begun && p.SequenceNumber != d.seq+1 {
		t.Fatalf("sequence %d behind %d", p.SequenceNumber, d.seq)
	}
	d.seq, d.begun = p.SequenceNumber, true
	units, err := d.read(&p)
	if err != nil {
		return // more packets are needed; what is really wrong is missing in the end
	}
	for _, u := range units {
		if u = d.plain(u); len(u) > 0 {
			d.units = append(d.units, u)
		}
	}
}

// take returns the units since the last time.
func (d *depacketizer) take() [][]byte {
	list := d.units
	if d.sampled() && len(list) > 0 {
		list = [][]byte{bytes.Join(list, nil)}
	}
	d.forget()
	return list
}

// sampled sound can be cut anywhere.
func (d *depacketizer) sampled() bool { return sampled(d.track.Codec) }

func sampled(c container.Codec) bool {
	return c == container.L16 || c == container.PCMA || c == container.PCMU
}

// plain is a unit without what the way through RTP may add and leave out: nothing for parameter sets and delimiters.
func (d *depacketizer) plain(u []byte) []byte { return plain(d.track.Codec, u) }

func plain(c container.Codec, u []byte) []byte {
	if len(u) == 0 {
		return nil
	}
	switch c {
	case container.H264:
		if kind := u[0] & 0x1F; kind >= 7 && kind <= 9 {
			return nil
		}
	case container.H265:
		if kind := u[0] >> 1 & 0x3F; kind >= 32 && kind <= 35 {
			return nil
		}
	case container.AV1:
		if kind := u[0] >> 3 & 0xF; kind == 1 || kind == 2 {
			return nil
		}
	case container.MPEG4:
		return u[max(bytes.Index(u, []byte{0, 0, 1, 0xB6}), 0):]
	case container.MJPEG:
		return bytes.TrimSuffix(u[scanOf(u):], []byte{0xFF, 0xD9})
	}
	return u
}

// unitsOf takes a sample apart the way a depacketizer does.
func unitsOf(t *container.Track, sample []byte) (list [][]byte) {
	add := func(u []byte) {
		if u = plain(t.Codec, u); len(u) > 0 {
			list = append(list, u)
		}
	}
	switch t.Codec {
	case container.H264, container.H265:
		for len(sample) >= t.NALLength {
			n := 0
			for _, b := range sample[:t.NALLength] {
				n = n<<8 | int(b)
			}
			add(sample[t.NALLength : t.NALLength+n])
			sample = sample[t.NALLength+n:]
		}
	case container.AV1:
		for len(sample) > 0 {
			unit, rest := firstOBU(sample)
			add(unit)
			sample = rest
		}
	default:
		add(sample)
	}
	return list
}

// firstOBU is the first OBU of a temporal unit, without its size, and the rest.
func firstOBU(b []byte) (unit, rest []byte) {
	head := 1 + int(b[0]>>2&1)
	size, at := 0, head
	for shift := 0; ; shift += 7 {
		c := b[at]
		at++
		size |= int(c&0x7F) << shift
		if c < 0x80 {
			break
		}
	}
	unit = append(bytes.Clone(b[:head]), b[at:at+size]...)
	unit[0] &^= 2
	return unit, b[at+size:]
}

// mpegAudio is a whole frame of MPEG audio behind its header (RFC 2250 §3.5): those of the tests fit one packet.
func mpegAudio(p *rtp.Packet) ([]byte, error) {
	if len(p.Payload) < 4 || !bytes.Equal(p.Payload[:4], make([]byte, 4)) {
		return nil, errors.New("a fragment")
	}
	return p.Payload[4:], nil
}
