package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/internal/api"
	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/paths"
	pages "github.com/baton-rtsp/baton/internal/web"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
	"github.com/baton-rtsp/baton/web"
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
	media, err := openMedia(cfg.Media)
	if err != nil {
		return err
	}
	if media != nil {
		defer media.Close()
	}
	indexes, closeIndexes := openCache(cfg.State, logger)
	defer closeIndexes()
	names := paths.New(paths.Config{
		Settings: cfg.Path, Sources: cfg.Sources(), Media: media, Cache: indexes, Budget: timeline.NewBudget(int64(cfg.Memory)), Logger: logger,
		Client: rtspclient.Config{Permit: cfg.Egress.Policy().Check},
	})
	defer names.Close()
	names.Follow(cfg.Media)
	for _, path := range cfg.Standing() {
		names.Pull(path)
	}
	who, err := openAccess(ctx, cfg, names, stderr, logger)
	if err != nil {
		return err
	}
	defer who.close()
	greetFirst(stdout, who) // at once: whatever fails from here on, it is never shown again
	server, err := rtspserver.New(serverConfig(cfg, names, who, logger))
	if err != nil {
		return err
	}
	defer inBackground(ctx, func(ctx context.Context) { who.gate.Follow(ctx, server.Sessions, logger) })()
	gate := pages.NewGate(cfg.Limits.Connections, cfg.Limits.ConnectionsPerAddress, logger)
	told := api.Config{Server: server, Presentations: listed(names), HTTPRefused: gate.Refused, Version: version(), Logger: logger}
	operator, err := openAdmin(cfg, told, who, gate.State)
	if err != nil {
		return err
	}
	defer operator.close()
	lab, err := openLab(cfg, media, logger)
	if err != nil {
		return err
	}
	defer lab.close()
	at, err := openSockets(cfg)
	if err != nil {
		return err
	}
	sealed, err := openTLS(ctx, cfg, logger)
	if err != nil {
		at.close()
		return err
	}
	defer sealed.close()
	site := pages.New(pages.Config{
		RTSP: http.HandlerFunc(server.ServeWebSocket), API: who.forReaders(api.Public(told)), Files: web.Files(), Logger: logger,
		Hosts: hosts(cfg), Origins: cfg.Origins,
		Gate: gate,
	})
	failed := make(chan error, 6)
	if at.site != nil {
		go func() { failed <- site.Serve(sealed.web(at.site)) }() // ends with Close
	}
	go func() { failed <- server.ServePackets(at.rtp, at.rtcp) }() // ends with Shutdown
	go func() { failed <- server.Serve(at.rtsp) }()                // ends with Shutdown
	if sealed != nil && sealed.rtsps != nil {
		go func() { failed <- server.Serve(sealed.rtsps) }() // ends with Shutdown
	}
	if operator != nil {
		go func() { failed <- operator.serve() }() // ends with close
	}
	defer lab.begin(ctx, failed)()
	greet(stdout, &welcome{at: at, sealed: sealed, media: media, who: who, from: ownAddress()})
	ready(at.siteAddr())
	select {
	case err = <-failed:
	case <-ctx.Done():
		logger.Info("closing")
	}
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	site.Close()
	server.Shutdown(last)
	if errors.Is(err, rtspserver.ErrServerClosed) {
		err = nil
	}
	return err
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
