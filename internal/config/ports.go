package config

import (
	"fmt"
	"strconv"
	"strings"
)

// UDPPorts is a pair of UDP ports: an even one for RTP and the odd one above it
// for RTCP, RFC 3550 §11. The zero value is any free pair.
type UDPPorts struct {
	RTP, RTCP uint16
}

// ParseUDPPorts parses a pair such as "8000-8001", or "0" for any free pair.
func ParseUDPPorts(s string) (UDPPorts, error) {
	if s == "0" {
		return UDPPorts{}, nil
	}
	first, second, paired := strings.Cut(s, "-")
	rtp, err := strconv.ParseUint(first, 10, 16)
	if err != nil || rtp == 0 {
		return UDPPorts{}, &valueError{text: fmt.Sprintf("%q is not a pair of ports such as 8000-8001, or 0 for any free pair", s)}
	}
	even := UDPPorts{RTP: uint16(rtp) &^ 1, RTCP: uint16(rtp) | 1}
	if even.RTP == 0 {
		even = UDPPorts{RTP: 2, RTCP: 3}
	}
	rtcp, err := strconv.ParseUint(second, 10, 16)
	if !paired || err != nil || rtp != uint64(even.RTP) || rtcp != uint64(even.RTCP) {
		return UDPPorts{}, &valueError{
			text: fmt.Sprintf("%q is not an even port and the odd one above it", s),
			hint: even.String(),
		}
	}
	return even, nil
}

// String returns the pair as [ParseUDPPorts] reads it.
func (p UDPPorts) String() string {
	if p == (UDPPorts{}) {
		return "0"
	}
	return fmt.Sprintf("%d-%d", p.RTP, p.RTCP)
}
