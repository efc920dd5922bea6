package simnet

import (
	"net"
	"net/netip"
	"syscall"
)

// firstEphemeral is where ports that nobody asked for begin (RFC 6335 §6).
const firstEphemeral = 49152

// parseAddr reads "IP", "IP:port" or "[IPv6]:port". A host has one address, so the unspecified
// address means nothing here.
func parseAddr(text string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		host, err := netip.ParseAddr(text)
		if err != nil {
			return netip.AddrPort{}, &net.AddrError{Err: "not an IP address with or without port", Addr: text}
		}
		addr = netip.AddrPortFrom(host, 0)
	}
	addr = unmap(addr)
	if addr.Addr().IsUnspecified() || addr.Addr().IsMulticast() {
		return netip.AddrPort{}, &net.AddrError{Err: "not the address of a host", Addr: text}
	}
	return addr, nil
}

func parseHost(text string) (netip.Addr, error) {
	addr, err := parseAddr(text)
	if err == nil && addr.Port() != 0 {
		err = &net.AddrError{Err: "a host has no port", Addr: text}
	}
	return addr.Addr(), err
}

// unmap turns an IPv4 address in IPv6 form, as net.UDPAddr often has it, into IPv4.
func unmap(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// bind returns addr with its port, or with the next free one if it has none. used tells whether
// somebody has a port already.
func (n *Network) bind(addr netip.AddrPort, used func(netip.AddrPort) bool) (netip.AddrPort, error) {
	if n.closed {
		return addr, net.ErrClosed
	}
	if addr.Port() != 0 {
		if used(addr) {
			return addr, syscall.EADDRINUSE
		}
		return addr, nil
	}
	host := addr.Addr()
	for range 1<<16 - firstEphemeral {
		addr = netip.AddrPortFrom(host, max(n.nextPort[host], firstEphemeral))
		n.nextPort[host] = addr.Port() + 1
		if !used(addr) {
			return addr, nil
		}
	}
	return addr, syscall.EADDRINUSE
}

func (n *Network) usedTCP(addr netip.AddrPort) bool {
	_, dialed := n.dialed[addr]
	return dialed || n.listeners[addr] != nil
}

func (n *Network) usedUDP(addr netip.AddrPort) bool { return n.packets[addr] != nil }
