package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/baton-rtsp/baton/internal/config"
)

// Where the demo is found, when nothing else is there.
const (
	demoRTSP = "127.0.0.1:8554"
	demoHTTP = "127.0.0.1:8080"
)

// demo runs the server on this machine alone, and opens a browser on its film.
func demo(ctx context.Context, c *config.Demo, stdout, stderr io.Writer) error {
	args := []string{"serve", "--rtsp", free(demoRTSP), "--http", free(demoHTTP), "--api", "127.0.0.1:0", "--udp", "0"}
	command, err := config.Load(args, config.Env{})
	if err != nil {
		return err
	}
	cfg := command.(*config.Serve).Config
	cfg.State = "" // this machine alone: there is no user to be made
	return serveThen(ctx, cfg, stdout, stderr, func(site net.Addr) {
		page := "http://" + reachable(site) + "/play/demo.mp4"
		fmt.Fprintf(stdout, "\nThe film plays at %s\n", page)
		show(c.NoBrowser, page, stdout)
	})
}

// free is an address if it can be listened on, else one with any port.
func free(address string) string {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		host, _, _ := net.SplitHostPort(address)
		return net.JoinHostPort(host, "0")
	}
	ln.Close()
	return address
}
