package payload

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
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg1audio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg4audio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpsimpleaudio"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpvp8"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpvp9"
	"github.com/pion/rtp"
)

// An otherReader is a depacketizer of gortsplib; it returns nil and an error when it needs more
// packets.
type otherReader func(pkt *rtp.Packet) ([][]byte, error)

// one makes an otherReader of a decoder that returns one frame.
func one(decode func(pkt *rtp.Packet) ([]byte, error)) otherReader {
	return func(pkt *rtp.Packet) ([][]byte, error) {
		b, err := decode(pkt)
		return [][]byte{b}, err
	}
}

func otherReaders(t *testing.T) map[string]otherReader {
	t.Helper()
	h264, h265, av1 := &rtph264.Decoder{PacketizationMode: 1}, new(rtph265.Decoder), new(rtpav1.Decoder)
	vp8, vp9, mpeg4 := new(rtpvp8.Decoder), new(rtpvp9.Decoder), new(rtpfragmented.Decoder)
	aac := &rtpmpeg4audio.Decoder{SizeLength: 13, IndexLength: 3, IndexDeltaLength: 3}
	simple, mpa, ac3 := new(rtpsimpleaudio.Decoder), new(rtpmpeg1audio.Decoder), new(rtpac3.Decoder)
	lpcm, pcmu, pcma := new(rtplpcm.Decoder), new(rtplpcm.Decoder), new(rtplpcm.Decoder)
	for _, d := range []interface{ Init() error }{h264, h265, av1, vp8, vp9, mpeg4, aac, simple, mpa, ac3, lpcm, pcmu, pcma} {
		if err := d.Init(); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]otherReader{
		"H264": h264.Decode, "H265": h265.Decode, "AV1": av1.Decode, "VP8": one(vp8.Decode), "VP9": one(vp9.Decode),
		"MP4V-ES": one(mpeg4.Decode), "mpeg4-generic": aac.Decode, "opus": one(simple.Decode), "MPA": mpa.Decode,
		"ac3": ac3.Decode, "L16": one(lpcm.Decode), "PCMU": one(pcmu.Decode), "PCMA stereo": one(pcma.Decode),
	}
}

// PLD-02, PLD-07, PLD-14, PLD-19, PLD-22: depacketizers that somebody else wrote
// find the units of the samples.
func TestOthersReadWhatPacketizersMake(t *testing.T) {
	readers := otherReaders(t)
	for _, s := range storedTracks() {
		read, seq := readers[s.name], uint16(0)
		if read == nil {
			t.Errorf("%s: nobody reads it", s.name)
			continue
		}
		p := packetizer(t, s.track)
		for i, sample := range s.samples {
			if s.name == "ac3" && i > 0 || s.name == "MPA" && i > 0 || s.name == "mpeg4-generic" && len(sample) > 6144 {
				continue // no whole frame; the reader's limit
			}
			list, err := take(p, sample, 1000)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]byte
			for _, e := range list {
				units, err := read(&rtp.Packet{Header: rtp.Header{SequenceNumber: seq, Marker: e.last, Timestamp: uint32(i) * 3000}, Payload: e.payload})
				seq++
				if err == nil {
					got = append(got, units...)
				}
			}
			want, _ := s.units(sample)
			if s.name == "L16" || s.name == "PCMU" || s.name == "PCMA stereo" {
				got = [][]byte{bytes.Join(got, nil)}
			}
			if diff := sameUnits(want, got); diff != "" {
				t.Errorf("%s, sample %d (-want +got):\n%s", s.name, i, diff)
			}
		}
	}
}

// PLD-08, PLD-09: so it is with JPEG, whose headers a reader makes anew.
func TestOthersReadJPEG(t *testing.T) {
	var d rtpmjpeg.Decoder
	if err := d.Init(); err != nil {
		t.Fatal(err)
	}
	img := picture(t, 320, 240, 90)
	list, err := take(packetizer(t, Track{Encoding: "JPEG"}), img, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for i, e := range list {
		b, err := d.Decode(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Marker: e.last}, Payload: e.payload})
		if err == nil {
			got = b
		} else if !errors.Is(err, rtpmjpeg.ErrMorePacketsNeeded) {
			t.Fatal(err)
		}
	}
	want := decode(t, img)
	if back := decode(t, got); back.Bounds() != want.Bounds() || back.At(100, 100) != want.At(100, 100) {
		t.Error("another picture")
	}
}
