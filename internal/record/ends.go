package record

import (
	"github.com/pion/rtp"

	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtspclient"
)

// An ender says where pictures end and NAL units begin: cameras leave the marker and the start bit out, or set the marker where no
// picture ends. A picture ends where the timestamp changes, so each packet is held back until the next has come.
type ender struct {
	fragments *payload.Fragments // nil: the format has none that could be wrong
	held      *rtp.Packet        // nil: none
	packet    rtspclient.Packet  // what it came in
	next      uint16             // sequence number
	begun     bool
}

// push takes the next packet, which is kept, and returns the one before; nil when there is none.
func (e *ender) push(pkt *rtp.Packet, p rtspclient.Packet) (*rtp.Packet, rtspclient.Packet) {
	if e.fragments != nil {
		if !e.begun || pkt.SequenceNumber != e.next {
			e.fragments.Gap()
		}
		if e.fragments.Begins(pkt.Payload) {
			e.fragments.Mend(pkt.Payload)
		}
	}
	e.begun, e.next = true, pkt.SequenceNumber+1
	last, of := e.held, e.packet
	e.held, e.packet = pkt, p
	if last != nil {
		last.Marker = last.Timestamp != pkt.Timestamp
	}
	return last, of
}

// end returns the last packet; nil when there is none.
func (e *ender) end() (*rtp.Packet, rtspclient.Packet) {
	last, of := e.held, e.packet
	if last != nil {
		last.Marker = true
	}
	e.held = nil
	return last, of
}
