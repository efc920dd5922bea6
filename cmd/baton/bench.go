package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/load"
)

// bench loads a server with readers and prints what comes of it.
func bench(ctx context.Context, c *config.Bench, stdout, stderr io.Writer) error {
	ramp := c.Ramp
	if ramp == 0 && c.Rate > 0 {
		ramp = time.Duration(float64(c.Readers) / c.Rate * float64(time.Second))
	}
	p := newProgress(stderr) // so that JSON stays alone
	r, err := load.Read(ctx, load.ReadConfig{
		URL: c.URL, Readers: c.Readers, UDP: c.UDP, Spread: ramp, Settle: time.Second, Measure: c.Duration, TLS: verified(c.Trust), AllowBasic: c.BasicAuth,
		Progress: func(l load.Look) { p.show(func() string { return lookLine(l) }) },
	})
	p.end()
	if err != nil {
		return asExit(err)
	}
	if c.JSON {
		return json.NewEncoder(stdout).Encode(r)
	}
	printResult(stdout, r)
	return nil
}

// verified is how a server is verified, by the authorities of the system where no other is named.
func verified(t config.Trust) *tls.Config {
	if cfg := t.TLS(); cfg != nil {
		return cfg
	}
	return &tls.Config{}
}

// lookLine is a line while it runs.
func lookLine(l load.Look) string {
	return fmt.Sprintf("%v: %d readers, %d failed, %d gone, %s", l.After.Round(time.Second), l.Readers, l.Failed, l.Gone, bitRate(l.BitRate))
}

func printResult(stdout io.Writer, r *load.Result) {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintf(w, "readers\t%d, %d could not be set up, %d were left by the server, %d got nothing\n", r.Readers, r.Failed, r.Gone, r.Starved)
	fmt.Fprintf(w, "delivered\t%s, the slowest reader %s\n", bitRate(r.Gigabits*1e9/r.Seconds), bitRate(r.Slowest*1e6))
	if all := r.Packets + r.Lost; all > 0 {
		fmt.Fprintf(w, "lost\t%d of %d packets that were looked at\n", r.Lost, all)
	}
	row := func(name string, p50, p99 float64) {
		if p99 > 0 {
			fmt.Fprintf(w, "%s\tp50 %.1f ms\tp99 %.1f ms\n", name, p50, p99)
		}
	}
	row("set-up", r.SetUpP50, r.SetUpP99)
	row("first byte after PLAY", r.FirstP50, r.FirstP99)
	row("first key picture after PLAY", r.KeyP50, r.KeyP99)
	row("latency", r.LatencyP50, r.LatencyP99)
}
