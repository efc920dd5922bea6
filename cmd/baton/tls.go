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

// openTLS opens the port of RTSP over TLS and the certificate; it is nil where there is to be no TLS. All ports have to be open by then:
// while an authority checks who is there, those of HTTP and HTTPS are taken if they are free.
func openTLS(ctx context.Context, cfg *config.Config, logger *slog.Logger) (*tlsSide, error) {
	if !cfg.TLS.On() {
		return nil, nil
	}
	t := &tlsSide{}
	var ln net.Listener
	if cfg.RTSPS != "" {
		var err error
		if ln, err = net.Listen("tcp", cfg.RTSPS); err != nil {
			return nil, taken("rtsps", cfg.RTSPS, err)
		}
	}
	var err error
	if t.source, err = cert.Open(ctx, certificate(cfg, logger)); err != nil {
		if ln != nil {
			ln.Close()
		}
		return nil, err
	}
	if ln != nil {
		t.rtsps = rtspserver.NewTLSListener(ln, t.source.TLS())
	}
	return t, nil
}

// certificate is where the certificate comes from.
func certificate(cfg *config.Config, logger *slog.Logger) cert.Config {
	from := cert.Config{Auto: cfg.TLS.Auto, State: cfg.State, Logger: logger}
	if cfg.TLS.Cert != "" {
		from.Files = &cert.Files{Cert: cfg.TLS.Cert, Key: cfg.TLS.Key}
	}
	if a := cfg.TLS.ACME; len(a.Domains) > 0 {
		from.ACME = &cert.ACME{Domains: a.Domains, Email: a.Email, CA: a.CA, Permit: cfg.Egress.Policy().Check}
	}
	return from
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
