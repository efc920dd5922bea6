package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// udpBuffer is what the kernel is asked to keep for each UDP socket, in bytes: bursts of key pictures.
const udpBuffer = 4 << 20

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
	server, err := rtspserver.New(serverConfig(cfg, names, who, logger))
	if err != nil {
		return err
	}
	told := api.Config{Server: server, Presentations: names.Presentations, Version: version(), Logger: logger}
	operator, err := openAdmin(cfg, told, who, logger)
	if err != nil {
		return err
	}
	defer operator.close()
	lab, err := openLab(cfg, media, logger)
	if err != nil {
		return err
	}
	defer lab.close()
	sealed, err := openTLS(ctx, cfg, logger)
	if err != nil {
		return err
	}
	defer sealed.close()
	ln, err := net.Listen("tcp", cfg.RTSP)
	if err != nil {
		return taken("rtsp", cfg.RTSP, err)
	}
	rtp, rtcp, err := listenUDP(cfg)
	if err != nil {
		ln.Close()
		return taken("udp", cfg.UDP.String(), err)
	}
	site := pages.New(pages.Config{
		RTSP: http.HandlerFunc(server.ServeWebSocket), API: who.others(auth.Read, api.Public(told)), Files: web.Files(), Logger: logger, Hosts: hosts(cfg), Origins: cfg.Origins,
		MaxConns: cfg.Limits.Connections, MaxConnsPerHost: cfg.Limits.ConnectionsPerAddress,
	})
	failed := make(chan error, 6)
	var siteAddr net.Addr
	if cfg.HTTP != "" {
		side, err := net.Listen("tcp", cfg.HTTP)
		if err != nil {
			ln.Close()
			rtp.Close()
			rtcp.Close()
			return taken("http", cfg.HTTP, err)
		}
		siteAddr = side.Addr()
		go func() { failed <- site.Serve(sealed.web(side)) }() // ends with Close
	}
	go func() { failed <- server.ServePackets(rtp, rtcp) }() // ends with Shutdown
	go func() { failed <- server.Serve(ln) }()               // ends with Shutdown
	if sealed != nil && sealed.rtsps != nil {
		go func() { failed <- server.Serve(sealed.rtsps) }() // ends with Shutdown
	}
	if operator != nil {
		go func() { failed <- operator.serve() }() // ends with close
	}
	defer lab.begin(ctx, failed)()
	greet(stdout, ln.Addr(), siteAddr, sealed, media, who.first)
	ready(siteAddr)
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

// listenUDP opens the RTP and the RTCP socket, at the address of RTSP.
func listenUDP(cfg *config.Config) (rtp, rtcp rtspserver.PacketConn, err error) {
	host, _, err := net.SplitHostPort(cfg.RTSP)
	if err != nil {
		return nil, nil, err
	}
	if cfg.UDP.RTP == 0 {
		local, _ := netip.ParseAddr(host) // a name, or nothing: all addresses
		rtp, rtcp, err = rtspserver.ListenFreePair(local)
	} else {
		if rtp, err = listenPort(host, cfg.UDP.RTP); err != nil {
			return nil, nil, err
		}
		if rtcp, err = listenPort(host, cfg.UDP.RTCP); err != nil {
			rtp.Close()
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, c := range []rtspserver.PacketConn{rtp, rtcp} {
		if u, ok := c.(*net.UDPConn); ok { // as much as the system allows
			u.SetReadBuffer(udpBuffer)
			u.SetWriteBuffer(udpBuffer)
		}
	}
	return rtp, rtcp, nil
}

func listenPort(host string, port uint16) (rtspserver.PacketConn, error) {
	addr, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		return nil, err
	}
	return net.ListenUDP("udp", addr)
}

// taken says in a sentence why an address cannot be listened on.
func taken(flag, addr string, err error) error {
	return fmt.Errorf("--%s %s cannot be listened on, perhaps another program uses it: %w", flag, addr, err)
}
