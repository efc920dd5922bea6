package sdp

import (
	"fmt"
	"strconv"
	"strings"
)

// parseMedia reads the text after "m=" into a Media whose Type is empty when there is none to
// read. Seen in the wild: "m=vdata …", "m=application/TP-LINK 0 RTP/AVP smart/1/90000", a
// missing port, "RTP/AVP/TCP", commas between formats, no format at all.
func parseMedia(text string) (*Media, error) {
	kind, rest, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	m := &Media{Type: strings.ToLower(kind[:tokenLen(kind)])}
	rest = strings.TrimSpace(rest)
	port, afterPort, _ := strings.Cut(rest, " ")
	if rest != "" && rest[0] >= '0' && rest[0] <= '9' || strings.HasPrefix(rest, "-") {
		m.Port, m.Ports = parsePort(port)
		rest = afterPort
	}
	proto, formats, _ := strings.Cut(strings.TrimSpace(rest), " ")
	m.Proto = parseProto(proto)
	for format := range strings.FieldsFuncSeq(formats, isFormatSeparator) {
		if !isFormat(m.Proto, format) {
			continue
		}
		if len(m.Formats) == maxFormats {
			return nil, fmt.Errorf("%w: more than %d formats", ErrTooBig, maxFormats)
		}
		m.Formats = append(m.Formats, format)
	}
	return m, nil
}

func isFormatSeparator(r rune) bool { return r == ' ' || r == ',' }

// parsePort reads "port" or "port/number of pairs".
func parsePort(text string) (port, pairs int) {
	first, second, _ := strings.Cut(text, "/")
	value, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return 0, 0
	}
	count, err := strconv.ParseUint(second, 10, 16)
	if err != nil || count < 2 {
		return int(value), 0
	}
	return int(value), int(count)
}

// parseProto returns text when it is one or more tokens with slashes between them, in upper case
// when it is RTP, else "RTP/AVP".
func parseProto(text string) string {
	upper := strings.ToUpper(text)
	if isRTP(upper) || strings.HasPrefix(upper, "TCP/RTP/") {
		text = upper
	}
	for part := range strings.SplitSeq(text, "/") {
		if !isToken(part) {
			return "RTP/AVP"
		}
	}
	return text
}

// isFormat tells whether an m= line of proto may carry format: payload types for RTP, else any
// token.
func isFormat(proto, format string) bool {
	if strings.Contains(proto, "RTP/") {
		_, ok := payloadType(format)
		return ok
	}
	return isToken(format)
}

// payloadType reads an RTP payload type, 0 to 127.
func payloadType(text string) (uint8, bool) {
	if !isDigits(text) {
		return 0, false
	}
	pt, err := strconv.ParseUint(text, 10, 7)
	return uint8(pt), err == nil
}

// parseBandwidth reads the text after "b=". Spaces around the colon and a unit or a fraction
// after the number are ignored.
func parseBandwidth(text string) (Bandwidth, bool) {
	kind, value, _ := strings.Cut(text, ":")
	kind = strings.TrimSpace(kind)
	n, ok := leadingNumber(strings.TrimSpace(value))
	return Bandwidth{kind, n}, ok && isToken(kind)
}
