package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// followEvery is how often the file of users is looked at. What has changed is read when it has not in the meantime again, so
// that nothing half written counts.
const followEvery = 500 * time.Millisecond

// A Standing tells whether somebody who was let in may still do something: a user who is there, has the same password, and the
// right. Who is known by others, or by nobody, stands as before.
type Standing func(principal string, r *Request) bool

// everyone is who is known by name: those of the configuration count first.
func (a *authority) everyone() []config.User {
	if a.kept == nil {
		return a.fixed
	}
	return slices.Concat(a.fixed, a.kept.users)
}

// tellHidden has people know why one whom they have just added does not get in.
func (a *authority) tellHidden() {
	var names []string
	for _, u := range a.kept.users {
		if indexOf(a.fixed, u.Name) >= 0 {
			names = append(names, u.Name)
		}
	}
	if names != nil {
		a.log.Warn("users in "+UsersFile+" do not count: the configuration has others of their names", "users", names)
	}
}

// Follow reads users again. A file that cannot be read leaves those before it, with a line in the log; one that is gone has none.
func (a *authority) Follow(ctx context.Context, changed func(Standing)) {
	if a.kept == nil {
		return
	}
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if !a.kept.changed() {
			continue
		}
		fault := a.kept.fault
		if err := a.kept.read(); err != nil {
			if a.kept.fault != fault {
				a.log.Warn("the users in "+UsersFile+" cannot be read, those before count", "err", err)
			}
			continue
		}
		same := a.users.replace(a.everyone())
		for _, u := range a.kept.users {
			if !same[u.Name] { // who is new, or has a new password, need not wait because it was wrong before
				a.limiter.forget(u.Name)
			}
		}
		a.log.Info("users read again", "users", len(a.kept.users))
		a.tellHidden()
		changed(a.standing(same))
	}
}

// standing is that of now, where some log in as before.
func (a *authority) standing(same map[string]bool) Standing {
	return func(principal string, r *Request) bool {
		if principal == "" || strings.Contains(principal, ":") { // as no name of a user does
			return true
		}
		return same[principal] && (may(a.users.find(principal).cfg.Allow, r) || may(a.anonymous, r))
	}
}
