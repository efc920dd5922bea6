package sdp

import (
	"slices"
	"strings"
)

// A Media is one m= section (RFC 8866 §5.14): one Track of an RTSP presentation.
type Media struct {
	// Type is "video", "audio", "application", "text" or whatever the source wrote, lower case.
	Type string
	// Port is the suggested port, 0 for "settled by SETUP". Ports is the number of port pairs
	// from there on; 0 and 1 both mean one and are not written.
	Port, Ports int
	// Proto is the transport, for example "RTP/AVP" or "RTP/AVP/TCP"; see Profile.
	Proto string
	// Formats holds the fmt fields: RTP payload types in decimal, most wanted first.
	Formats []string
	// Info is the text of i=; empty when there is none.
	Info string
	// Connection is the text after this section's c=; empty when the session's holds.
	Connection string
	// Bandwidth holds the section's b= lines.
	Bandwidth []Bandwidth
	// Attributes holds the section's a= lines in order.
	Attributes []Attribute
}

// Clone returns a deep copy of m.
func (m *Media) Clone() *Media {
	c := *m
	c.Formats = slices.Clone(m.Formats)
	c.Bandwidth = slices.Clone(m.Bandwidth)
	c.Attributes = slices.Clone(m.Attributes)
	return &c
}

// Profile returns the RTP profile of Proto, such as "RTP/AVP" or "RTP/SAVP", without the lower
// transport that some cameras add to it ("RTP/AVP/TCP"). It is empty for what is not RTP.
func (m *Media) Profile() string {
	// RFC 4571 puts the lower transport in front.
	name := strings.TrimPrefix(m.Proto, "TCP/")
	if !isRTP(name) {
		return ""
	}
	name = strings.TrimSuffix(name, "/TCP")
	return strings.TrimSuffix(name, "/UDP")
}

// Attr returns the value of the section's first attribute named key, and whether there is one.
// Names are compared without case (SDP-07).
func (m *Media) Attr(key string) (string, bool) { return attr(m.Attributes, key) }

// AttrAll returns the values of all of the section's attributes named key, in order.
func (m *Media) AttrAll(key string) []string { return attrAll(m.Attributes, key) }

// SetAttr gives the section exactly one attribute named key, in the place of the first it had,
// else at the end. An empty value makes it a flag, such as "a=recvonly".
func (m *Media) SetAttr(key, value string) { m.Attributes = setAttr(m.Attributes, key, value) }

// DelAttr removes all of the section's attributes named key.
func (m *Media) DelAttr(key string) { m.Attributes = delAttr(m.Attributes, key) }

// Control returns the section's a=control, which names the Track in SETUP (RFC 2326 §C.1.1), as
// it was sent but for spaces and quotes around it. It is empty when there is none.
func (m *Media) Control() string { return control(m.Attributes) }

func isRTP(proto string) bool { return strings.HasPrefix(proto, "RTP/") }
