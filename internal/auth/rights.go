package auth

import (
	"net/netip"
	"slices"

	"github.com/baton-rtsp/baton/internal/config"
)

// may tells whether rights cover a request.
func may(rights *config.Rights, r *Request) bool {
	return within(rights.From, r) && covers(rights, r.Action, r.Path)
}

func covers(rights *config.Rights, action Action, path string) bool {
	switch action {
	case Read:
		return matches(rights.Read, path)
	case Replay:
		return matches(rights.Replay, path)
	case Publish:
		return matches(rights.Publish, path)
	case Admin:
		return rights.Admin
	}
	return false
}

func matches(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return config.Match(p, path) })
}

// within tells whether a request comes from one of the addresses; none are all. What this machine sends itself
// counts as loopback, by whatever address of its own it comes.
func within(from []netip.Prefix, r *Request) bool {
	address := r.Address.Unmap().WithZone("")
	return len(from) == 0 || slices.ContainsFunc(from, func(p netip.Prefix) bool {
		return p.Contains(address) || r.Local && p.Addr().IsLoopback()
	})
}
