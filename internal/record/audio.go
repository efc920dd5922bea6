package record

import (
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
	decoder *rtpmpeg4audio.Decoder
}

func newAAC(f *format.MPEG4Audio) coding {
	d, err := f.CreateDecoder()
	if err != nil || f.Config == nil {
		return nil
	}
	return &aac{config: f.Config, decoder: d}
}

func (a *aac) decode(p *rtp.Packet) ([][]byte, error) { return a.decoder.Decode(p) }
func (a *aac) codec() codecs.Codec                    { return &codecs.MPEG4Audio{Config: *a.config} }
func (a *aac) random([][]byte) bool                   { return true }

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

func (o *opusTrack) samples(units [][]byte, pts int64) (list []*fmp4.Sample, times []int64) {
	for _, u := range units {
		list = append(list, &fmp4.Sample{Payload: u})
		times = append(times, pts)
		pts += opus.PacketDuration2(u)
	}
	return list, times
}
