package rtsp

import (
	"fmt"
	"strconv"
	"strings"
)

// String returns the spec as GStreamer, FFmpeg and live555 all read it: no blanks, no parameter twice, UDP not named.
func (t Transport) String() string {
	b := appendClean(make([]byte, 0, 96), t.Profile)
	if t.Unsupported {
		return string(b)
	}
	if t.Lower == LowerTCP {
		b = append(b, "/TCP"...)
	}
	if t.Delivery != DeliveryUnspecified {
		b = append(b, ';')
		b = append(b, t.Delivery.String()...)
	}
	b = appendAddress(b, ";destination=", t.Destination)
	b = appendAddress(b, ";source=", t.Source)
	b = appendChannels(b, t.Interleaved)
	b = appendPorts(b, ";port=", t.Port)
	b = appendPorts(b, ";client_port=", t.ClientPort)
	b = appendPorts(b, ";server_port=", t.ServerPort)
	if t.TTL > 0 || t.TTL == 0 && t.Delivery == DeliveryMulticast {
		b = append(b, ";ttl="...)
		b = strconv.AppendInt(b, int64(t.TTL), 10)
	}
	if t.Layers > 0 {
		b = append(b, ";layers="...)
		b = strconv.AppendInt(b, int64(t.Layers), 10)
	}
	if t.RTCPMux && !(t.ClientPort.Set && t.ClientPort.RTP == t.ClientPort.RTCP) {
		b = append(b, ";RTCP-mux"...)
	}
	for i, ssrc := range t.SSRC {
		b = append(b, separator(i, ";ssrc=", "/")...)
		b = fmt.Appendf(b, "%08X", ssrc)
	}
	if t.Append {
		b = append(b, ";append"...)
	}
	if len(t.Mode) > 0 {
		b = append(b, `;mode="`...)
		b = appendClean(b, strings.Join(t.Mode, ","))
		b = append(b, '"')
	}
	return string(b)
}

func separator(i int, first, next string) string {
	if i == 0 {
		return first
	}
	return next
}

// appendAddress leaves out what could be read as another parameter.
func appendAddress(b []byte, name, address string) []byte {
	if !isAddress(address) {
		return b
	}
	b = append(b, name...)
	return append(b, address...)
}

func appendPorts(b []byte, name string, p PortPair) []byte {
	if !p.Set {
		return b
	}
	return appendPair(append(b, name...), int(p.RTP), int(p.RTCP))
}

func appendChannels(b []byte, c ChannelPair) []byte {
	if !c.Set {
		return b
	}
	return appendPair(append(b, ";interleaved="...), int(c.RTP), int(c.RTCP))
}

func appendPair(b []byte, low, high int) []byte {
	b = strconv.AppendInt(b, int64(low), 10)
	b = append(b, '-')
	return strconv.AppendInt(b, int64(high), 10)
}
