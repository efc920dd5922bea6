package sdp

import (
	"net/netip"
	"strconv"
	"strings"
)

const (
	unboundedTiming    = "0 0"
	unspecifiedAddress = "0.0.0.0"
	anyConnection4     = "IN IP4 0.0.0.0"
	anyConnection6     = "IN IP6 ::"
	defaultTTL         = 127
)

// parseConnection reads the text after "c=" and returns it in the form of RFC 8866 §5.7, or ""
// when it holds no address. Seen in the wild: "IN IPV4 …", a missing "IN", IPv6 after "IP4", a
// group without TTL, a TTL after a unicast address.
func parseConnection(text string) string {
	list := fields(text, 4)
	if len(list) == 0 {
		return ""
	}
	host, scope, _ := strings.Cut(list[min(len(list), 3)-1], "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if !isHostname(host) {
			return ""
		}
		return "IN IP4 " + host
	}
	addr = addr.WithZone("")
	if addr.Is4() {
		return "IN IP4 " + addr.String() + scope4(addr, scope)
	}
	return "IN IP6 " + addr.String() + scope6(addr, scope)
}

// scope4 returns "/ttl" or "/ttl/count" for an IPv4 group, where the TTL is mandatory, and
// nothing for another address, where it is forbidden.
func scope4(addr netip.Addr, text string) string {
	if !addr.IsMulticast() {
		return ""
	}
	ttl, count, _ := strings.Cut(text, "/")
	hops, err := strconv.ParseUint(ttl, 10, 8)
	if err != nil {
		hops = defaultTTL
	}
	return "/" + strconv.FormatUint(hops, 10) + groupCount(count)
}

// scope6 returns "/count" for an IPv6 group of several addresses, else nothing.
func scope6(addr netip.Addr, text string) string {
	if !addr.IsMulticast() {
		return ""
	}
	return groupCount(text)
}

func groupCount(text string) string {
	count, err := strconv.ParseUint(text, 10, 16)
	if err != nil || count < 2 {
		return ""
	}
	return "/" + strconv.FormatUint(count, 10)
}

// parseHost returns an address or host name that may stand in o=, and its type.
func parseHost(text string) (host, addrType string) {
	addr, err := netip.ParseAddr(text)
	switch {
	case err == nil && addr.Is4():
		return addr.String(), "IP4"
	case err == nil:
		return addr.WithZone("").String(), "IP6"
	case isHostname(text):
		return text, "IP4"
	}
	return unspecifiedAddress, "IP4"
}

// isHostname tells whether text is an FQDN of RFC 8866 §9. One dot at least is asked for, so
// that a truncated line's "IP4" or "localhost:" is not taken for one.
func isHostname(text string) bool {
	for i := range len(text) {
		c := text[i] | 0x20 // lower case
		if (c < 'a' || c > 'z') && (text[i] < '0' || text[i] > '9') && text[i] != '-' && text[i] != '.' {
			return false
		}
	}
	return len(text) >= 4 && strings.ContainsRune(text, '.') && strings.Trim(text, "0123456789.") != ""
}
