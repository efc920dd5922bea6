package sdp

import "slices"

// A Session is one session description: what is common to all media, and the media (RFC 8866 §5).
//
// The zero value is ready to be filled; Append supplies what RFC 8866 requires and a field left
// empty does not say. Of the optional lines, u=, e=, p=, r=, z= and k= are not kept: no RTSP
// client acts on them, and k= has no place on an unsecured connection.
type Session struct {
	// Origin identifies the description; its Version grows when the description changes (SDP-06).
	Origin Origin
	// Name is the text of s=. Empty stands for "no name", written as "s=-".
	Name string
	// Info is the text of i=; empty when there is none.
	Info string
	// Connection is the text after c=, for example "IN IP4 0.0.0.0" or "IN IP4 239.1.2.3/15".
	// Empty makes Append write the unspecified address, unless each medium has its own.
	Connection string
	// Bandwidth holds the b= lines that stand for the whole session.
	Bandwidth []Bandwidth
	// Timing is the text after t=; empty means "0 0", an unbounded session.
	Timing string
	// Attributes holds the session's a= lines in order.
	Attributes []Attribute
	// Media holds the m= sections in order.
	Media []*Media
}

// An Origin is the o= line (RFC 8866 §5.2).
type Origin struct {
	// Username is "-" or empty when the origin host has no notion of users.
	Username string
	// ID and Version identify the session and this state of its description.
	ID, Version uint64
	// NetType, AddrType and Address name the origin host; empty means "IN", "IP4", "0.0.0.0".
	NetType, AddrType, Address string
}

// A Bandwidth is one b= line (RFC 8866 §5.8), for example AS:5000.
type Bandwidth struct {
	// Type is "AS" (kb/s of RTP over UDP and IP), "TIAS" (b/s), "RR", "RS", …
	Type string
	// Value is in the unit that Type implies and is never negative.
	Value int
}

// Clone returns a deep copy of s: neither shares anything that can be changed with the other.
func (s *Session) Clone() *Session {
	c := *s
	c.Bandwidth = slices.Clone(s.Bandwidth)
	c.Attributes = slices.Clone(s.Attributes)
	c.Media = slices.Clone(s.Media)
	for i, m := range c.Media {
		c.Media[i] = m.Clone()
	}
	return &c
}

// Attr returns the value of the session's first attribute named key, and whether there is one.
// Names are compared without case (SDP-07).
func (s *Session) Attr(key string) (string, bool) { return attr(s.Attributes, key) }

// AttrAll returns the values of all session attributes named key, in order.
func (s *Session) AttrAll(key string) []string { return attrAll(s.Attributes, key) }

// SetAttr gives the session exactly one attribute named key, in the place of the first it had,
// else at the end. An empty value makes it a flag, such as "a=recvonly".
func (s *Session) SetAttr(key, value string) { s.Attributes = setAttr(s.Attributes, key, value) }

// DelAttr removes all session attributes named key.
func (s *Session) DelAttr(key string) { s.Attributes = delAttr(s.Attributes, key) }

// Control returns the session's a=control, the aggregate URL of RFC 2326 §C.1.1, as it was sent
// but for spaces and quotes around it. It is empty when there is none.
func (s *Session) Control() string { return control(s.Attributes) }
