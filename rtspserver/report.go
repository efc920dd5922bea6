package rtspserver

import (
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/timeline"
)

// Sender reports come with the first packet of a PLAY (RTP-04), then in this interval (RFC 3550 §6.2);
// until a track's clock is known it is looked at more often.
const (
	reportInterval = 5 * time.Second
	reportRetry    = 50 * time.Millisecond
)

// cname names this server as the source of all tracks of a session, so that players know that they
// belong together (RFC 3550 §6.5.1).
func (s *Server) cname(c *Conn) string { return s.cnameAt(c.local.Addr().String()) }

func (s *Server) cnameAt(host string) string {
	var b [6]byte
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return hex.EncodeToString(b[:]) + "@" + host
}

// A tally is what was sent of a track, and when it was last reported.
type tally struct {
	ssrc            uint32
	packets, octets uint64
	sent            bool
	reportAt        time.Time
}

// count counts a packet that went out, and its payload.
func (t *tally) count(b *timeline.Batch, i int) {
	p, head := &b.Packets[i], rtp.HeaderSize
	if p.Flags&timeline.LongHeader != 0 {
		head = rtp.Packet(b.RTP(i)).HeaderSize()
	}
	t.sent = true
	t.packets++
	t.octets += uint64(int(p.Size) - head)
}

// report appends a sender report; false while the track's clock is not known.
func (t *tally) report(b []byte, p Playback, track int, now time.Time) ([]byte, bool) {
	wall, ts, ok := p.Report(track, now)
	if !ok {
		return b, false
	}
	return rtp.AppendSenderReport(b, rtp.SenderReport{
		SSRC: t.ssrc, NTP: rtp.NTPTime(wall), RTPTime: ts, Packets: uint32(t.packets), Octets: uint32(t.octets), // they wrap
	}), true
}

// due is the compound that is due, nil if none is.
func (t *tally) due(p Playback, track int, cname string, now time.Time) []byte {
	if t.reportAt.After(now) {
		return nil
	}
	t.reportAt = now.Add(reportRetry)
	b, ok := t.report(nil, p, track, now)
	if !ok {
		return nil
	}
	t.reportAt = now.Add(reportInterval)
	return rtp.AppendCNAME(b, t.ssrc, cname)
}

// bye is the compound that ends the track's stream (RTP-09).
func (t *tally) bye(p Playback, track int, cname, reason string) []byte {
	b, ok := t.report(nil, p, track, time.Now())
	if !ok || !t.sent {
		b = rtp.AppendReceiverReport(nil, t.ssrc)
	}
	return rtp.AppendBye(rtp.AppendCNAME(b, t.ssrc, cname), reason, t.ssrc)
}

// reports sends the sender reports that are due and returns when the next one is.
func (r *reader) reports(now time.Time) (next time.Time) {
	for i, s := range r.senders {
		if s == nil || s.muted {
			continue
		}
		if b := s.due(r.playback, i, r.cname, now); b != nil {
			r.sendRTCP(s, b)
		}
		next = earlier(next, s.reportAt)
	}
	return next
}

// bye ends every track's stream for the client (RTP-09).
func (r *reader) bye(reason string) {
	for i := range r.senders {
		r.byeTo(i, reason)
	}
}

// byeTo ends one track's stream, if the session has one.
func (r *reader) byeTo(track int, reason string) {
	if s := r.senders[track]; s != nil {
		r.sendRTCP(s, s.bye(r.playback, track, r.cname, reason))
	}
}

// sendRTCP sends a compound to the client's RTCP port or channel.
func (r *reader) sendRTCP(s *sender, compound []byte) {
	if s.out != nil {
		s.out.Message(rtsp.AppendFrame(nil, s.rtcpChan, compound))
		return
	}
	s.pair.rtcp.send(compound, *s.rtcp.addr.Load())
}
