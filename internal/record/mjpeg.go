package record

import (
	"errors"
	"os"
	"slices"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/pion/rtp"

	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// errNoJPEG means that there is nothing for a file of motion JPEG.
var errNoJPEG = errors.New("there is no track of JPEG")

// A mjpeg is JPEG images one behind the other.
type mjpeg struct {
	file    *os.File
	track   int
	decoder rtpmjpeg.Decoder
	parts   int // packets since an image was complete
	ends    ender
}

func newMJPEG(f *os.File, desc *sdp.Session, _ Clock) (Writer, []string, error) {
	m := &mjpeg{file: f, track: -1}
	var left []string
	for i, media := range desc.Media {
		if formats := media.FormatList(); m.track < 0 && len(formats) > 0 && formats[0].Is("JPEG") {
			m.track = i
			continue
		}
		left = append(left, name(media))
	}
	if m.track < 0 {
		return nil, nil, errNoJPEG
	}
	return m, left, m.decoder.Init()
}

// name is a track in words.
func name(m *sdp.Media) string {
	if formats := m.FormatList(); len(formats) > 0 {
		return m.Type + " " + formats[0].Encoding
	}
	return m.Type
}

func (m *mjpeg) Whole(p rtspclient.Packet) bool {
	var pkt rtp.Packet
	return !p.RTCP && p.Track == m.track && pkt.Unmarshal(p.Data) == nil && len(pkt.Payload) > 3 && pkt.Payload[1] == 0 && pkt.Payload[2] == 0 && pkt.Payload[3] == 0
}

func (m *mjpeg) Packet(p rtspclient.Packet) error {
	pkt := &rtp.Packet{}
	if p.RTCP || p.Track != m.track || pkt.Unmarshal(slices.Clone(p.Data)) != nil { // parts of it stay with the decoder
		return nil
	}
	last, _ := m.ends.push(pkt, rtspclient.Packet{})
	return m.take(last)
}

// take decodes a packet, and writes the image that it completes.
func (m *mjpeg) take(pkt *rtp.Packet) error {
	if pkt == nil {
		return nil
	}
	image, err := m.decoder.Decode(pkt)
	if err != nil { // more is to come, or some was lost
		if m.parts++; m.parts > maxParts {
			m.parts, m.decoder = 0, rtpmjpeg.Decoder{}
		}
		return nil
	}
	m.parts = 0
	_, err = m.file.Write(image)
	return err
}

func (m *mjpeg) Close() error {
	last, _ := m.ends.end()
	err := m.take(last)
	if e := m.file.Close(); err == nil {
		err = e
	}
	return err
}
