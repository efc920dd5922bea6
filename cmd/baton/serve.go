package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// patience is how long clients may take to hear that the server closes; a service manager expects an end
// within 2 s.
const patience = 1500 * time.Millisecond

// serve runs the server until ctx ends, then ends all sessions in order.
func serve(ctx context.Context, cfg *config.Config, stdout, stderr io.Writer) error {
	return serveThen(ctx, cfg, stdout, stderr, func(net.Addr) {})
}

// serveThen is serve, and tells where the web side is, nil for none, when it is ready.
func serveThen(ctx context.Context, cfg *config.Config, stdout, stderr io.Writer, ready func(site net.Addr)) error {
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	p := &product{cfg: cfg, stdout: stdout, stderr: stderr, logger: logger}
	defer p.close()
	for _, open := range []func(context.Context) error{p.openPaths, p.openServer, p.openDoors} {
		if err := open(ctx); err != nil {
			return err
		}
	}
	// All addresses are open: who comes now waits a moment. The greeting is whole, in front of what is logged.
	greet(stdout, &welcome{at: p.at, sealed: p.sealed, media: p.media, who: p.who, from: ownAddress()})
	failed := p.begin(ctx)
	ready(p.at.siteAddr())
	select {
	case err := <-failed:
		return p.end(err)
	case <-ctx.Done():
		logger.Info("closing")
		return p.end(nil)
	}
}

// inBackground runs what ends with its context, and returns what ends it and waits.
func inBackground(ctx context.Context, run func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		run(ctx)
	}()
	return func() { cancel(); <-done }
}

// serverConfig is what the configuration says of the server.
func serverConfig(cfg *config.Config, handler rtspserver.Handler, who *access, logger *slog.Logger) *rtspserver.Config {
	l := cfg.Limits
	return &rtspserver.Config{
		Handler: handler, Authorizer: who.gate, Logger: logger, Origins: cfg.Origins, Hosts: hosts(cfg),
		MaxConns: l.Connections, MaxConnsPerHost: l.ConnectionsPerAddress, MaxSessions: l.Sessions, MaxSessionsPerHost: l.SessionsPerAddress,
		MaxSessionsPerUser: l.SessionsPerUser,
		MaxReaders:         func(path string) int { return cfg.Path(path).LimitsReaders },
		Limits:             rtsp.Limits{HeaderBlock: int(l.Header), Body: int(l.Body)},
		StrangerMemory:     int(l.Stranger), RequestTimeout: l.RequestTime, IdleTimeout: l.Idle,
	}
}

// listed is what may be told of what can be played to who asks.
func listed(names *paths.Paths) func(ctx context.Context, search string, limit int) ([]paths.Listing, int) {
	return func(ctx context.Context, search string, limit int) ([]paths.Listing, int) {
		return names.Presentations(search, auth.SightOf(ctx), limit)
	}
}

// hosts are names of this server: those of its certificate too.
func hosts(cfg *config.Config) []string { return slices.Concat(cfg.Hosts, cfg.TLS.ACME.Domains) }

// openCache opens the folder in which indexes of stored media are kept. Without it they are made anew,
// which is no reason not to start.
func openCache(state string, logger *slog.Logger) (c *cache.Cache, closeIt func()) {
	if state == "" {
		return nil, func() {}
	}
	dir := filepath.Join(state, "index")
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var root *os.Root
		if root, err = os.OpenRoot(dir); err == nil {
			return cache.New(root, cache.Config{}), func() { root.Close() }
		}
	}
	logger.Warn("state folder cannot be used, indexes are not kept", "err", err)
	return nil, func() {}
}

// openMedia opens the folder of stored media, nil when there is none.
func openMedia(dir string) (*os.Root, error) {
	if dir == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("media folder %q cannot be opened: %w", dir, err)
	}
	return root, nil
}
