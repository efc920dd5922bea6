// Package egress says where this machine may connect to on behalf of others: a source that somebody named,
// a redirection of a camera, an authoriser. An address is judged when it is dialled, behind the resolver, so
// that no name and no change of one leads past it. It opens no socket itself.
package egress

import (
	"fmt"
	"net/netip"
	"syscall"
)

// A Policy says which addresses may be dialled. The zero value permits all; it is not changed after [New] and
// may be used from any goroutine.
type Policy struct {
	deny, allow []netip.Prefix
}

// New makes a policy: what deny names is refused, unless allow names it too. Each word is a group (see
// [Groups]), an address, or a range such as 10.0.0.0/8. The error says which word is none of them.
func New(deny, allow []string) (*Policy, error) {
	p := &Policy{}
	var err error
	if p.deny, err = prefixes(deny); err != nil {
		return nil, err
	}
	if p.allow, err = prefixes(allow); err != nil {
		return nil, err
	}
	return p, nil
}

// A DeniedError is why an address is not dialled.
type DeniedError struct {
	Addr netip.Addr
	By   netip.Prefix // the range that is denied
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("the egress policy denies %v, which is in %v", e.Addr, e.By)
}

// Check refuses an address that must not be dialled, with a [*DeniedError].
func (p *Policy) Check(addr netip.Addr) error {
	if p == nil {
		return nil
	}
	for _, a := range meanings(addr) {
		if by, denied := find(p.deny, a); denied {
			if _, allowed := find(p.allow, a); !allowed {
				return &DeniedError{Addr: addr, By: by}
			}
		}
	}
	return nil
}

// Control is a Control of [net.Dialer]: it is called with the resolved address before the socket connects.
func (p *Policy) Control(_, address string, _ syscall.RawConn) error {
	if p == nil {
		return nil
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil { // a Unix socket: nobody names one from outside
		return fmt.Errorf("the egress policy knows no address %q", address)
	}
	return p.Check(ap.Addr())
}

func find(list []netip.Prefix, addr netip.Addr) (netip.Prefix, bool) {
	for _, prefix := range list {
		if prefix.Contains(addr) {
			return prefix, true
		}
	}
	return netip.Prefix{}, false
}

// meanings are the addresses that one stands for: itself, and the IPv4 address that an IPv6 one carries.
// The unspecified address reaches this machine.
func meanings(addr netip.Addr) []netip.Addr {
	addr = addr.Unmap().WithZone("")
	list := []netip.Addr{addr}
	switch b := addr.As16(); {
	case addr == netip.IPv4Unspecified():
		list = append(list, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	case addr == netip.IPv6Unspecified():
		list = append(list, netip.IPv6Loopback())
	case !addr.Is6():
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr), netip.MustParsePrefix("::/96").Contains(addr): // NAT64, IPv4-compatible
		list = append(list, netip.AddrFrom4([4]byte(b[12:])))
	case netip.MustParsePrefix("2002::/16").Contains(addr): // 6to4
		list = append(list, netip.AddrFrom4([4]byte(b[2:6])))
	}
	return list
}
