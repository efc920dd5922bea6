package sdp

import (
	"slices"
	"strconv"
	"strings"
)

// repair makes what was parsed complete enough to be written, and binds a=rtpmap and a=fmtp to
// the formats they were meant for (PLD-15). Repairing twice changes nothing more.
func (s *Session) repair() {
	s.complete()
	for _, m := range s.Media {
		m.nameFormats()
		m.tidyFormatAttributes()
	}
	s.moveSessionStrays()
	for _, m := range s.Media {
		s.moveStrays(m)
	}
	for _, m := range s.Media {
		m.tidyFormatAttributes() // those that came from elsewhere
		m.bindOnlyFormat()
	}
}

// complete supplies the mandatory fields.
func (s *Session) complete() {
	if s.Origin == (Origin{}) {
		s.Origin = parseOrigin("")
	}
	setFirst(&s.Timing, unboundedTiming)
	if s.Connection == "" && !s.mediaConnected() {
		s.Connection = s.anyConnection()
	}
}

// mediaConnected tells whether each medium has a c= of its own.
func (s *Session) mediaConnected() bool {
	for _, m := range s.Media {
		if m.Connection == "" {
			return false
		}
	}
	return true
}

// anyConnection is the c= that leaves the address to SETUP (RFC 2326 §C.1.7).
func (s *Session) anyConnection() string {
	if s.Origin.AddrType == "IP6" {
		return anyConnection6
	}
	return anyConnection4
}

// nameFormats fills in the formats of an m= line that names none, from a=rtpmap and a=fmtp. If
// those are silent too, RTP gets the first dynamic payload type, which says nothing.
func (m *Media) nameFormats() {
	for _, key := range []string{"rtpmap", "fmtp"} {
		if len(m.Formats) > 0 {
			return
		}
		for _, a := range m.Attributes {
			pt, _, ok := cutPayloadType(a.Value)
			if ok && strings.EqualFold(a.Key, key) && !m.lists(pt) && len(m.Formats) < maxFormats {
				m.Formats = append(m.Formats, strconv.Itoa(int(pt)))
			}
		}
	}
	if len(m.Formats) > 0 {
		return
	}
	m.Formats = []string{"*"}
	if !isFormat(m.Proto, "*") {
		m.Formats[0] = "96"
	}
}

// tidyFormatAttributes gives a=rtpmap and a=fmtp their regular form and removes those that say
// nothing. One without payload type belongs to the only format.
func (m *Media) tidyFormatAttributes() {
	only, single := m.onlyFormat()
	kept := m.Attributes[:0]
	for _, a := range m.Attributes {
		if !isFormatAttribute(a.Key) {
			kept = append(kept, a)
			continue
		}
		pt, rest, ok := cutPayloadType(a.Value)
		if !ok && single {
			pt, rest, ok = only, a.Value, true
		}
		if ok && strings.EqualFold(a.Key, "rtpmap") {
			rest, ok = m.tidyRTPMap(pt, rest)
		}
		if ok && rest != "" {
			kept = append(kept, Attribute{a.Key, strconv.Itoa(int(pt)) + " " + rest})
		}
	}
	m.Attributes = orNil(kept)
}

// tidyRTPMap returns "encoding/clock rate", with what stood behind it as it was.
func (m *Media) tidyRTPMap(pt uint8, text string) (string, bool) {
	f, ok := parseRTPMap(m.Type, pt, text)
	tidy := f.Encoding + "/" + strconv.Itoa(f.ClockRate)
	if _, _, channels := cutRTPMap(text); channels != "" {
		tidy += "/" + channels
	}
	return tidy, ok
}

// onlyFormat returns the payload type of a medium that has exactly one format.
func (m *Media) onlyFormat() (uint8, bool) {
	if len(m.Formats) != 1 {
		return 0, false
	}
	return payloadType(m.Formats[0])
}

// moveSessionStrays takes a=rtpmap and a=fmtp out of the session's attributes, where they mean
// nothing, and gives them to the media they are about.
func (s *Session) moveSessionStrays() {
	kept := s.Attributes[:0]
	for _, a := range s.Attributes {
		if !isFormatAttribute(a.Key) {
			kept = append(kept, a)
			continue
		}
		s.adopt(a)
	}
	s.Attributes = orNil(kept)
}

// moveStrays moves those a=fmtp of m whose payload type is another medium's.
func (s *Session) moveStrays(m *Media) {
	kept := m.Attributes[:0]
	for _, a := range m.Attributes {
		pt, _, ok := cutPayloadType(a.Value)
		if ok && strings.EqualFold(a.Key, "fmtp") && !m.lists(pt) && s.adopt(a) {
			continue
		}
		kept = append(kept, a)
	}
	m.Attributes = orNil(kept)
}

// adopt gives a to the one medium that has its payload type, if that has none like it yet.
func (s *Session) adopt(a Attribute) bool {
	pt, _, ok := cutPayloadType(a.Value)
	if !ok {
		return false
	}
	home := s.home(pt)
	if home == nil || home.describes(a.Key, pt) || len(home.Attributes)+len(home.Bandwidth) >= MaxAttributes {
		return false
	}
	home.Attributes = append(home.Attributes, a)
	return true
}

func isFormatAttribute(key string) bool {
	return strings.EqualFold(key, "rtpmap") || strings.EqualFold(key, "fmtp")
}

// orNil returns list, nil when it is empty, with no room to grow into what follows it.
func orNil(list []Attribute) []Attribute {
	if len(list) == 0 {
		return nil
	}
	return slices.Clip(list)
}

// home returns the only medium that lists the payload type.
func (s *Session) home(pt uint8) *Media {
	var home *Media
	for _, m := range s.Media {
		if m.lists(pt) {
			if home != nil {
				return nil
			}
			home = m
		}
	}
	return home
}

// describes tells whether an attribute named key speaks of the payload type.
func (m *Media) describes(key string, pt uint8) bool {
	for _, a := range m.Attributes {
		if got, _, ok := cutPayloadType(a.Value); ok && got == pt && strings.EqualFold(a.Key, key) {
			return true
		}
	}
	return false
}

// bindOnlyFormat gives the only format of a medium the a=rtpmap and a=fmtp that were written
// under another payload type: Hikvision has rtpmap 104 beside fmtp 97.
func (m *Media) bindOnlyFormat() {
	pt, single := m.onlyFormat()
	if !single {
		return
	}
	if _, static := staticFormat(pt); !static && len(m.AttrAll("rtpmap")) == 1 {
		m.rebind("rtpmap", pt)
	}
	if !m.describes("fmtp", pt) {
		m.rebind("fmtp", pt)
	}
}

// rebind rewrites the attributes named key to the payload type, but for those whose own payload
// type has an a=rtpmap in this section and so is another format.
func (m *Media) rebind(key string, pt uint8) {
	for i, a := range m.Attributes {
		got, rest, ok := cutPayloadType(a.Value)
		if !ok || got == pt || !strings.EqualFold(a.Key, key) {
			continue
		}
		if key == "rtpmap" || !m.describes("rtpmap", got) {
			m.Attributes[i].Value = strconv.Itoa(int(pt)) + " " + rest
		}
	}
}
