package record

import (
	"errors"
	"os"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4/seekablebuffer"

	"github.com/pion/rtp"

	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// fragment is how much media is in a fragment, about: as much is lost when the program is killed.
const fragment = time.Second

// errNoTrack means that an MP4 file has room for none of the tracks.
var errNoTrack = errors.New("there is no track that an MP4 file can have")

// An mp4 is a fragmented MP4 file: it can be played at any moment, as far as its last fragment.
type mp4 struct {
	file     *os.File
	clock    Clock
	tracks   []*track // by media section; nil: left out
	begun    bool     // the header is written
	origin   time.Time
	lead     *track    // the track that the file begins with
	last     time.Time // of the last fragment
	sequence uint32
}

func newMP4(f *os.File, desc *sdp.Session, clock Clock) (Writer, []string, error) {
	m := &mp4{file: f, clock: clock}
	var left []string
	found := false
	for i, media := range desc.Media {
		t := newTrack(media, i)
		if m.tracks = append(m.tracks, t); t == nil {
			left = append(left, name(media))
		}
		found = found || t != nil
	}
	if !found {
		return nil, nil, errNoTrack
	}
	return m, left, nil
}

// Whole is true for the first packet of a picture that can be decoded by itself, or of anything where there is no video.
func (m *mp4) Whole(p rtspclient.Packet) bool {
	if p.RTCP || p.Track >= len(m.tracks) || m.tracks[p.Track] == nil {
		return false
	}
	for _, t := range m.tracks {
		if t != nil && t.video {
			return m.tracks[p.Track].video && m.tracks[p.Track].begins(p.Data)
		}
	}
	return true
}

func (m *mp4) Packet(p rtspclient.Packet) error {
	if p.RTCP || p.Track >= len(m.tracks) || m.tracks[p.Track] == nil {
		return nil
	}
	t := m.tracks[p.Track]
	if pkt, of := t.next(p); pkt != nil {
		return m.take(t, pkt, of)
	}
	return nil
}

// take takes a packet of a track that is whole in itself, and what it came in.
func (m *mp4) take(t *track, pkt *rtp.Packet, p rtspclient.Packet) error {
	units, timestamp := t.decode(pkt), pkt.Timestamp
	if len(units) == 0 {
		return nil
	}
	if !m.begun && !m.begin() {
		return nil // a track's parameters have not come yet
	}
	if !t.started {
		if t.video && !t.random(units) {
			return nil
		}
		if !m.start(t, p, timestamp) {
			return nil
		}
	}
	t.append(units, timestamp, p.At)
	if p.At.Sub(m.last) >= fragment {
		m.last = p.At
		return m.flush(false)
	}
	return nil
}

// begin writes the header, when it is known what is in it.
func (m *mp4) begin() bool {
	var init fmp4.Init
	for i, t := range m.tracks {
		if t == nil {
			continue
		}
		codec := t.codec()
		if codec == nil {
			return false
		}
		init.Tracks = append(init.Tracks, &fmp4.InitTrack{ID: i + 1, TimeScale: uint32(t.rate), Codec: codec})
	}
	var b seekablebuffer.Buffer
	if init.Marshal(&b) != nil {
		return false
	}
	_, err := m.file.Write(b.Bytes())
	m.begun = err == nil
	return m.begun
}

// start puts a track in its place in time: by the source's own clock where it is known, else by when its packets come. Video
// comes first, for nothing can be seen before it.
func (m *mp4) start(t *track, p rtspclient.Packet, timestamp uint32) bool {
	at := m.clock(t.index, timestamp)
	if at.IsZero() {
		at = p.At
	}
	if m.origin.IsZero() {
		for _, other := range m.tracks {
			if other != nil && other.video && !t.video {
				return false
			}
		}
		m.origin, m.last = at, p.At
	}
	if at.Before(m.origin) {
		return false
	}
	t.start(timestamp, at.Sub(m.origin), m.lead)
	if m.lead == nil {
		m.lead = t
	}
	return true
}

// flush writes a fragment of what has come. The last sample of a track waits for the next, which tells how long it is, unless it
// is the end.
func (m *mp4) flush(end bool) error {
	part := fmp4.Part{SequenceNumber: m.sequence}
	for i, t := range m.tracks {
		if t == nil {
			continue
		}
		if samples, base := t.take(end); len(samples) > 0 {
			part.Tracks = append(part.Tracks, &fmp4.PartTrack{ID: i + 1, BaseTime: base, Samples: samples})
		}
	}
	if len(part.Tracks) == 0 {
		return nil
	}
	m.sequence++
	var b seekablebuffer.Buffer
	if err := part.Marshal(&b); err != nil {
		return err
	}
	_, err := m.file.Write(b.Bytes())
	return err
}

// rest takes what is still held back.
func (m *mp4) rest() error {
	for _, t := range m.tracks {
		if t == nil || t.ends == nil {
			continue
		}
		if pkt, of := t.ends.end(); pkt != nil {
			if err := m.take(t, pkt, of); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *mp4) Close() error {
	err := m.rest()
	if e := m.flush(true); err == nil {
		err = e
	}
	if e := m.file.Close(); err == nil {
		err = e
	}
	return err
}
