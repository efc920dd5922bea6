package rtspserver

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// A transport is what SETUP settled for one track of a session.
type transport struct {
	session *Session
	track   int
	uri     string         // of the SETUP, as sent: RTP-Info repeats it to the byte (RTI-02)
	spec    rtsp.Transport // as answered

	// interleaved
	conn *Conn

	// UDP
	udp       *udpPair
	rtp, rtcp *peer

	// multicast
	caster *caster
}

// replaces tells whether another transport is of the same track, and gives way to this one (TRN-26).
func (t *transport) replaces(old *transport) bool {
	return t.session == old.session && t.track == old.track
}

// settle finds the first of the client's proposals that can be served (TRN-01). What it returns is bound
// already. A refusal is 461, never 400: clients fall back to another transport only then.
func (c *Conn) settle(s *Session, track int, specs []rtsp.Transport) (*transport, error) {
	var refusal error = statusError(rtsp.StatusUnsupportedTransport)
	for _, spec := range specs {
		if spec.Unsupported || spec.Layers > 1 || spec.Append {
			continue
		}
		if spec.Profile != "RTP/AVP" && spec.Profile != "RTP/AVPF" {
			continue
		}
		if _, web := c.nc.(*webSocketConn); (web || c.secure) && spec.Lower != rtsp.LowerTCP {
			continue // WSK-05; and what came by TLS does not leave in the clear
		}
		t := &transport{session: s, track: track}
		var err error
		switch {
		case spec.Delivery == rtsp.DeliveryMulticast && spec.Lower == rtsp.LowerUDP:
			err = t.multicast(c, spec)
		case spec.Delivery == rtsp.DeliveryMulticast:
			err = errNotHere
		case spec.Lower == rtsp.LowerTCP:
			err = t.interleave(c, spec)
		default:
			err = t.datagrams(c, spec)
		}
		if err == nil {
			return t, nil
		}
		if !errors.Is(err, errNotHere) {
			refusal = err
		}
	}
	return nil, refusal
}

// errNotHere says that a proposal cannot be served and that the next one may be.
var errNotHere = errors.New("transport not available")

// interleave puts the track on two channels of the connection (RFC 2326 §10.12).
func (t *transport) interleave(c *Conn, spec rtsp.Transport) error {
	channels, ok := c.freeChannels(t, spec.Interleaved)
	if !ok {
		return errNotHere
	}
	t.conn = c
	t.spec = rtsp.Transport{
		Profile: spec.Profile, Lower: rtsp.LowerTCP, Delivery: rtsp.DeliveryUnicast,
		Interleaved: channels, TTL: -1, Mode: answerMode(spec.Mode),
	}
	c.bind(t)
	return nil
}

// datagrams puts the track on the client's UDP ports. Media goes to the address of the connection only:
// a destination that the client names is not obeyed (TRN-16, SEC-03).
func (t *transport) datagrams(c *Conn, spec rtsp.Transport) error {
	if !spec.ClientPort.Set || spec.ClientPort.RTP == 0 || spec.ClientPort.RTCP == 0 {
		return errNotHere
	}
	host := c.remote.Addr()
	rtpAddr, rtcpAddr := netip.AddrPortFrom(host, spec.ClientPort.RTP), netip.AddrPortFrom(host, spec.ClientPort.RTCP)
	if err := c.server.pairFor(c, t, rtpAddr, rtcpAddr); err != nil {
		return err
	}
	t.spec = rtsp.Transport{
		Profile: spec.Profile, Lower: rtsp.LowerUDP, Delivery: rtsp.DeliveryUnicast,
		ClientPort: spec.ClientPort, ServerPort: t.udp.ports(), TTL: -1, Mode: answerMode(spec.Mode),
	}
	return nil
}

// free gives back what settle took.
func (t *transport) free() {
	if t.conn != nil {
		t.conn.unbind(t)
	}
	if t.udp != nil {
		t.udp.remove(t)
	}
	if t.caster != nil {
		t.session.server.leave(t.caster, t)
	}
}

// answerMode repeats the mode only where the client gave one other than PLAY: clients compare it.
func answerMode(mode []string) []string {
	if len(mode) == 1 && strings.EqualFold(mode[0], "RECORD") {
		return []string{"RECORD"}
	}
	return nil
}
