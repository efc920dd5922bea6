package source

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

const (
	clockRate     = 90000 // of RTP video, in Hz
	clockInterval = time.Second / clock.FrameRate
	clockPayload  = 1388 // bytes: a packet of 1400 with its header
	clockH264Type = 96
	clockJPEGType = 26
)

// A Clock is the live clock as a source: H.264, or motion JPEG.
type Clock struct {
	// GOP is the distance of key pictures in pictures; 0 means [clock.DefaultGOP]. JPEG has none.
	GOP int
	// JPEG selects motion JPEG instead of H.264.
	JPEG bool
}

// Describe is what the clock sends.
func (c Clock) Describe() *sdp.Session {
	m := &sdp.Media{Type: "video", Proto: "RTP/AVP"}
	if c.JPEG {
		m.Formats = []string{"26"}
		m.SetFormat(sdp.Format{PayloadType: clockJPEGType, Encoding: "JPEG", ClockRate: clockRate})
	} else {
		m.Formats = []string{"96"}
		sps, pps := clock.NewH264(clock.H264Config{}).Parameters()
		m.SetFormat(sdp.Format{PayloadType: clockH264Type, Encoding: "H264", ClockRate: clockRate, Params: payload.H264Params(sps, pps)})
	}
	m.SetAttr("framerate", "25")
	return &sdp.Session{Name: "Baton clock", Timing: "0 0", Media: []*sdp.Media{m}}
}

// Run makes pictures until ctx ends, the first at once. The RTP timestamps are those of the time that
// the pictures show.
func (c Clock) Run(ctx context.Context, live *rtspserver.Live) {
	encode := c.encoder()
	w := &writer{live: live, payloadType: clockH264Type, ssrc: rand.Uint32(), seq: uint16(rand.Uint32())}
	if c.JPEG {
		w.payloadType = clockJPEGType
	}
	ticker := time.NewTicker(clockInterval)
	defer ticker.Stop()
	origin := time.Now()
	for now := origin; ; {
		n := (now.Sub(origin) + clockInterval/2) / clockInterval
		w.begin(now, uint32(now.Sub(origin)*(clockRate/10000)/(time.Second/10000))) // in whole numbers: no jitter
		encode(now, uint32(n), w.write)
		live.Flush()
		select {
		case <-ticker.C:
			now = time.Now()
		case <-ctx.Done():
			return
		}
	}
}

// encoder returns what draws one picture and gives its payloads away.
func (c Clock) encoder() func(t time.Time, frame uint32, emit func(b []byte, tsDelta uint32, marker bool)) {
	if c.JPEG {
		pictures, packets := clock.NewJPEG(0), payload.JPEGPacketizer{}
		return func(t time.Time, frame uint32, emit func([]byte, uint32, bool)) {
			if img, err := pictures.Next(t, frame); err == nil {
				packets.Packetize(img, clockPayload, emit)
			}
		}
	}
	pictures, packets := clock.NewH264(clock.H264Config{GOP: c.GOP}), payload.H264Packetizer{}
	return func(t time.Time, frame uint32, emit func([]byte, uint32, bool)) {
		packets.PacketizeUnits(pictures.Next(t, frame), clockPayload, emit)
	}
}

// A writer puts RTP headers in front of payloads and appends them to a presentation of one track.
type writer struct {
	live        *rtspserver.Live
	payloadType uint8
	ssrc        uint32
	seq         uint16
	timestamp   uint32
	at          time.Time
	packet      []byte
	reported    time.Time
}

// begin starts a picture of a time. A sender report every few seconds ties timestamps to it.
func (w *writer) begin(at time.Time, timestamp uint32) {
	w.at, w.timestamp = at, timestamp
}

func (w *writer) write(b []byte, _ uint32, marker bool) {
	w.packet = rtp.AppendHeader(w.packet[:0], rtp.Header{
		Marker: marker, PayloadType: w.payloadType, Sequence: w.seq, Timestamp: w.timestamp, SSRC: w.ssrc,
	})
	w.packet = append(w.packet, b...)
	w.seq++
	w.live.Write(0, w.packet, w.at)
	if marker && w.at.Sub(w.reported) > time.Second {
		w.reported = w.at
		w.live.Timeline().SenderReport(0, rtp.SenderReport{SSRC: w.ssrc, NTP: rtp.NTPTime(w.at), RTPTime: w.timestamp}, w.at)
	}
}
