package rtsp

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

const (
	maxTransports      = 32 // specs in one request
	maxTransportParams = 64 // parameters of one spec
	maxSSRCs           = 16
	maxModes           = 8
)

// ParseTransports parses the values of all Transport lines into specs, in the client's order of preference. Blanks, case and
// quotes are free, unknown parameters ignored; the last of two equal ones counts. Numbers out of range make a spec
// Unsupported; what is no number at all is a *[SyntaxError], except in ssrc, server_port and source, which a client
// can do without. One port or channel means a pair with the next one. No values give no specs and no error.
func ParseTransports(values []string) ([]Transport, error) {
	var specs []Transport
	for _, value := range values {
		for more := true; more; {
			var spec string
			spec, value, more = cut(value, ',')
			if spec == "" {
				continue
			}
			t, err := parseTransport(spec)
			if err == nil && len(specs) == maxTransports {
				err = errors.New("too many specs")
			}
			if err != nil {
				return nil, &SyntaxError{Field: "Transport", Value: spec, Err: err}
			}
			specs = append(specs, t)
		}
	}
	return specs, nil
}

func parseTransport(spec string) (Transport, error) {
	t := Transport{TTL: -1}
	profile, rest, more := cut(spec, ';')
	lowerGiven := t.setProfile(profile)
	if t.Unsupported {
		return t, nil
	}
	for n := 0; more; n++ {
		if n == maxTransportParams {
			return t, errors.New("too many parameters")
		}
		var param string
		param, rest, more = cut(rest, ';')
		name, value, _ := strings.Cut(param, "=")
		name, value = trim(name), unquote(trim(value))
		if !t.set(strings.ToLower(name), value) {
			return t, errors.New("bad " + name)
		}
	}
	t.settle(lowerGiven)
	return t, nil
}

// setProfile parses "RTP/AVP/TCP" and reports whether it named a lower transport.
func (t *Transport) setProfile(s string) (lowerGiven bool) {
	s = strings.ToUpper(s)
	profile, lower := s, ""
	if strings.Count(s, "/") == 2 {
		i := strings.LastIndexByte(s, '/')
		profile, lower = trim(s[:i]), trim(s[i+1:])
	}
	switch profile {
	case "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF":
	default:
		t.Profile, t.Unsupported = s, true
		return false
	}
	t.Profile = profile
	switch lower {
	case "", "UDP":
	case "TCP":
		t.Lower = LowerTCP
	default:
		t.Profile, t.Unsupported = s, true
	}
	return lower != ""
}

// set takes one parameter; false if it cannot be read.
func (t *Transport) set(name, value string) bool {
	switch name {
	case "unicast":
		t.Delivery = DeliveryUnicast
	case "multicast":
		t.Delivery = DeliveryMulticast
	case "append":
		t.Append = true
	case "rtcp-mux":
		t.RTCPMux = true
	case "mode":
		t.addModes(value)
	case "ssrc":
		t.addSSRCs(value)
	case "source":
		if isAddress(value) {
			t.Source = value
		}
	case "destination":
		if value != "" && !isAddress(value) {
			return false
		}
		t.Destination = value
	default:
		return t.setNumber(name, value)
	}
	return true
}

// setNumber takes a parameter with numbers in it; false if there are none.
func (t *Transport) setNumber(name, value string) bool {
	if value == "" {
		return true // as good as absent
	}
	switch name {
	case "client_port":
		return t.setPorts(&t.ClientPort, value)
	case "port":
		return t.setPorts(&t.Port, value)
	case "server_port": // some recorders leave it out, some send 0-0: a client that learns it from the packets plays on
		low, high, ok := parsePair(value, 1, 1<<16-1)
		if ok && low > 0 {
			t.ServerPort = PortPair{RTP: uint16(low), RTCP: uint16(high), Set: true}
		}
	case "interleaved":
		low, high, ok := parsePair(value, 0, 1<<8-1)
		if low < 0 {
			t.Unsupported = true
			return ok
		}
		t.Interleaved = ChannelPair{RTP: uint8(low), RTCP: uint8(high), Set: true}
	case "ttl":
		return t.setInt(&t.TTL, value, 0, 255)
	case "layers":
		return t.setInt(&t.Layers, value, 1, 255)
	}
	return true
}

func (t *Transport) setPorts(p *PortPair, value string) bool {
	low, high, ok := parsePair(value, 1, 1<<16-1)
	if low < 0 {
		t.Unsupported = true
		return ok
	}
	*p = PortPair{RTP: uint16(low), RTCP: uint16(high), Set: true}
	return true
}

func (t *Transport) setInt(p *int, value string, low, high int) bool {
	n, ok := parseBounded(value, low, high)
	if n < 0 {
		t.Unsupported = true
		return ok
	}
	*p = n
	return true
}

// parsePair parses "a" or "a-b". The numbers are -1 if one is not within low to high; false if it is no number at all.
func parsePair(s string, low, high int) (a, b int, ok bool) {
	first, second, found := strings.Cut(s, "-")
	a, ok = parseBounded(trim(first), low, high)
	if !found {
		if a < 0 || a == high {
			return -1, -1, ok
		}
		return a, a + 1, true
	}
	b, okB := parseBounded(trim(second), low, high)
	if a < 0 || b < 0 {
		return -1, -1, ok && okB
	}
	return a, b, true
}

// parseBounded parses a decimal number: -1 if it is not within low to high, false if it is no number at all.
func parseBounded(s string, low, high int) (int, bool) {
	if !isDigits(s) {
		return -1, false
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return -1, true
	}
	return n, true
}

func (t *Transport) addModes(value string) {
	for _, mode := range appendList(nil, value) {
		mode = strings.ToUpper(unquote(mode))
		if mode == "RECEIVE" { // of early drafts, still sent by some encoders
			mode = "RECORD"
		}
		if isToken(mode) && len(t.Mode) < maxModes && !slices.Contains(t.Mode, mode) {
			t.Mode = append(t.Mode, mode)
		}
	}
}

// addSSRCs takes what is one to eight hex digits; cameras send it odd, short and wrong, so nothing hangs on it.
func (t *Transport) addSSRCs(value string) {
	for s := range strings.SplitSeq(value, "/") {
		n, err := strconv.ParseUint(trim(s), 16, 32)
		if err == nil && len(t.SSRC) < maxSSRCs {
			t.SSRC = append(t.SSRC, uint32(n))
		}
	}
}

// isAddress reports whether s may be a host name or an address; whether it is one is for the resolver to say.
func isAddress(s string) bool {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("[]:%", s[i]) < 0 && !isHostname(s[i:i+1]) {
			return false
		}
	}
	return s != ""
}

// settle draws the conclusions that need all parameters.
func (t *Transport) settle(lowerGiven bool) {
	if !lowerGiven && t.Interleaved.Set && !t.ClientPort.Set && !t.Port.Set {
		t.Lower = LowerTCP // cameras that leave out "/TCP"
	}
	if t.Lower == LowerUDP {
		t.Interleaved = ChannelPair{}
	}
	if t.ClientPort.Set && t.ClientPort.RTP == t.ClientPort.RTCP {
		t.RTCPMux = true
	}
	if t.TTL == 0 && t.Delivery != DeliveryMulticast {
		t.TTL = -1
	}
}
