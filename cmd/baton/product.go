package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
	pages "github.com/baton-rtsp/baton/internal/web"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
	"github.com/baton-rtsp/baton/web"
)

// A product is all that serves, as far as it is open.
type product struct {
	cfg            *config.Config
	stdout, stderr io.Writer
	logger         *slog.Logger
	closers        []func() // of what is open, in order

	media    *os.Root // nil: none
	names    *paths.Paths
	who      *access
	server   *rtspserver.Server
	operator *admin     // nil: none
	lab      *classroom // nil: none
	at       *sockets
	sealed   *tlsSide // nil: none
	site     *http.Server
}

// closes has something closed with the product, before what was opened earlier.
func (p *product) closes(close func()) { p.closers = append(p.closers, close) }

func (p *product) close() {
	for _, close := range slices.Backward(p.closers) {
		close()
	}
}

// openPaths opens what there is to be served.
func (p *product) openPaths(context.Context) (err error) {
	if p.media, err = openMedia(p.cfg.Media); err != nil {
		return err
	}
	if p.media != nil {
		p.closes(func() { p.media.Close() })
	}
	indexes, closeIndexes := openCache(p.cfg.State, p.logger)
	p.closes(closeIndexes)
	p.names = paths.New(paths.Config{
		Settings: p.cfg.Path, Sources: p.cfg.Sources(), Media: p.media, Cache: indexes, Budget: timeline.NewBudget(int64(p.cfg.Memory)), Logger: p.logger,
		Client: rtspclient.Config{Permit: p.cfg.Egress.Policy().Check},
	})
	p.closes(p.names.Close)
	p.names.Follow(p.cfg.Media)
	for _, path := range p.cfg.Standing() {
		p.names.Pull(path)
	}
	return nil
}

// openServer opens what decides who may come, and what serves them.
func (p *product) openServer(ctx context.Context) (err error) {
	if p.who, err = openAccess(ctx, p.cfg, p.names, p.stderr, p.logger); err != nil {
		return err
	}
	p.closes(p.who.close)
	greetFirst(p.stdout, p.who) // at once: whatever fails from here on, it is never shown again
	if p.server, err = rtspserver.New(serverConfig(p.cfg, p.names, p.who, p.logger)); err != nil {
		return err
	}
	p.closes(inBackground(ctx, func(ctx context.Context) { p.who.gate.Follow(ctx, p.server, p.logger) }))
	return nil
}

// openDoors opens all addresses, and what answers at those of HTTP.
func (p *product) openDoors(ctx context.Context) (err error) {
	gate := pages.NewGate(p.cfg.Limits.Connections, p.cfg.Limits.ConnectionsPerAddress, p.logger)
	told := api.Config{Server: p.server, Presentations: listed(p.names), HTTPRefused: gate.Refused, Version: version(), Logger: p.logger}
	if p.operator, err = openAdmin(p.cfg, told, p.who, gate.State); err != nil {
		return err
	}
	p.closes(p.operator.close)
	if p.lab, err = openLab(p.cfg, p.media, p.who, p.logger); err != nil {
		return err
	}
	p.closes(p.lab.close)
	if p.at, err = openSockets(p.cfg); err != nil {
		return err
	}
	p.closes(p.at.close)
	if p.sealed, err = openTLS(ctx, p.cfg, p.logger); err != nil {
		return err
	}
	p.closes(p.sealed.close)
	p.site = pages.New(pages.Config{
		RTSP: http.HandlerFunc(p.server.ServeWebSocket), API: p.who.forReaders(api.Public(told)), Files: web.Files(), Logger: p.logger,
		Hosts: hosts(p.cfg), Origins: p.cfg.Origins, Gate: gate,
	})
	return nil
}

// begin serves at all addresses. What fails is told, and so is that something has ended.
func (p *product) begin(ctx context.Context) <-chan error {
	failed := make(chan error, 6)
	serve := func(run func() error) { go func() { failed <- run() }() } // each ends with end or close
	if p.at.site != nil {
		serve(func() error { return p.site.Serve(p.sealed.web(p.at.site)) })
	}
	serve(p.server.BeginPackets(p.at.rtp, p.at.rtcp)) // before the first client can ask for UDP
	serve(func() error { return p.server.Serve(p.at.rtsp) })
	if p.sealed != nil && p.sealed.rtsps != nil {
		serve(func() error { return p.server.Serve(p.sealed.rtsps) })
	}
	if p.operator != nil {
		serve(p.operator.serve)
	}
	p.closes(p.lab.begin(ctx, failed))
	return failed
}

// end says goodbye to all who are there. The error is why, nil where it was meant.
func (p *product) end(err error) error {
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.site.Close()
	p.server.Shutdown(last)
	if errors.Is(err, rtspserver.ErrServerClosed) {
		return nil
	}
	return err
}
