package main

import (
	"cmp"
	"log/slog"
	"net/netip"
	"net/url"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
)

// warnOf says what the configuration lets happen that is seldom meant.
func warnOf(logger *slog.Logger, cfg *config.Config) {
	for _, right := range cfg.Anonymous {
		if auth.Everybody([]config.Right{{Do: right.Do, From: right.From}}, auth.Publish, netip.MustParseAddr(string(others))) {
			logger.Warn("everybody who reaches this machine may publish: anonymous says so; from: loopback leaves it to this machine", "path", cmp.Or(right.Path, "**"))
		}
	}
	var idle []string
	for _, u := range cfg.Users {
		if len(u.Allow) == 0 {
			idle = append(idle, u.Name)
		}
	}
	if len(idle) > 0 {
		logger.Warn("users may do nothing of their own: they have no allow", "users", idle)
	}
	if u, err := url.Parse(cfg.Auth.HTTP.String()); err == nil && u.Scheme == "http" && !isHere(u.Hostname()) {
		logger.Warn("passwords and tokens are sent in the clear to the service that is asked about users: its URL is not https", "url", cfg.Auth.HTTP)
	}
}

// isHere tells whether a host of a URL is this machine without doubt.
func isHere(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// warnOfPasswords says whose password can be read by whoever reads the file that it stands in.
func warnOfPasswords(logger *slog.Logger, file string, users []config.User) {
	var names []string
	for _, u := range users {
		if !u.Password.IsZero() {
			names = append(names, u.Name)
		}
	}
	if len(names) > 0 {
		logger.Warn("passwords stand in "+file+" as they are; baton user add --print makes hashes of them", "users", names)
	}
}
