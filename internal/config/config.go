package config

import (
	"log/slog"
	"slices"
	"strings"
)

// Config is the whole configuration of a server. It is not changed after Load
// and may be read from any goroutine.
type Config struct {
	// RTSP is the TCP address of RTSP, host:port. An empty host is every
	// address of the machine, port 0 any free port.
	RTSP string

	// UDP is the pair of ports that RTP and RTCP over UDP use. Zero is any
	// free pair.
	UDP UDPPorts

	// HTTP is the TCP address of the web side, host:port; "" for none.
	HTTP string

	// RTSPS is the TCP address of RTSP over TLS, host:port; "" for none. It counts
	// only when there is TLS.
	RTSPS string

	// TLS is where the certificate comes from. When there is one, HTTP is HTTPS.
	TLS TLS

	// Origins are the web pages, besides those of the same host, that may use RTSP
	// over WebSocket, scheme://host[:port] each, or "*".
	Origins []string

	// Hosts are names by which browsers may reach the web side, besides those that
	// it knows itself, or "*".
	Hosts []string

	// API is the TCP address of the admin API, host:port; "" for none.
	API string

	// Lab is the TCP address of the teaching dialects, host:port; "" for none.
	Lab string

	// Media is the folder of stored media. It was there when Load looked.
	// Empty is none. A relative folder starts at the working directory.
	Media string

	// State is the folder for what has to outlive a restart. Whoever needs it
	// creates it. Empty when it is off, or the user has no home folder and named none.
	State string

	// LogLevel is the least level that is logged.
	LogLevel slog.Level

	// Memory is the most that the timelines of all paths hold together,
	// 8MB to 1TB.
	Memory Bytes

	// Limits are what others may have of the server.
	Limits Limits

	// Egress says where the server may connect to on behalf of others.
	Egress Egress
	// Audit is where it is written down who did what.
	Audit AuditTo

	// Users are those of the file's users section, in its order.
	Users []User

	// Anonymous is what those may do who do not say who they are.
	Anonymous []Right

	// Auth is who else is asked about users.
	Auth Auth

	// Paths are the rules of the file's paths section, in its order.
	Paths []PathRule
}

// Path returns the settings of the path called name ("cam1"; a leading slash
// does not matter). They begin as [DefaultPathSettings], then every rule whose
// pattern matches lays what it sets over them, from the least specific to the
// most specific one:
//
//   - patterns with **, then patterns with * alone, then the exact name;
//   - of the same kind, the pattern with fewer literal characters first;
//   - of equal ones, the one that stands first in the file.
func (c *Config) Path(name string) PathSettings {
	name = strings.Trim(name, "/")
	var rules []*PathRule
	for i := range c.Paths {
		if Match(c.Paths[i].Pattern, name) {
			rules = append(rules, &c.Paths[i])
		}
	}
	slices.SortStableFunc(rules, func(a, b *PathRule) int {
		return compareSpecificity(a.Pattern, b.Pattern)
	})
	settings := DefaultPathSettings()
	for _, r := range rules {
		r.apply(&settings, name)
	}
	return settings
}

// defaults is the configuration before the file and the flags.
func defaults() *Config {
	return &Config{
		RTSP:     ":8554",
		RTSPS:    ":8322",
		UDP:      UDPPorts{RTP: 8000, RTCP: 8001},
		HTTP:     ":8080",
		API:      "127.0.0.1:8081",
		LogLevel: slog.LevelInfo,
		Memory:   1 * GB,
		Limits:   DefaultLimits(),
		Egress:   Egress{Deny: []string{"link-local", "metadata"}},

		Audit:     AuditOff,
		Anonymous: defaultAnonymous(),
		Auth:      defaultAuth(),
	}
}
