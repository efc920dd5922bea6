package record

import (
	"encoding/binary"
	"errors"

	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg4audio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpsimpleaudio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/pion/rtp"
)

// An aac is a track of MPEG-4 audio.
type aac struct {
	config  *mpeg4audio.AudioSpecificConfig
	format  *format.MPEG4Audio
	decoder *rtpmpeg4audio.Decoder
}

// errHeaders is a packet whose headers are longer than itself.
var errHeaders = errors.New("record: the headers of the access units are cut off")

func newAAC(f *format.MPEG4Audio) coding {
	d, err := f.CreateDecoder()
	if err != nil || f.Config == nil {
		return nil
	}
	return &aac{config: f.Config, format: f, decoder: d}
}

// decode looks first whether there are as many headers as the packet says (RFC 3640 §3.2.1): the decoder takes memory for them all.
func (a *aac) decode(p *rtp.Packet) ([][]byte, error) {
	if len(p.Payload) < 2 || int(binary.BigEndian.Uint16(p.Payload)) > 8*(len(p.Payload)-2) {
		return nil, errHeaders
	}
	return a.decoder.Decode(p)
}

func (a *aac) codec() codecs.Codec  { return &codecs.MPEG4Audio{Config: *a.config} }
func (a *aac) random([][]byte) bool { return true }
func (a *aac) forget()              { a.decoder, _ = a.format.CreateDecoder() } // as it could before

func (a *aac) samples(units [][]byte, pts int64) (list []*fmp4.Sample, times []int64) {
	for i, u := range units {
		list = append(list, &fmp4.Sample{Payload: u})
		times = append(times, pts+int64(i)*mpeg4audio.SamplesPerAccessUnit)
	}
	return list, times
}

// An opusTrack is a track of Opus.
type opusTrack struct {
	channels int
	decoder  *rtpsimpleaudio.Decoder
}

func newOpus(f *format.Opus) coding {
	d, err := f.CreateDecoder()
	if err != nil {
		return nil
	}
	return &opusTrack{channels: f.ChannelCount, decoder: d}
}

func (o *opusTrack) decode(p *rtp.Packet) ([][]byte, error) {
	b, err := o.decoder.Decode(p)
	return [][]byte{b}, err
}

func (o *opusTrack) codec() codecs.Codec  { return &codecs.Opus{ChannelCount: o.channels} }
func (o *opusTrack) random([][]byte) bool { return true }
func (o *opusTrack) forget()              {} // there is nothing: a packet is a unit

func (o *opusTrack) samples(units [][]byte, pts int64) (list []*fmp4.Sample, times []int64) {
	for _, u := range units {
		list = append(list, &fmp4.Sample{Payload: u})
		times = append(times, pts)
		pts += opus.PacketDuration2(u)
	}
	return list, times
}
