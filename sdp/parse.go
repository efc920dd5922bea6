package sdp

import (
	"fmt"
	"iter"
	"strings"
)

// Parse reads a session description as cameras and encoders send it, b being left untouched and
// not referred to afterwards.
//
// It accepts (SDP-02, SDP-07, PLD-15): any line end or none at the last line, NUL and spaces
// around lines, a byte order mark, lines out of order, missing or repeated v=, o=, s=, t=,
// broken o=, c=, t=, b= and m= fields, and lines that are none. What is repairable is repaired:
// formats named only by a=rtpmap, a=fmtp under the wrong payload type or in the wrong section,
// clock rates left out.
//
// It fails only with [ErrNoMedia], when no m= line can be read, and with [ErrTooBig].
func Parse(b []byte) (*Session, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooBig, len(b))
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	s := new(Session)
	p := parser{session: s, section: section{
		info: &s.Info, connection: &s.Connection, bandwidth: &s.Bandwidth, attributes: &s.Attributes,
	}}
	p.slab = make([]Attribute, 0, countAttributes(text))
	for key, value := range lines(text) {
		if err := p.line(key, value); err != nil {
			return nil, err
		}
	}
	p.endSection()
	if len(s.Media) == 0 {
		return nil, ErrNoMedia
	}
	s.repair()
	return s, nil
}

// A parser holds where Parse stands.
type parser struct {
	session *Session
	section section
	slab    []Attribute // all attributes; sections get ranges of it
	start   int         // of the current section's attributes in slab
	items   int         // counts against maxItems
}

// A section is where the lines that session and media have in common go.
type section struct {
	info, connection *string
	bandwidth        *[]Bandwidth
	attributes       *[]Attribute
}

func (p *parser) line(key byte, value string) error {
	switch key {
	case 'm':
		return p.media(value)
	case 'a':
		return p.attribute(value)
	case 'b':
		return p.bandwidth(value)
	case 'c':
		setFirst(p.section.connection, parseConnection(value))
	case 'i':
		setFirst(p.section.info, value)
	case 's':
		if value != "-" { // the RFC's way to have no name
			setFirst(&p.session.Name, value)
		}
	case 't':
		setFirst(&p.session.Timing, parseTiming(value))
	case 'o':
		if p.session.Origin == (Origin{}) {
			p.session.Origin = parseOrigin(value)
		}
	}
	return nil
}

func (p *parser) media(value string) error {
	p.endSection()
	m, err := parseMedia(value)
	if err != nil {
		return err
	}
	p.section = section{
		info: &m.Info, connection: &m.Connection, bandwidth: &m.Bandwidth, attributes: &m.Attributes,
	}
	if m.Type == "" {
		return nil // its lines must not go to the section before it; they are dropped with it
	}
	if len(p.session.Media) == MaxMedia {
		return fmt.Errorf("%w: more than %d media", ErrTooBig, MaxMedia)
	}
	p.session.Media = append(p.session.Media, m)
	return p.count(len(m.Formats))
}

func (p *parser) attribute(value string) error {
	a, ok := parseAttribute(value)
	if !ok {
		return nil
	}
	p.slab = append(p.slab, a)
	return p.count(1)
}

func (p *parser) bandwidth(value string) error {
	b, ok := parseBandwidth(value)
	if !ok {
		return nil
	}
	*p.section.bandwidth = append(*p.section.bandwidth, b)
	return p.count(1)
}

func (p *parser) count(items int) error {
	p.items += items
	lines := len(p.slab) - p.start + len(*p.section.bandwidth)
	if p.items > maxItems || lines > MaxAttributes {
		return fmt.Errorf("%w: too many lines or formats", ErrTooBig)
	}
	return nil
}

// endSection hands the current section its attributes, with no room to grow into its
// neighbour's.
func (p *parser) endSection() {
	if end := len(p.slab); end > p.start {
		*p.section.attributes = p.slab[p.start:end:end]
		p.start = end
	}
}

func setFirst(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// lines yields the type and the trimmed value of each line that has the form "x=value". CR, LF
// and NUL each end a line.
func lines(text string) iter.Seq2[byte, string] {
	return func(yield func(byte, string) bool) {
		for text != "" {
			line, rest := text, ""
			if i := strings.IndexAny(text, "\r\n\x00"); i >= 0 {
				line, rest = text[:i], text[i+1:]
			}
			text = rest
			key, value, ok := strings.Cut(line, "=")
			key = strings.TrimSpace(key)
			if ok && len(key) == 1 && !yield(key[0], strings.TrimSpace(value)) {
				return
			}
		}
	}
}

func countAttributes(text string) int {
	n := 0
	for key := range lines(text) {
		if key == 'a' && n < maxItems {
			n++
		}
	}
	return n
}
