package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// parseAddress checks a TCP address to listen on: host:port, [IPv6]:port or
// :port. Names are not resolved.
func parseAddress(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil || !hostInAddress(host) || !portInAddress(port) {
		e := &valueError{text: fmt.Sprintf("%q is not an address such as :8554 or 127.0.0.1:8554", s)}
		if s != "" && portInAddress(s) {
			e.hint = ":" + s
		}
		return "", e
	}
	return s, nil
}

// parseAddressOrOff is parseAddress, and "" for off.
func parseAddressOrOff(s string) (string, error) {
	if s == "off" {
		return "", nil
	}
	return parseAddress(s)
}

// parseLoopbackOrOff is parseAddressOrOff for what others reach only if the address
// says so: without a host it is that of this machine alone.
func parseLoopbackOrOff(s string) (string, error) {
	address, err := parseAddressOrOff(s)
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	return address, err
}

// parseOrigins checks origins of web pages (RFC 6454 §6.2), separated by blanks.
func parseOrigins(s string) ([]string, error) {
	list := strings.Fields(s)
	if len(list) == 0 {
		return nil, &valueError{text: "there is no origin, such as https://example.org"}
	}
	for _, origin := range list {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Scheme+"://"+u.Host != origin) {
			return nil, &valueError{text: fmt.Sprintf("%q is no origin of a web page such as https://example.org", origin)}
		}
	}
	return list, nil
}

// parseHosts checks names of hosts, separated by blanks, each without a port.
func parseHosts(s string) ([]string, error) {
	list := strings.Fields(s)
	if len(list) == 0 {
		return nil, &valueError{text: "there is no host, such as video.example.org"}
	}
	for _, host := range list {
		if host != "*" && strings.ContainsFunc(host, notInName) {
			return nil, &valueError{text: fmt.Sprintf("%q is no name of a host, such as video.example.org", host)}
		}
	}
	return list, nil
}

func portInAddress(s string) bool {
	if strings.ContainsFunc(s, notInDigits) {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func notInDigits(r rune) bool { return r < '0' || r > '9' }

func hostInAddress(s string) bool {
	if strings.Contains(s, ":") {
		_, err := netip.ParseAddr(s)
		return err == nil
	}
	return !strings.ContainsFunc(s, notInName)
}

func notInName(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.', r == '_':
		return false
	}
	return true
}
