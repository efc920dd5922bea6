package main

import (
	"context"
	"log/slog"
	"net"
	"os"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/lab"
)

// A classroom is the address of the teaching dialects; nil: there is none.
type classroom struct {
	listener net.Listener
	frames   *net.UDPConn
	server   *lab.Server
}

// openLab listens, if there is an address.
func openLab(cfg *config.Config, media *os.Root, who *access, logger *slog.Logger) (*classroom, error) {
	if cfg.Lab == "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", cfg.Lab)
	if err != nil {
		return nil, taken("lab", cfg.Lab, err)
	}
	local := ln.Addr().(*net.TCPAddr)
	frames, err := net.ListenUDP("udp", &net.UDPAddr{IP: local.IP, Zone: local.Zone}) // any port: students name only their own
	if err != nil {
		ln.Close()
		return nil, taken("lab", cfg.Lab, err)
	}
	logger.Info("teaching dialects", "lab", local)
	return &classroom{ln, frames, lab.New(lab.Config{Media: media, May: who.everybodyMay, Logger: logger}, frames)}, nil
}

// begin answers until ctx ends, or until end is called, which waits for the last session. What fails is told.
func (c *classroom) begin(ctx context.Context, failed chan<- error) (end func()) {
	if c == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		if err := c.server.Serve(ctx, c.listener); err != nil {
			failed <- err
		}
	}()
	return func() { cancel(); <-done }
}

// close gives the address back.
func (c *classroom) close() {
	if c != nil {
		c.listener.Close()
		c.frames.Close()
	}
}
