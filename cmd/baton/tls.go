package main

import (
	"context"
	"log/slog"
	"net"

	"github.com/baton-rtsp/baton/internal/cert"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A tlsSide is what a server with a certificate has more.
type tlsSide struct {
	source *cert.Source
	rtsps  net.Listener // nil: none
}

// openTLS opens the certificate and the port of RTSP over TLS; it is nil where there is to be no TLS.
func openTLS(ctx context.Context, cfg *config.Config, logger *slog.Logger) (*tlsSide, error) {
	if !cfg.TLS.On() {
		return nil, nil
	}
	from := cert.Config{Auto: cfg.TLS.Auto, State: cfg.State, Logger: logger}
	if cfg.TLS.Cert != "" {
		from.Files = &cert.Files{Cert: cfg.TLS.Cert, Key: cfg.TLS.Key}
	}
	if a := cfg.TLS.ACME; len(a.Domains) > 0 {
		from.ACME = &cert.ACME{Domains: a.Domains, Email: a.Email, CA: a.CA}
	}
	source, err := cert.Open(ctx, from)
	if err != nil {
		return nil, err
	}
	t := &tlsSide{source: source}
	if cfg.RTSPS != "" {
		ln, err := net.Listen("tcp", cfg.RTSPS)
		if err != nil {
			source.Close()
			return nil, taken("rtsps", cfg.RTSPS, err)
		}
		t.rtsps = rtspserver.NewTLSListener(ln, source.TLS())
	}
	return t, nil
}

// close gives back what nobody serves; it may be called on nil.
func (t *tlsSide) close() {
	if t == nil {
		return
	}
	t.source.Close()
	if t.rtsps != nil {
		t.rtsps.Close()
	}
}

// web makes a listener of the web side one of HTTPS, where there is TLS. WebSocket needs HTTP/1.1.
func (t *tlsSide) web(ln net.Listener) net.Listener {
	if t == nil {
		return ln
	}
	return rtspserver.NewTLSListener(ln, t.source.TLS("http/1.1"))
}
