package rtspclient

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// discard is the port that stands for none where a description must have one.
const discard = 9

// described is where the description of a track says that RTCP is, when that is not the port above RTP's (RFC 3605, RTP-17):
// the address is the zero Addr where it names none, and none of it is used when port is 0.
func described(m *sdp.Media) (addr netip.Addr, port uint16) {
	value, _ := m.Attr("rtcp")
	words := strings.Fields(value) // port IN IP4 address
	if len(words) == 0 {
		return addr, 0
	}
	n, err := strconv.ParseUint(words[0], 10, 16)
	if err != nil || n == discard {
		return addr, 0
	}
	if len(words) >= 4 {
		a, err := netip.ParseAddr(words[3])
		if err == nil && !a.IsUnspecified() && !a.IsLoopback() && a.Zone() == "" {
			addr = a.Unmap()
		}
	}
	return addr, uint16(n)
}

// moved is the place of RTCP, where the server has named none of its own.
func moved(at netip.AddrPort, m *sdp.Media) netip.AddrPort {
	addr, port := described(m)
	switch {
	case port == 0:
		return at
	case addr.IsValid():
		return netip.AddrPortFrom(addr, port)
	}
	return netip.AddrPortFrom(at.Addr(), port)
}
