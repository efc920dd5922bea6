package sdp

import (
	"cmp"
	"strconv"
)

// Append appends the description to b and returns the extended slice. The lines are in the order
// of RFC 8866 §5 and end in CRLF; mandatory fields left empty get their neutral value: s=-,
// t=0 0, and the unspecified address in c= (RFC 2326 §C.1.7). CR, LF and NUL in a value are
// written as a space, so that no value can add a line.
//
// It does not invent attributes: a=control, a=range and their like are the caller's.
func (s *Session) Append(b []byte) []byte {
	b = append(b, "v=0\r\n"...)
	b = s.Origin.append(b)
	b = appendLine(b, 's', cmp.Or(s.Name, "-"))
	b = appendOptional(b, 'i', s.Info)
	connection := s.Connection
	if connection == "" && !s.mediaConnected() {
		connection = s.anyConnection()
	}
	b = appendOptional(b, 'c', connection)
	b = appendBandwidth(b, s.Bandwidth)
	b = appendLine(b, 't', cmp.Or(s.Timing, unboundedTiming))
	b = appendAttributes(b, s.Attributes)
	for _, m := range s.Media {
		b = m.append(b)
	}
	return b
}

func (o *Origin) append(b []byte) []byte {
	b = append(b, "o="...)
	b = appendText(b, cmp.Or(o.Username, "-"))
	b = append(b, ' ')
	b = strconv.AppendUint(b, o.ID, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, o.Version, 10)
	b = append(b, ' ')
	b = appendText(b, cmp.Or(o.NetType, "IN"))
	b = append(b, ' ')
	b = appendText(b, cmp.Or(o.AddrType, "IP4"))
	b = append(b, ' ')
	b = appendText(b, cmp.Or(o.Address, unspecifiedAddress))
	return append(b, "\r\n"...)
}

func (m *Media) append(b []byte) []byte {
	b = append(b, "m="...)
	b = appendText(b, cmp.Or(m.Type, "application"))
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(m.Port), 10)
	if m.Ports > 1 {
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(m.Ports), 10)
	}
	b = append(b, ' ')
	b = appendText(b, cmp.Or(m.Proto, "RTP/AVP"))
	for _, format := range m.Formats {
		b = append(b, ' ')
		b = appendText(b, format)
	}
	if len(m.Formats) == 0 {
		b = append(b, " 96"...)
	}
	b = append(b, "\r\n"...)
	b = appendOptional(b, 'i', m.Info)
	b = appendOptional(b, 'c', m.Connection)
	b = appendBandwidth(b, m.Bandwidth)
	return appendAttributes(b, m.Attributes)
}

func appendBandwidth(b []byte, list []Bandwidth) []byte {
	for _, bandwidth := range list {
		b = append(b, "b="...)
		b = appendText(b, bandwidth.Type)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(bandwidth.Value), 10)
		b = append(b, "\r\n"...)
	}
	return b
}

func appendAttributes(b []byte, list []Attribute) []byte {
	for _, a := range list {
		b = append(b, "a="...)
		b = appendText(b, a.Key)
		if a.Value != "" {
			b = append(b, ':')
			b = appendText(b, a.Value)
		}
		b = append(b, "\r\n"...)
	}
	return b
}

func appendOptional(b []byte, key byte, value string) []byte {
	if value == "" {
		return b
	}
	return appendLine(b, key, value)
}

func appendLine(b []byte, key byte, value string) []byte {
	b = append(b, key, '=')
	b = appendText(b, value)
	return append(b, "\r\n"...)
}

// appendText appends value with a space for each byte that would end the line.
func appendText(b []byte, value string) []byte {
	for i := range len(value) {
		c := value[i]
		if c == '\r' || c == '\n' || c == 0 {
			c = ' '
		}
		b = append(b, c)
	}
	return b
}
