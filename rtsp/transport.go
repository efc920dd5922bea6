package rtsp

import "slices"

// A Lower is the lower transport of a Transport.
type Lower uint8

// The lower transports of RFC 2326 §12.39.
const (
	LowerUDP Lower = iota // the default
	LowerTCP              // interleaved on the RTSP connection
)

// String returns "UDP" or "TCP".
func (l Lower) String() string {
	if l == LowerTCP {
		return "TCP"
	}
	return "UDP"
}

// A Delivery says to whom a Transport delivers.
type Delivery uint8

// The deliveries of RFC 2326 §12.39. Unspecified is multicast by the letter and unicast in practice.
const (
	DeliveryUnspecified Delivery = iota
	DeliveryUnicast
	DeliveryMulticast
)

// String returns the parameter as it is on the wire, "" for unspecified.
func (d Delivery) String() string {
	switch d {
	case DeliveryUnicast:
		return "unicast"
	case DeliveryMulticast:
		return "multicast"
	}
	return ""
}

// A PortPair is the UDP ports of RTP and RTCP, each 1 to 65535. Both are the same when RTCP is multiplexed on the RTP port.
type PortPair struct {
	RTP, RTCP uint16
	Set       bool
}

// A ChannelPair is the interleaved channels of RTP and RTCP (RFC 2326 §10.12).
type ChannelPair struct {
	RTP, RTCP uint8
	Set       bool
}

// A Transport is one spec of a Transport header: what a client offers for a track, or what the server settled for
// (RFC 2326 §12.39). When filling one in for a response to a unicast SETUP the zero values of the rest are right.
type Transport struct {
	Profile     string // upper case: "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF"; if Unsupported whatever was sent
	Lower       Lower
	Delivery    Delivery
	ClientPort  PortPair // unicast UDP: where the client receives
	ServerPort  PortPair // unicast UDP: where the server sends from and receives RTCP
	Port        PortPair // multicast
	Interleaved ChannelPair
	Destination string   // address as sent; "" if absent
	Source      string   // address as sent; "" if absent
	TTL         int      // 0 to 255, -1 if absent; String emits a 0 with multicast only
	Layers      int      // 1 or more, 0 if absent
	Mode        []string // upper case, "RECEIVE" turned into "RECORD"; nil if absent, which means PLAY
	Append      bool     // with RECORD: behind what is there already
	SSRC        []uint32 // a hint in a response, nothing in a request
	RTCPMux     bool     // RTP and RTCP on one port: equal ports, or the parameter RTCP-mux

	// Unsupported marks a spec of a profile unknown here, or with a number out of range. A server passes it over; if no
	// other is left the answer is 461, on which clients fall back to another transport.
	Unsupported bool
}

// HasMode reports whether the spec asks for mode ("PLAY", "RECORD"); PLAY is the default.
func (t Transport) HasMode(mode string) bool {
	if len(t.Mode) == 0 {
		return mode == "PLAY"
	}
	return slices.Contains(t.Mode, mode)
}
