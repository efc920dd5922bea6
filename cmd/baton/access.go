package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
)

// An access is who may do what, as the server and the greeting need it.
type access struct {
	gate      *auth.Gate
	first     string         // how the admin that was made just now logs in; "" when there was somebody
	anonymous []config.Right // of everybody
	strangers bool           // there is no user, and nobody else is asked
	close     func()
}

// openAccess reads who is known. Where nobody is, and nobody else is asked, it makes an admin: from then on there is
// a way in that is not open to all.
func openAccess(ctx context.Context, cfg *config.Config, names *paths.Paths, stderr io.Writer, logger *slog.Logger) (*access, error) {
	x := &access{anonymous: cfg.Anonymous, close: func() {}}
	warnOf(logger, cfg)
	warnOfPasswords(logger, "the configuration", cfg.Users)
	kept, err := x.kept(cfg, logger)
	if err != nil {
		return nil, err
	}
	a, err := auth.New(ctx, auth.Config{
		Users: cfg.Users, Kept: kept, Anonymous: cfg.Anonymous, Auth: cfg.Auth, Client: outward(cfg), Logger: logger,
		Contained: inContainer(os.Getenv, exists),
	})
	if err != nil {
		return nil, err
	}
	x.gate = &auth.Gate{Authorizer: a, Stored: names.Stored}
	switch cfg.Audit {
	case config.AuditOff:
	case config.AuditStderr:
		x.gate.Audit = auth.NewAudit(stderr)
	default:
		f, err := os.OpenFile(string(cfg.Audit), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("audit log cannot be written: %w", err)
		}
		x.gate.Audit, x.close = auth.NewAudit(f), func() { f.Close() }
	}
	if x.gate.Audit != nil {
		x.gate.Audit.Failed = func(err error) { logger.Error("audit log cannot be written", "err", err) }
	}
	return x, nil
}

// forAdmins lets only them through to a handler.
func (x *access) forAdmins(next http.Handler) http.Handler {
	return auth.ForAdmins(x.gate.Authorizer, x.gate.Audit, next)
}

// forReaders lets only those through who may read something.
func (x *access) forReaders(next http.Handler) http.Handler {
	return auth.ForReaders(x.gate.Authorizer, x.gate.Audit, next)
}

// everybodyMay tells whether those may play a film who cannot say who they are: clients of the teaching dialects.
func (x *access) everybodyMay(ctx context.Context, remote, local netip.Addr, path string) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	q := &auth.Request{Action: auth.Replay, Path: path, Address: remote, Local: remote == local, Protocol: "lab", Method: "SETUP"}
	principal, err := x.gate.Authorizer.Authorize(ctx, q)
	x.gate.Audit.Note(q, principal, err)
	return err == nil
}

// outward is a client for what is asked of others, who are reached only where the egress policy lets it.
func outward(cfg *config.Config) *http.Client {
	d := &net.Dialer{Control: cfg.Egress.Policy().Control}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext, t.Proxy = d.DialContext, nil
	return &http.Client{Transport: t}
}

// kept are the users of the state folder, nil where there is none. It sees to it that there is somebody who can log in, where nobody
// else is asked.
func (x *access) kept(cfg *config.Config, logger *slog.Logger) (*auth.Kept, error) {
	asked := !cfg.Auth.HTTP.IsZero() || !cfg.Auth.JWT.JWKS.IsZero()
	if cfg.State == "" {
		x.strangers = len(cfg.Users) == 0 && !asked
		return nil, nil
	}
	kept, err := auth.OpenKept(cfg.State)
	if err != nil {
		return nil, err
	}
	warnOfPasswords(logger, auth.UsersFile, kept.Users())
	if len(cfg.Users)+len(kept.Users()) > 0 || asked {
		return kept, nil
	}
	name, password, err := kept.First()
	if err != nil { // no reason not to start: this machine needs no user
		logger.Warn("state folder cannot be used, there is no user", "err", err)
		x.strangers = true
		return kept, nil
	}
	x.first = fmt.Sprintf("%s, password %s", name, password)
	return kept, nil
}
