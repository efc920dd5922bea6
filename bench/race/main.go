// Race runs the cases of bench/README.md: each with Baton, the floor and the other servers that can be built, in turn, and
// prints medians and their ratios. bench/compare calls it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Runs  int      `default:"3" help:"Rounds; medians are shown."`
	Quick bool     `help:"One short round of each case."`
	JSON  string   `help:"Write every result to a file." placeholder:"FILE"`
	Cases []string `arg:"" optional:"" help:"Cases to run; all of them by default."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	kong.Parse(&o, kong.Description("Measures Baton beside the floor and other servers."))
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "race:", err)
		os.Exit(1)
	}
}

// An outcome is one result of one candidate.
type outcome struct {
	Case      string  `json:"case"`
	Candidate string  `json:"candidate"`
	Round     int     `json:"round"`
	Result    *result `json:"result"`
}

func run(ctx context.Context, o *options) error {
	for _, name := range o.Cases {
		if !slices.ContainsFunc(cases, func(c contest) bool { return c.name == name }) {
			return fmt.Errorf("no case %q", name)
		}
	}
	measure := 8 * time.Second
	if o.Quick {
		o.Runs, measure = 1, 3*time.Second
	}
	g, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer g.close()
	var all []outcome
	for _, c := range cases {
		if len(o.Cases) > 0 && !slices.Contains(o.Cases, c.name) {
			continue
		}
		list, err := g.contest(ctx, &c, o.Runs, measure)
		if err != nil {
			return errors.Join(ctx.Err(), err)
		}
		all = append(all, list...)
		show(&c, list)
	}
	if o.JSON == "" {
		return nil
	}
	b, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(o.JSON, append(b, '\n'), 0o644)
}

// show prints the medians of a case, and what Baton's cost is to that of the others: the median and worst of the rounds.
func show(c *contest, list []outcome) {
	fmt.Printf("\n%s: %s\n", c.name, c.what)
	fmt.Printf("  %-10s %8s %12s %10s %10s %10s %10s %8s %6s  %s\n", "", "Gb/s", "CPU s/Gbit", "p50 ms", "p99 ms", "key p99", "set-up p99", "MB", "lost", "Baton is")
	names := candidatesOf(list)
	for _, name := range names {
		rs := resultsOf(list, name)
		m := func(f func(*result) float64) float64 { return median(rs, f) }
		note := ""
		if name != "baton" {
			note = comparison(c, resultsOf(list, "baton"), rs)
		}
		fmt.Printf("  %-10s %8.3f %12.4f %10.2f %10.2f %10.1f %10.1f %8.1f %6.0f  %s\n", name,
			m(func(r *result) float64 { return r.Gigabits / r.Seconds }), m(func(r *result) float64 { return r.CPU }),
			m(func(r *result) float64 { return r.LatencyP50 }), m(func(r *result) float64 { return r.LatencyP99 }),
			m(func(r *result) float64 { return r.KeyP99 }), m(func(r *result) float64 { return r.SetUpP99 }),
			m(func(r *result) float64 { return r.Resident }), m(func(r *result) float64 { return float64(r.Lost) }), note)
		for _, r := range rs {
			remark(name, r)
		}
	}
}

// remark says what the columns do not.
func remark(name string, r *result) {
	if r.Failed+r.Gone+r.Starved > 0 {
		fmt.Printf("  %-10s   %d readers could not be set up, %d were left, %d got nothing\n", "", r.Failed, r.Gone, r.Starved)
	}
	if s := r.Stalled; s != nil {
		fmt.Printf("  %-10s   the reader that had stalled skipped %d packets, went on with a key picture: %v, was back at the live edge: %v\n", name, s.Skipped, s.AtKey, s.Caught)
	}
	if c := r.Churned; c != nil {
		fmt.Printf("  %-10s   %d joined and left within %.0f s, first packet p99 %.1f ms; %d failed, %d got nothing\n", name, c.Joined, c.Seconds, c.FirstP99, c.Failed, c.Starved)
	}
}

// comparison is Baton beside another: its cost, and where latency is what counts, that too.
func comparison(c *contest, baton, other []*result) string {
	cost := func(r *result) float64 { return r.CPU }
	s := ratio(baton, other, cost)
	if c.phases > 1 || c.alone { // latencies of such a floor mean nothing
		return s
	}
	return s + ", p50 " + ratio(baton, other, func(r *result) float64 { return r.LatencyP50 }) + ", p99 " +
		ratio(baton, other, func(r *result) float64 { return r.LatencyP99 })
}

func candidatesOf(list []outcome) (names []string) {
	for _, o := range list {
		if !slices.Contains(names, o.Candidate) {
			names = append(names, o.Candidate)
		}
	}
	return names
}

func resultsOf(list []outcome, name string) (rs []*result) {
	for _, o := range list {
		if o.Candidate == name {
			rs = append(rs, o.Result)
		}
	}
	return rs
}

func median(rs []*result, f func(*result) float64) float64 {
	var list []float64
	for _, r := range rs {
		list = append(list, f(r))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// ratio compares Baton, round by round, with another.
func ratio(baton, other []*result, f func(*result) float64) string {
	var list []float64
	for i := range min(len(baton), len(other)) {
		if f(other[i]) > 0 {
			list = append(list, f(baton[i])/f(other[i]))
		}
	}
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	var b strings.Builder
	fmt.Fprintf(&b, "%.2f × (worst %.2f)", list[len(list)/2], list[len(list)-1])
	return b.String()
}
