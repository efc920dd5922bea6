package egress

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// groups are ranges that have a name.
func groups() map[string][]string {
	return map[string][]string{
		"loopback":   {"127.0.0.0/8", "::1/128"},
		"link-local": {"169.254.0.0/16", "fe80::/10"},
		// Where clouds hand out credentials to whoever asks from within: most at one address of link-local; Amazon over IPv6,
		// Alibaba, Azure, Oracle, Google over IPv6.
		"metadata": {
			"169.254.169.254/32", "169.254.170.2/32", "fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
			"fd20:ce::254/128",
		},
		"private":   {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"},
		"multicast": {"224.0.0.0/4", "ff00::/8"},
		"all":       {"0.0.0.0/0", "::/0"},
	}
}

// Groups are the names of ranges, sorted.
func Groups() []string { return slices.Sorted(maps.Keys(groups())) }

// prefixes are the ranges that words stand for.
func prefixes(words []string) (list []netip.Prefix, err error) {
	for _, word := range words {
		ranges, ok := groups()[word]
		if !ok {
			ranges = []string{word}
		}
		for _, text := range ranges {
			prefix, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("%q is none of %s, no address and no range such as 10.0.0.0/8", word, strings.Join(Groups(), ", "))
			}
			list = append(list, prefix)
		}
	}
	return list, nil
}

// parse takes a range, or an address as a range of one.
func parse(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	return prefix.Masked(), err
}
