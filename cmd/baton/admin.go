package main

import (
	"net"
	"net/http"
	"os"
	"slices"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/config"
)

// An admin is the address on which the operator asks and decides; nil: there is none.
type admin struct {
	listener net.Listener
	server   *http.Server
}

// openAdmin listens, unless the address is off. State is told of each connection.
func openAdmin(cfg *config.Config, what api.Config, who *access, state func(net.Conn, http.ConnState)) (*admin, error) {
	if cfg.API == "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", cfg.API)
	if err != nil {
		return nil, taken("api", cfg.API, err)
	}
	host, _, _ := net.SplitHostPort(cfg.API)
	name, _ := os.Hostname() // without it, addresses are left
	what.Names = append(hosts(cfg), host, name)
	what.Names = slices.DeleteFunc(what.Names, func(name string) bool { return name == "*" }) // any name is for the web side alone
	what.Admit = who.forAdmins
	server := api.Server(what)
	server.ConnState = state
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
