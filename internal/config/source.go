package config

import (
	"fmt"
	"io"
	"strings"
)

// filePrefix is in front of the name of a file that is a source.
const filePrefix = "file:"

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
		if _, err := ParseURL(location); err != nil {
			return "", err
		}
	}
	return Sources(strings.Join(list, " ")), nil
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

// Standing are the paths whose sources are pulled all the time.
func (c *Config) Standing() (list []string) {
	for _, rule := range c.Paths {
		s := c.Path(rule.Pattern)
		if rule.Source != nil && s.Source != "" && !s.OnDemand && !strings.Contains(rule.Pattern, "*") {
			list = append(list, rule.Pattern)
		}
	}
	return list
}
