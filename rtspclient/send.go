package rtspclient

import (
	"errors"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// A sender is what a sender report tells of a track that is published.
type sender struct {
	packets, octets uint32
	ssrc, timestamp uint32
	at              time.Time
}

// WriteRTP sends one RTP packet of a track that is published, of at most 65535 bytes. The bytes are not kept. Sender reports
// are made from what is written: the timestamp of a packet is taken for that of the time at which it is written.
func (t *Track) WriteRTP(b []byte) error {
	p := rtp.Packet(b)
	if err := p.Validate(); err != nil {
		return err
	}
	if len(b) > 65535 {
		return errors.New("rtspclient: packet is too large")
	}
	now := time.Now()
	t.mu.Lock()
	first := t.sender.packets == 0
	t.sender.packets++
	t.sender.octets += uint32(len(p.Payload()))
	t.sender.ssrc, t.sender.timestamp, t.sender.at = p.SSRC(), p.Timestamp(), now
	t.mu.Unlock()
	if err := t.send(b, false); err != nil {
		return t.client.ended(err)
	}
	if first { // so that the other end can bring tracks together from the beginning
		return t.send(t.senderReport(nil, now), true)
	}
	return nil
}

// WriteRTCP sends a compound RTCP packet.
func (t *Track) WriteRTCP(b []byte) error {
	if err := rtp.ValidateCompound(b); err != nil {
		return err
	}
	return t.send(b, true)
}

// senderReport appends a report of what was sent (RFC 3550 §6.4.1).
func (t *Track) senderReport(b []byte, now time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.sender
	if s.packets == 0 {
		return b
	}
	ticks := int64(now.Sub(s.at)) * int64(clockRate(t.Media())) / int64(time.Second)
	r := rtp.SenderReport{SSRC: s.ssrc, NTP: rtp.NTPTime(now), RTPTime: s.timestamp + uint32(ticks), Packets: s.packets, Octets: s.octets}
	return rtp.AppendCNAME(rtp.AppendSenderReport(b, r), s.ssrc, t.client.cfg.UserAgent)
}
