package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/load"
)

type result = load.Result

// filmRate is that of the stored film, in pictures a second, and of the floor beside it.
const filmRate = 30

// A rig is what candidates are measured on: the programs, in a folder of their own.
type rig struct {
	dir   string
	film  bool   // there is a film
	web   string // address of Baton's web side
	tls   string // address of Baton's RTSP over TLS
	peers []string
}

// prepare builds the programs.
func prepare(ctx context.Context) (*rig, error) {
	dir, err := os.MkdirTemp("", "baton-bench-")
	if err != nil {
		return nil, err
	}
	g := &rig{dir: dir}
	for _, address := range []*string{&g.web, &g.tls} {
		ln, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
		if err != nil {
			return nil, err
		}
		defer ln.Close()
		*address = ln.Addr().String()
	}
	for name, pkg := range map[string]string{"baton": "./cmd/baton", "load": "./bench/load"} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", g.program(name), pkg).CombinedOutput(); err != nil {
			g.close()
			return nil, fmt.Errorf("%s cannot be built: %w\n%s", pkg, err, out)
		}
	}
	for name, build := range map[string]*exec.Cmd{
		"gortsplib": exec.CommandContext(ctx, "go", "build", "-o", g.program("gortsplib"), "."),
		pulls:       exec.CommandContext(ctx, "sh", "-c", "cc -O2 -o \"$1\" main.c $(pkg-config --cflags --libs gstreamer-rtsp-server-1.0)", "cc", g.program(pulls)),
	} {
		build.Dir = filepath.Join("bench", "peers", name)
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Printf("without %s, which cannot be built: %v\n%s", name, err, out)
		} else {
			g.peers = append(g.peers, name)
		}
	}
	slices.Sort(g.peers)
	return g, nil
}

func (g *rig) close() { os.RemoveAll(g.dir) }

func (g *rig) program(name string) string { return filepath.Join(g.dir, name) }

// makeFilm has ffmpeg make a minute of noise.
func (g *rig) makeFilm(ctx context.Context) error {
	if g.film {
		return nil
	}
	media := filepath.Join(g.dir, "media")
	if err := os.MkdirAll(media, 0o755); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y",
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=1280x720:rate=%d:duration=60", filmRate), "-vf", "noise=alls=20:allf=t",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-b:v", "4M", "-maxrate", "4M", "-bufsize", "4M", filepath.Join(media, "film.mp4")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ffmpeg cannot make a film: %w\n%s", err, out)
	}
	g.film = true
	return nil
}

// undisturbed is Baton without those that join and leave, or stall.
const undisturbed = "calm"

// overTCP is Baton read over TCP, where the case is about WebSocket.
const overTCP = "over TCP"

// pulls is the peer that nobody can publish to: it pulls from Baton, in a process that is not measured.
const pulls = "gst"

// candidates are who takes part in a case.
func (g *rig) candidates(c *contest) []string {
	names := []string{"baton"}
	switch {
	case c.churn > 0 || c.stall:
		return append(names, undisturbed)
	case c.web:
		return append(names, overTCP)
	}
	if !c.alone {
		names = append(names, "floor")
	}
	for _, peer := range g.peers {
		if !c.stored && !c.tls && (peer != pulls || c.paths == 0 && !c.audio) {
			names = append(names, peer)
		}
	}
	return names
}

// contest runs all rounds of a case.
func (g *rig) contest(ctx context.Context, c *contest, rounds int, measure time.Duration) (list []outcome, err error) {
	if c.stored {
		if err := g.makeFilm(ctx); err != nil {
			return nil, err
		}
	}
	for round := range rounds {
		for _, name := range g.candidates(c) {
			r, err := g.race(ctx, c, name, measure)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", c.name, name, err)
			}
			list = append(list, outcome{c.name, name, round, r})
		}
	}
	return list, nil
}

// race measures one candidate.
func (g *rig) race(ctx context.Context, c *contest, name string, measure time.Duration) (*result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first := name
	if name == pulls {
		first = "baton"
	}
	server, base, err := g.serve(ctx, c, first)
	if err != nil {
		return nil, err
	}
	defer stop(server)
	url := base + "/load"
	if c.paths > 0 && name != "floor" {
		url += "%d"
	}
	if c.stored && name != "floor" {
		url = base + "/film.mp4"
	} else if name != "floor" {
		pub, err := g.publish(ctx, c, url)
		if err != nil {
			return nil, err
		}
		defer stop(pub)
	}
	if name == pulls {
		if server, base, err = listening(g.command(ctx, pulls, url)); err != nil {
			return nil, err
		}
		defer stop(server)
		url = base + "/load"
	}
	if c.tls && name == "baton" {
		url = "rtsps://" + g.tls + "/load"
	}
	disturbed := name != undisturbed
	if c.churn > 0 || c.stall {
		measure *= 4
	}
	args := []string{"read", "--url", url, "--paths", strconv.Itoa(max(c.paths, 1)), "-n", strconv.Itoa(c.readers), "--tracks", strconv.Itoa(max(c.tracks, 1)),
		"--look", strconv.Itoa(orDefault(c.look, 20)), "--measure", measure.String(), "--pid", strconv.Itoa(server.Process.Pid), flag("--udp", c.udp), flag("--stall", c.stall && disturbed)}
	if c.web && name != overTCP {
		args = append(args, "--websocket", "http://"+g.web+"/rtsp")
	}
	if c.spread != "" {
		args = append(args, "--spread", c.spread)
	}
	read := g.command(ctx, "load", args...)
	var churn *exec.Cmd
	var came bytes.Buffer
	if c.churn > 0 && disturbed {
		churn = g.command(ctx, "load", "churn", "--url", url, "-n", strconv.Itoa(c.churn), "--rate", strconv.Itoa(int(float64(c.churn)/measure.Seconds())))
		churn.Stdout = &came
	}
	return g.measure(read, churn, &came)
}

// measure runs the readers, and those that come and go when there are any.
func (g *rig) measure(read, churn *exec.Cmd, came *bytes.Buffer) (*result, error) {
	if churn != nil {
		if err := churn.Start(); err != nil {
			return nil, err
		}
	}
	out, err := read.Output()
	if churn != nil {
		err = errors.Join(err, churn.Wait())
	}
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	r := new(result)
	if err := json.Unmarshal(out, r); err != nil || churn == nil {
		return r, err
	}
	return r, json.Unmarshal(came.Bytes(), &r.Churned)
}

// publish starts the publisher of a case, and waits for a group of pictures.
func (g *rig) publish(ctx context.Context, c *contest, url string) (*exec.Cmd, error) {
	pub := g.command(ctx, "load", "pub", "--url", url, "--paths", strconv.Itoa(max(c.paths, 1)), "--bitrate", fmt.Sprint(c.bitRate),
		"--gop", strconv.Itoa(orDefault(c.gop, 60)), "--duration", "5m", flag("--udp", c.pubUDP), flag("--pace", c.pace), flag("--audio", c.audio))
	if err := pub.Start(); err != nil {
		return nil, err
	}
	select {
	case <-time.After(3 * time.Second):
	case <-ctx.Done():
	}
	return pub, ctx.Err()
}

// serve starts a candidate and returns where it listens.
func (g *rig) serve(ctx context.Context, c *contest, name string) (*exec.Cmd, string, error) {
	switch name {
	case "floor":
		mode := load.FloorTCP
		if c.udp {
			mode = load.FloorGSO
		} else if c.tls {
			mode = load.FloorTLS
		}
		return listening(g.command(ctx, "load", "floor", "--listen", "127.0.0.1:0", "--mode", string(mode), "--bitrate", fmt.Sprint(c.bitRate),
			"--phases", strconv.Itoa(max(c.phases, 1)), flag("--pace", c.pace), flag("--audio", c.audio && c.tracks > 1)))
	case "baton", undisturbed, overTCP:
		config := filepath.Join(g.dir, "baton.yml")
		text := "paths: {}\n"
		if c.coalesce != "" {
			text = fmt.Sprintf("paths: { \"**\": { coalesce: %s } }\n", c.coalesce)
		}
		if c.tls {
			text += "tls: { auto: true }\n"
		}
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			return nil, "", err
		}
		args := []string{"serve", "--config", config, "--rtsp", "127.0.0.1:0", "--udp", "0", "--http", g.web, "--api", "127.0.0.1:0",
			"--state", filepath.Join(g.dir, "state"), "--log-level", "warn"}
		if c.tls {
			args = append(args, "--rtsps", g.tls)
		}
		if g.film {
			args = append(args, "--media", filepath.Join(g.dir, "media"))
		}
		return listening(g.command(ctx, "baton", args...))
	}
	return listening(g.command(ctx, name))
}

// listening starts a server that prints an URL when it listens.
func listening(cmd *exec.Cmd) (*exec.Cmd, string, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		i := strings.Index(lines.Text(), "rtsp")
		if i < 0 {
			continue
		}
		base := strings.TrimSuffix(strings.Fields(lines.Text()[i:])[0], "/")
		if _, address, ok := strings.Cut(base, "://"); ok {
			if _, _, err := net.SplitHostPort(address); err == nil {
				return cmd, base, nil
			}
		}
	}
	stop(cmd)
	return nil, "", errors.Join(errors.New("the server said no URL"), lines.Err())
}

// command is a program of the rig; empty arguments are left out.
func (g *rig) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	var given []string
	for _, a := range args {
		if a != "" {
			given = append(given, a)
		}
	}
	cmd := exec.CommandContext(ctx, g.program(name), given...)
	if !slices.Contains(g.peers, name) { // gortsplib says a line for each packet that it loses
		cmd.Stderr = os.Stderr
	}
	return cmd
}

func orDefault(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

func flag(name string, on bool) string {
	if on {
		return name
	}
	return ""
}

// stop ends a program and waits for it.
func stop(cmd *exec.Cmd) {
	cmd.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() { // ends with the program
		cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		cmd.Process.Kill()
		<-ended
	}
}
