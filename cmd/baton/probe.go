package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/probe"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// Exit codes of probe, beside those of all commands.
const (
	exitCredentials = 3 // the server wants other credentials
	exitNotFound    = 4 // it has nothing under that URL
	exitNoMedia     = 5 // nothing comes
)

// probeServer prints what a server offers.
func probeServer(ctx context.Context, c *config.Probe, stdout io.Writer) error {
	r, err := probe.Run(ctx, c.URL, probe.Config{Client: rtspclient.Config{AllowBasic: c.BasicAuth, TLS: c.Trust.TLS()}, Duration: c.Duration})
	if r == nil {
		return asExit(err)
	}
	if c.JSON {
		b, _ := json.MarshalIndent(r, "", "  ")
		fmt.Fprintf(stdout, "%s\n", b)
	} else {
		printReport(stdout, r)
	}
	if err != nil {
		return &exitError{exitNoMedia, err}
	}
	return nil
}

// An exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// asExit gives what scripts tell apart a code.
func asExit(err error) error {
	var refused *rtsp.StatusError
	var stranger *tls.CertificateVerificationError
	switch {
	case errors.As(err, &stranger) && len(stranger.UnverifiedCertificates) > 0:
		return fmt.Errorf("%w; if you know it by its SHA-256, say so: --trust %X", err, sha256.Sum256(stranger.UnverifiedCertificates[0].Raw))
	case errors.Is(err, rtspclient.ErrCredentials), errors.Is(err, rtspclient.ErrBasic):
		return &exitError{exitCredentials, err}
	case errors.Is(err, rtspclient.ErrSilence):
		return &exitError{exitNoMedia, err}
	case errors.As(err, &refused) && (refused.Code == rtsp.StatusUnauthorized || refused.Code == rtsp.StatusForbidden):
		return &exitError{exitCredentials, err}
	case errors.Is(err, rtspclient.ErrNoWebSocket), errors.As(err, &refused) && refused.Code == rtsp.StatusNotFound:
		return &exitError{exitNotFound, err}
	}
	return err
}

func printReport(stdout io.Writer, r *probe.Report) {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintf(w, "%s\n\n", r.URL)
	if r.Server != "" {
		fmt.Fprintf(w, "server\t%s\n", r.Server)
	}
	fmt.Fprintf(w, "round trip\t%.1f ms\n", r.RoundTrip)
	if r.Timeout > 0 {
		fmt.Fprintf(w, "session timeout\t%d s\n", r.Timeout)
	}
	if r.Drift != nil {
		fmt.Fprintf(w, "clock drift\t%+.0f ppm\n", *r.Drift)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Transports)) {
		fmt.Fprintf(w, "over %s\t%s\n", strings.ToUpper(name), r.Transports[name])
	}
	for i, t := range r.Tracks {
		fmt.Fprintf(w, "track %d\t%s\n", i, describe(t))
	}
	fmt.Fprintln(w)
	for _, m := range slices.Sorted(maps.Keys(r.Methods)) {
		listed := ""
		if !slices.Contains(r.Listed, rtsp.Method(m)) {
			listed = ", not listed"
		}
		fmt.Fprintf(w, "%s\t%s%s\n", m, r.Methods[m], listed)
	}
	if len(r.Oddities) > 0 {
		fmt.Fprintln(w)
	}
	for _, s := range r.Oddities {
		fmt.Fprintf(w, "odd\t%s\n", s)
	}
}

// describe is a track in a line.
func describe(t *probe.Track) string {
	parts := []string{t.Type + " " + t.Codec}
	add := func(on bool, format string, args ...any) {
		if on {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(t.Profile != "", "%s", t.Profile)
	add(t.Width > 0, "%d×%d", t.Width, t.Height)
	add(t.FrameRate > 0, "%.4g pictures/s", t.FrameRate)
	add(t.Type == "audio" && t.ClockRate > 0, "%d Hz", t.ClockRate)
	add(t.Channels > 1, "%d channels", t.Channels)
	add(t.BitRate > 0, "%s", bitRate(t.BitRate))
	add(t.GOP > 0, "key picture every %.4g", t.GOP)
	add(true, "%d packets, %d lost, jitter %.1f ms", t.Packets, t.Lost, t.Jitter)
	return strings.Join(parts, ", ")
}

func bitRate(b float64) string {
	if b >= 1e6 {
		return fmt.Sprintf("%.2f Mb/s", b/1e6)
	}
	return fmt.Sprintf("%.0f kb/s", b/1e3)
}
