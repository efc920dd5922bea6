package main

import (
	"net"
	"net/netip"
)

// ownAddress is the address by which this machine reaches others, and they it, unless something is in between; the zero
// Addr where there is none. Nothing is sent.
func ownAddress() netip.Addr {
	for _, far := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		c, err := net.Dial("udp", far)
		if err != nil {
			continue
		}
		defer c.Close()
		if at, err := netip.ParseAddrPort(c.LocalAddr().String()); err == nil {
			return at.Addr().Unmap()
		}
	}
	return netip.Addr{}
}
