package config

import (
	"fmt"
	"io"
	"net/url"
	"strings"
)

// filePrefix is in front of the name of a file that is a source.
const filePrefix = "file:"

// placeholder, in a source, is replaced by what the stars of the path's pattern
// stand for.
const placeholder = "{*}"

// Sources is where the media of a path is pulled from: URLs, of which the first
// that works counts, or one file. However it is formatted, logged or marshalled,
// users and passwords stay out; only Locations has them.
type Sources string

// parseSources parses URLs, or "file:" and the name of a file, separated by
// blanks.
func parseSources(s string) (Sources, error) {
	list := strings.Fields(s)
	if len(list) == 0 {
		return "", &valueError{text: "there is no source"}
	}
	if name, ok := strings.CutPrefix(s, filePrefix); ok { // a name may have blanks
		if name == "" || strings.ContainsRune(name, 0) {
			return "", &valueError{text: fmt.Sprintf("%q names no file", s)}
		}
		return Sources(s), nil
	}
	for _, location := range list {
		if _, rest, _ := strings.Cut(location, "://"); strings.Contains(strings.SplitN(rest, "/", 2)[0], placeholder) {
			return "", &valueError{text: fmt.Sprintf("%q lets viewers choose the host: %s belongs behind it", withoutUser(location), placeholder)}
		}
		if _, err := ParseURL(strings.ReplaceAll(location, placeholder, "x")); err != nil {
			return "", err
		}
	}
	return Sources(strings.Join(list, " ")), nil
}

// of is the sources of one path of a pattern. In URLs what the stars stand for is
// escaped: it cannot become a query, or another host.
func (s Sources) of(matched string) Sources {
	if !strings.Contains(string(s), placeholder) {
		return s
	}
	if s.File() == "" {
		parts := strings.Split(matched, "/")
		for i, part := range parts {
			parts[i] = url.PathEscape(part)
		}
		matched = strings.Join(parts, "/")
	}
	return Sources(strings.ReplaceAll(string(s), placeholder, matched))
}

// Locations are the URLs as they were written, with user and password.
func (s Sources) Locations() []string {
	if s.File() != "" {
		return nil
	}
	return strings.Fields(string(s))
}

// File is the name of the file that is the source, "" when it is none.
func (s Sources) File() string {
	name, ok := strings.CutPrefix(string(s), filePrefix)
	if !ok {
		return ""
	}
	return name
}

// String returns the sources without users and passwords.
func (s Sources) String() string {
	if s.File() != "" {
		return string(s)
	}
	var list []string
	for _, location := range s.Locations() {
		list = append(list, withoutUser(location))
	}
	return strings.Join(list, " ")
}

// MarshalText returns the sources without users and passwords.
func (s Sources) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Format writes the sources without users and passwords, whatever the verb.
func (s Sources) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// A Transport is how a source is pulled.
type Transport int

// The ways in which sources are pulled.
const (
	TransportAuto Transport = iota // UDP, or TCP where that does not work
	TransportUDP
	TransportTCP
	TransportMulticast
)

func parseTransport(s string) (Transport, error) {
	return oneOf(s, map[string]Transport{
		"auto": TransportAuto, "udp": TransportUDP, "tcp": TransportTCP, "multicast": TransportMulticast,
	}, "auto", "udp", "tcp", "multicast")
}

// Sources are the paths that have a source by their name: not those that only a pattern gives one.
func (c *Config) Sources() (list []string) {
	for _, rule := range c.Paths {
		if rule.Source != nil && c.Path(rule.Pattern).Source != "" && !strings.Contains(rule.Pattern, "*") {
			list = append(list, rule.Pattern)
		}
	}
	return list
}

// Standing are the paths whose sources are pulled all the time.
func (c *Config) Standing() (list []string) {
	for _, path := range c.Sources() {
		if s := c.Path(path); !s.OnDemand && !s.PerViewer {
			list = append(list, path)
		}
	}
	return list
}
