package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// An Action is what somebody wants to do.
type Action string

// The actions there are.
const (
	ActionRead    Action = "read"    // play media, live and stored
	ActionReplay  Action = "replay"  // play stored media alone
	ActionPublish Action = "publish" // bring media in
	ActionAdmin   Action = "admin"   // use the admin API
)

// A Right lets somebody do something.
type Right struct {
	// Do are the actions.
	Do []Action

	// Path is a pattern, see [Match], of the paths with which they may be done; "": all.
	Path string

	// From are the addresses that count; none: all. This machine, whatever address of its own it comes from, is
	// that of loopback.
	From []netip.Prefix
}

// ParseRight makes a right of the words for actions and of a pattern, "" for every path. Only a right that is about
// no path lets somebody use the admin API.
func ParseRight(do []string, path string) (Right, error) {
	var right Right
	var err error
	if right.Do, err = parseActions(strings.Join(do, " ")); err != nil {
		return Right{}, err
	}
	if path != "" {
		if right.Path, err = parsePattern(path); err != nil {
			return Right{}, err
		}
	}
	return right, right.fault()
}

// fault is what makes no sense about settings that are each good.
func (r *Right) fault() error {
	if len(r.Do) == 0 {
		return &valueError{text: "a right has to say what it lets do: read, replay, publish or admin"}
	}
	if r.allows(ActionAdmin) && r.Path != "" {
		return &valueError{text: "admin is about no path: write a right of its own for it"}
	}
	return nil
}

func (r *Right) allows(action Action) bool {
	for _, a := range r.Do {
		if a == action {
			return true
		}
	}
	return false
}

// Covers tells whether the right is about an action with a path. Whoever may read may replay.
func (r *Right) Covers(action Action, path string) bool {
	return (r.allows(action) || action == ActionReplay && r.allows(ActionRead)) && (r.Path == "" || Match(r.Path, path))
}

// parseActions takes words for actions, separated by blanks.
func parseActions(s string) ([]Action, error) {
	var list []Action
	for _, word := range strings.Fields(s) {
		a, err := oneOf(word, map[string]Action{"read": ActionRead, "replay": ActionReplay, "publish": ActionPublish, "admin": ActionAdmin}, "read", "replay", "publish", "admin")
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	if len(list) == 0 {
		return nil, &valueError{text: "there is no action: read, replay, publish or admin"}
	}
	return list, nil
}

// parseFrom takes addresses and ranges of them, separated by blanks, or the words loopback and all.
func parseFrom(s string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, word := range strings.Fields(s) {
		switch word {
		case "loopback":
			list = append(list, loopback()...)
			continue
		case "all":
			list = append(list, netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0))
			continue
		}
		prefix, err := netip.ParsePrefix(word)
		if addr, no := netip.ParseAddr(word); no == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, &valueError{
				text: fmt.Sprintf("%q is no address, such as 192.0.2.7, no range of them, such as 192.0.2.0/24, nor loopback or all", word),
				hint: nearest(word, []string{"loopback", "all"}),
			}
		}
		list = append(list, prefix.Masked())
	}
	if len(list) == 0 {
		return nil, &valueError{text: "there is no address; all is any"}
	}
	return list, nil
}

// loopback is the addresses by which a machine talks to itself.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// defaultAnonymous lets this machine do what a newcomer tries, and nobody else anything.
func defaultAnonymous() []Right {
	return []Right{{Do: []Action{ActionRead, ActionPublish}, From: loopback()}}
}
