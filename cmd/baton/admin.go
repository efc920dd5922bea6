package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
)

// An admin is the address on which the operator asks and decides; nil: there is none.
type admin struct {
	listener net.Listener
	server   *http.Server
}

// openAdmin listens, unless the address is off.
func openAdmin(cfg *config.Config, what api.Config, who *access, logger *slog.Logger) (*admin, error) {
	if cfg.API == "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", cfg.API)
	if err != nil {
		return nil, taken("api", cfg.API, err)
	}
	host, _, _ := net.SplitHostPort(cfg.API)
	name, _ := os.Hostname() // without it, addresses are left
	what.Names = []string{host, name}
	server := api.Server(what)
	server.Handler = unlessHere(who.guard(auth.Admin, server.Handler), server.Handler)
	return &admin{ln, server}, nil
}

// serve answers until close.
func (a *admin) serve() error { return a.server.Serve(a.listener) }

func (a *admin) close() {
	if a != nil {
		a.server.Close()
		a.listener.Close() // where serve was never called
	}
}

// unlessHere has those who are not on this machine pass a guard: who has a shell here needs no leave to end a session.
func unlessHere(guarded, open http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if remote, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && remote.Addr().Unmap().IsLoopback() {
			open.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}
