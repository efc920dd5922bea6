package auth

import (
	"net/netip"
	"slices"

	"github.com/baton-rtsp/baton/internal/config"
)

// may tells whether one of the rights covers a request.
func may(rights []config.Right, r *Request) bool {
	return slices.ContainsFunc(rights, func(right config.Right) bool {
		return within(right.From, r) && right.Covers(r.Action, r.Path)
	})
}

// Everybody tells whether rights that need no user let an address do something with every path. It is for what is
// told to people: requests are asked about by an [Authorizer].
func Everybody(anonymous []config.Right, action Action, from netip.Addr) bool {
	return slices.ContainsFunc(anonymous, func(right config.Right) bool {
		return (right.Path == "" || right.Path == "**") && may([]config.Right{right}, &Request{Action: action, Address: from})
	})
}

// within tells whether a request comes from one of the addresses; none are all. What this machine sends itself
// counts as loopback, by whatever address of its own it comes. Of what a proxy has passed on it is not known where it comes from.
func within(from []netip.Prefix, r *Request) bool {
	address := r.Address.Unmap().WithZone("")
	return len(from) == 0 || slices.ContainsFunc(from, func(p netip.Prefix) bool {
		if r.Forwarded {
			return p.Bits() == 0
		}
		return p.Contains(address) || r.Local && p.Addr().IsLoopback()
	})
}
