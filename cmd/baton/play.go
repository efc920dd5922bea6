package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/gateway"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/web"
)

// play shows what a server has, in a browser or in lines of text.
func play(ctx context.Context, c *config.Play, stdout, stderr io.Writer) error {
	client := rtspclient.Config{
		Lowers: lowersOf(c.Transport), AllowBasic: c.BasicAuth, TLS: c.Trust.TLS(), ClientPort: c.ClientPort, Patience: c.Patience,
	}
	if c.Headless {
		return playHeadless(ctx, c.URL, client, stdout)
	}
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if client.Lowers == nil { // as any player: sources are had by TCP first, where nobody looks on
		client.Lowers = []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP}
	}
	g, err := gateway.New(gateway.Config{URL: c.URL, Client: client, Files: web.Files(), Explain: complaint, Logger: logger})
	if err != nil {
		return err
	}
	defer g.Close()
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return taken("listen", c.Listen, err)
	}
	failed := make(chan error, 1)
	go func() { failed <- g.Serve(ln) }() // ends with Close
	page := g.URL(ln.Addr())
	fmt.Fprintf(stdout, "The player is at %s (for one browser, once). Ctrl-C ends it.\n", page)
	show(c.NoBrowser, page, stdout)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// show opens a page, or says that somebody has to.
func show(not bool, page string, stdout io.Writer) {
	if not {
		return
	}
	if err := openBrowser(page); err != nil {
		fmt.Fprintf(stdout, "Open it in a browser: %v.\n", err)
	}
}

// playHeadless plays, and prints what comes.
func playHeadless(ctx context.Context, url string, cfg rtspclient.Config, stdout io.Writer) error {
	var bytes atomic.Int64
	cfg.Packet = func(p rtspclient.Packet) { bytes.Add(int64(len(p.Data))) }
	cfg.FellBack = func(from, to rtspclient.Lower, why error) {
		fmt.Fprintf(stdout, "over %s now instead of %s: %v\n", to, from, why)
	}
	client, err := rtspclient.Play(ctx, url, &cfg)
	if err != nil {
		return asExit(err)
	}
	defer client.Close()
	fmt.Fprintf(stdout, "playing %s from %s\n", client.URL(), client.RemoteAddr())
	for _, t := range client.Tracks() {
		format := "?"
		if list := t.Media().FormatList(); len(list) > 0 {
			format = list[0].Encoding
		}
		fmt.Fprintf(stdout, "track %d: %s %s over %s\n", t.Index(), t.Media().Type, format, t.Lower())
	}
	err = watchTracks(ctx, client, &bytes, stdout)
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client.Teardown(last) // whatever it answers: the program ends
	if errors.Is(err, rtspclient.ErrEnded) {
		return nil
	}
	return err
}

// watchTracks prints a line each second, until the client or ctx ends.
func watchTracks(ctx context.Context, client *rtspclient.Client, bytes *atomic.Int64, stdout io.Writer) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	before := int64(0)
	for begun := time.Now(); ; {
		select {
		case <-client.Done():
			return client.Err()
		case <-ctx.Done():
			return nil
		case <-second.C:
		}
		now := bytes.Load()
		line := []string{fmt.Sprintf("%4.0f s %8.0f kb/s", time.Since(begun).Seconds(), float64(now-before)*8/1000)}
		for _, t := range client.Tracks() {
			s := t.Stats()
			line = append(line, fmt.Sprintf("track %d: %d packets, %d lost, jitter %.1f ms", t.Index(), s.Packets, s.Lost, float64(s.Jitter)/1e6))
		}
		fmt.Fprintln(stdout, strings.Join(line, "   "))
		before = now
	}
}
