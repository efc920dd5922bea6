package probe

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// warmUp is left out of what is measured: some servers begin with what has been.
const warmUp = 500 * time.Millisecond

// meters measure all tracks of a session.
type meters struct {
	heard chan struct{} // capacity 1: something has come

	mu     sync.Mutex
	tracks []*meter
}

// A meter measures one track.
type meter struct {
	format    payload.Format
	first     time.Time
	begun     bool // after the warm-up
	from, to  time.Time
	bytes     int64
	pictures  int
	timestamp uint32
	span      int64 // ticks between the first and the last picture
	keys      int
	sinceKey  int
	gops      []int
	ssrc      uint32
	width     int
	height    int
	reports   []reported
}

// A reported is the clock of a sender report and when it came.
type reported struct {
	wall, at time.Time
}

func newMeters(desc *sdp.Session) *meters {
	m := &meters{heard: make(chan struct{}, 1)}
	for _, media := range desc.Media {
		m.tracks = append(m.tracks, &meter{format: payload.New(media)})
	}
	return m
}

func (m *meters) packet(p rtspclient.Packet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.Track >= len(m.tracks) {
		return
	}
	t := m.tracks[p.Track]
	if p.RTCP {
		for r := range rtp.Packets(p.Data) {
			if sr, ok := r.SenderReport(); ok && sr.NTP != 0 {
				t.reports = append(t.reports, reported{sr.NTP.Time(), p.At})
			}
		}
		return
	}
	select {
	case m.heard <- struct{}{}:
	default:
	}
	t.packet(rtp.Packet(p.Data), p.At)
}

func (t *meter) packet(p rtp.Packet, at time.Time) {
	t.ssrc = p.SSRC()
	info := t.format.Inspect(p.Payload(), p.Marker())
	if b := p.Payload(); len(b) >= 8 && p.PayloadType() == 26 { // RFC 2435 §3.1
		t.width, t.height = 8*int(b[6]), 8*int(b[7])
	}
	if t.first.IsZero() {
		t.first = at
	}
	if at.Sub(t.first) < warmUp {
		return
	}
	if !t.begun {
		t.begun, t.from, t.timestamp = true, at, p.Timestamp()
		return
	}
	t.to = at
	t.bytes += int64(len(p))
	if p.Timestamp() != t.timestamp {
		t.span += int64(rtp.TimestampDiff(p.Timestamp(), t.timestamp))
		t.timestamp = p.Timestamp()
		t.pictures++
		t.sinceKey++
	}
	if info.Key && info.Slice {
		if t.keys > 0 && t.sinceKey > 0 {
			t.gops = append(t.gops, t.sinceKey)
		}
		if t.sinceKey > 0 || t.keys == 0 {
			t.keys++
		}
		t.sinceKey = 0
	}
}

func (m *meters) ssrc(track int) uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tracks[track].ssrc
}

// track sums up one track.
func (m *meters) track(t *rtspclient.Track) *Track {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, media, stats := m.tracks[t.Index()], t.Media(), t.Stats()
	r := &Track{Type: media.Type, Packets: stats.Packets, Lost: stats.Lost, Jitter: ms(stats.Jitter), Width: x.width, Height: x.height}
	if list := media.FormatList(); len(list) > 0 {
		r.Codec, r.ClockRate, r.Channels = list[0].Encoding, list[0].ClockRate, list[0].Channels
	}
	if took := x.to.Sub(x.from).Seconds(); took > 0 {
		r.BitRate = float64(x.bytes) * 8 / took
	}
	if media.Type == "video" {
		if x.span > 0 && r.ClockRate > 0 {
			r.FrameRate = float64(x.pictures) * float64(r.ClockRate) / float64(x.span)
		}
		for _, n := range x.gops {
			r.GOP += float64(n) / float64(len(x.gops))
		}
		r.parameters(media, x.format.Parameters())
	}
	return r
}

// parameters reads size and profile of the pictures, from the parameter sets of the description and of what came.
func (t *Track) parameters(m *sdp.Media, came [][]byte) {
	var sets [][]byte
	for _, f := range m.FormatList() {
		for _, name := range []string{"sprop-parameter-sets", "sprop-sps"} {
			sets = append(sets, payload.DecodeSprop(f.Params.Get(name))...)
		}
	}
	for _, set := range append(sets, unpacked(came)...) {
		switch {
		case strings.EqualFold(t.Codec, "H264") && len(set) > 0 && set[0]&31 == 7:
			var sps h264.SPS
			if sps.Unmarshal(set) == nil {
				t.Width, t.Height = sps.Width(), sps.Height()
				t.Profile = fmt.Sprintf("%s level %.1f", profile(sps.ProfileIdc), float64(sps.LevelIdc)/10)
			}
		case strings.EqualFold(t.Codec, "H265") && len(set) > 1 && set[0]>>1&63 == 33:
			var sps h265.SPS
			if sps.Unmarshal(set) == nil {
				t.Width, t.Height = sps.Width(), sps.Height()
			}
		}
	}
}

// unpacked takes sets out of packets that aggregate them (RFC 6184 §5.7.1, RFC 7798 §4.4.2).
func unpacked(payloads [][]byte) (sets [][]byte) {
	const stapA, ap = 24, 48
	for _, b := range payloads {
		head := 0
		switch {
		case len(b) > 2 && b[0]&31 == stapA:
			head = 1
		case len(b) > 2 && b[0]>>1&63 == ap:
			head = 2
		default:
			sets = append(sets, b)
			continue
		}
		for b = b[head:]; len(b) > 2; {
			n := int(b[0])<<8 | int(b[1])
			if b = b[2:]; n > len(b) {
				break
			}
			sets, b = append(sets, b[:n]), b[n:]
		}
	}
	return sets
}

// profile is the name of a profile of H.264.
func profile(idc uint8) string {
	switch idc {
	case 66:
		return "Baseline"
	case 77:
		return "Main"
	case 88:
		return "Extended"
	case 100:
		return "High"
	}
	return fmt.Sprintf("profile %d", idc)
}

// drift is how much faster than ours the server's clock runs, in millionths; nil: not two reports came.
func (m *meters) drift() *float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tracks {
		if n := len(t.reports); n > 1 {
			first, last := t.reports[0], t.reports[n-1]
			if here := last.at.Sub(first.at); here > time.Second {
				ppm := (last.wall.Sub(first.wall) - here).Seconds() / here.Seconds() * 1e6
				return &ppm
			}
		}
	}
	return nil
}
