package sdp

import (
	"strconv"
	"strings"
	"unicode"
)

// A Format is one payload format of a Media: what a=rtpmap and a=fmtp, or RFC 3551, say about
// one payload type.
type Format struct {
	// PayloadType is the RTP payload type, 0 to 127.
	PayloadType uint8
	// Encoding is the encoding name as it was written; compare it with Is. It is empty when
	// nothing tells what the payload is.
	Encoding string
	// ClockRate is the RTP clock in Hz, always positive in what FormatList returns.
	ClockRate int
	// Channels is the number of audio channels, 0 for what is not audio.
	Channels int
	// Params are those of a=fmtp.
	Params Params
}

// Is tells whether the format's encoding name is name; case does not matter (RFC 4855 §3).
func (f *Format) Is(name string) bool { return strings.EqualFold(f.Encoding, name) }

// RTPMap returns the value of the a=rtpmap that describes f, for example "96 H264/90000".
func (f *Format) RTPMap() string {
	text := strconv.Itoa(int(f.PayloadType)) + " " + f.Encoding + "/" + strconv.Itoa(f.ClockRate)
	if f.Channels > 1 {
		text += "/" + strconv.Itoa(f.Channels)
	}
	return text
}

// FormatList returns the payload formats of m in the order of its m= line, each payload type
// once. Static payload types are known without a=rtpmap (RTP-02); where an a=rtpmap is there, it
// holds. A clock rate that is not given is 90000 for what is not audio (PLD-21). A dynamic
// payload type without a=rtpmap has an empty Encoding, unless its parameters can only be those
// of H.264 or H.265 (PLD-15).
func (m *Media) FormatList() []Format {
	var seen [128]bool
	list := make([]Format, 0, len(m.Formats))
	for _, text := range m.Formats {
		if pt, ok := payloadType(text); ok && !seen[pt] {
			seen[pt] = true
			list = append(list, m.format(pt))
		}
	}
	return list
}

// format joins what m says about a payload type. a=fmtp may stand before a=rtpmap, and there may
// be several.
func (m *Media) format(pt uint8) Format {
	var mapped Format
	var params Params
	for _, a := range m.Attributes {
		got, rest, ok := cutPayloadType(a.Value)
		switch {
		case !ok || got != pt:
		case strings.EqualFold(a.Key, "fmtp"):
			params = parseParams(params, rest)
		case strings.EqualFold(a.Key, "rtpmap") && mapped.Encoding == "":
			mapped, _ = parseRTPMap(m.Type, pt, rest)
		}
	}
	f := mapped
	if f.Encoding == "" {
		f = m.unmappedFormat(pt, params)
	}
	f.Params = params
	return f
}

// unmappedFormat is what is known of a payload type without a=rtpmap.
func (m *Media) unmappedFormat(pt uint8, params Params) Format {
	if f, static := staticFormat(pt); static {
		return f
	}
	f := Format{PayloadType: pt, Encoding: guessEncoding(params), Channels: defaultChannels(m.Type)}
	f.ClockRate = defaultClockRate(m.Type, f.Encoding)
	return f
}

// SetFormat describes f in m: it adds the payload type to Formats if it is not there, and
// replaces its a=rtpmap and a=fmtp. Without Params there is no a=fmtp; without Encoding, no
// a=rtpmap.
func (m *Media) SetFormat(f Format) {
	m.dropFormatAttributes(f.PayloadType)
	pt := strconv.Itoa(int(f.PayloadType))
	if !m.lists(f.PayloadType) {
		m.Formats = append(m.Formats, pt)
	}
	if f.Encoding != "" {
		m.Attributes = append(m.Attributes, Attribute{"rtpmap", f.RTPMap()})
	}
	if len(f.Params) > 0 {
		m.Attributes = append(m.Attributes, Attribute{"fmtp", pt + " " + f.Params.String()})
	}
}

func (m *Media) dropFormatAttributes(pt uint8) {
	kept := m.Attributes[:0]
	for _, a := range m.Attributes {
		got, _, ok := cutPayloadType(a.Value)
		if !ok || got != pt || !isFormatAttribute(a.Key) {
			kept = append(kept, a)
		}
	}
	clear(m.Attributes[len(kept):])
	m.Attributes = kept
}

// lists tells whether the m= line has the payload type.
func (m *Media) lists(pt uint8) bool {
	for _, text := range m.Formats {
		if got, ok := payloadType(text); ok && got == pt {
			return true
		}
	}
	return false
}

// cutPayloadType splits the value of a=rtpmap or a=fmtp after its payload type.
func cutPayloadType(value string) (pt uint8, rest string, ok bool) {
	end := strings.IndexAny(value, " \t;")
	if end < 0 {
		end = len(value)
	}
	pt, ok = payloadType(value[:end])
	return pt, strings.TrimFunc(value[end:], func(r rune) bool { return r == ';' || unicode.IsSpace(r) }), ok
}

// parseRTPMap reads "H264/90000" or "L16/44100/2"; see cutRTPMap for what else it takes. It
// reports false when there is no encoding name.
func parseRTPMap(mediaType string, pt uint8, text string) (Format, bool) {
	name, rate, channels := cutRTPMap(text)
	f := Format{PayloadType: pt, Encoding: name, Channels: defaultChannels(mediaType)}
	if n, ok := leadingNumber(rate); ok && n > 0 {
		f.ClockRate = n
	} else if static, ok := staticFormat(pt); ok && static.Is(name) {
		f.ClockRate = static.ClockRate
	} else {
		f.ClockRate = defaultClockRate(mediaType, name)
	}
	if n, ok := leadingNumber(channels); ok && n > 0 && n < 256 && f.Channels > 0 {
		f.Channels = n
	}
	return f, name != ""
}

// cutRTPMap splits "encoding/rate/channels", in which a space may stand around or in the place
// of the slashes and the last two parts may be missing.
func cutRTPMap(text string) (encoding, rate, channels string) {
	n := tokenLen(text)
	rest := strings.TrimPrefix(strings.TrimSpace(text[n:]), "/")
	rate, channels, _ = strings.Cut(rest, "/")
	return text[:n], strings.TrimSpace(rate), strings.TrimSpace(channels)
}

// leadingNumber reads the decimal number, below 2³¹, that text begins with.
func leadingNumber(text string) (int, bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(text[:end], 10, 31)
	return int(n), err == nil
}

func defaultChannels(mediaType string) int {
	if mediaType == "audio" {
		return 1
	}
	return 0
}

// guessEncoding names the encoding that alone has such parameters.
func guessEncoding(p Params) string {
	switch {
	case p.Has("sprop-vps"), p.Has("sprop-sps"):
		return "H265"
	case p.Has("sprop-parameter-sets"), p.Has("packetization-mode"):
		return "H264"
	}
	return ""
}
