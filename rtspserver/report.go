package rtspserver

import (
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
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

// reports sends the sender reports that are due and returns when the next one is.
func (r *reader) reports(now time.Time) (next time.Time) {
	for i, s := range r.senders {
		if s == nil || s.muted {
			continue
		}
		if !s.reportAt.After(now) {
			s.reportAt = now.Add(reportRetry)
			if wall, ts, ok := r.playback.Report(i, now); ok {
				s.reportAt = now.Add(reportInterval)
				r.sendRTCP(s, rtp.AppendCNAME(rtp.AppendSenderReport(nil, rtp.SenderReport{
					SSRC: s.ssrc, NTP: rtp.NTPTime(wall), RTPTime: ts, Packets: s.packets, Octets: s.octets,
				}), s.ssrc, r.cname))
			}
		}
		next = earlier(next, s.reportAt)
	}
	return next
}

// bye ends every track's stream for the client (RTP-09).
func (r *reader) bye(reason string) {
	for i, s := range r.senders {
		if s != nil {
			r.byeTo(i, reason)
		}
	}
}

// byeTo ends one track's stream.
func (r *reader) byeTo(track int, reason string) {
	var b []byte
	s := r.senders[track]
	if wall, ts, ok := r.playback.Report(track, time.Now()); ok && s.sent {
		b = rtp.AppendSenderReport(nil, rtp.SenderReport{
			SSRC: s.ssrc, NTP: rtp.NTPTime(wall), RTPTime: ts, Packets: s.packets, Octets: s.octets,
		})
	} else {
		b = rtp.AppendReceiverReport(nil, s.ssrc)
	}
	r.sendRTCP(s, rtp.AppendBye(rtp.AppendCNAME(b, s.ssrc, r.cname), reason, s.ssrc))
}

// sendRTCP sends a compound to the client's RTCP port or channel.
func (r *reader) sendRTCP(s *sender, compound []byte) {
	if s.out != nil {
		s.out.Message(rtsp.AppendFrame(nil, s.rtcpChan, compound))
		return
	}
	s.pair.rtcp.send(compound, *s.rtcp.addr.Load())
}
