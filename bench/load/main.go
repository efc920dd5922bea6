// Load loads an RTSP server and measures what comes of it; see bench/README.md.
//
//	load read  --url rtsp://127.0.0.1:8554/clock -n 300 [--udp] [--pid PID]
//	load churn --url rtsp://127.0.0.1:8554/clock -n 10000 [--rate 500] [--udp]
//	load pull  --url rtsp://127.0.0.1:8554/load%d -n 100 [--udp]
//	load pub   --url rtsp://127.0.0.1:8554/load [--bitrate 2e6] [--duration 1m]
//	load siege --target tcp://127.0.0.1:8554 -n 5000 --say "OPTIONS" --url rtsp://127.0.0.1:8554/clock [--pid PID]
//	load guess --url rtsp://USER:PASSWORD@127.0.0.1:8554/clock -n 10000 [--addresses 100]
//	load floor --listen 127.0.0.1:9554 --mode tcp|udp|gso|tls
//
// read, churn, pull, siege and guess print one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/alecthomas/kong"

	"github.com/baton-rtsp/baton/internal/load"
)

type commands struct {
	Read  read  `cmd:"" help:"Readers."`
	Churn churn `cmd:"" help:"Readers that join and leave."`
	Pull  pull  `cmd:"" help:"Sources that are pulled, by the client library."`
	Pub   pub   `cmd:"" help:"Publishers."`
	Siege siege `cmd:"" help:"Connections that want nothing, beside readers that do."`
	Guess guess `cmd:"" help:"Wrong passwords, beside a right one."`
	Floor floor `cmd:"" help:"A server that makes nothing but the system calls."`
}

type read struct {
	URL       string        `required:"" help:"What to read; %d in it becomes the reader's number modulo --paths."`
	Paths     int           `default:"1" help:"See --url."`
	N         int           `short:"n" default:"100" help:"How many readers."`
	Tracks    int           `default:"1" help:"How many of the first tracks each plays."`
	UDP       bool          `help:"Over UDP."`
	WebSocket string        `name:"websocket" help:"The http URL of RTSP over WebSocket, which the readers are to use."`
	AtOnce    int           `default:"16" help:"Set-ups at a time."`
	Spread    time.Duration `help:"Over which the readers arrive."`
	Settle    time.Duration `default:"2s" help:"Between the last set-up and measuring."`
	Measure   time.Duration `default:"8s" help:"How long is measured."`
	Look      int           `default:"20" help:"Every so many readers look into what they get."`
	Stall     bool          `help:"One reader more, over TCP, does not read while is measured."`
	PID       int           `help:"The server's process."`
}

func (c *read) Run(ctx context.Context) error {
	res, err := load.Read(ctx, load.ReadConfig{
		URL: c.URL, Paths: c.Paths, Readers: c.N, Tracks: c.Tracks, WebSocket: c.WebSocket, UDP: c.UDP, AtOnce: c.AtOnce, Look: c.Look, Spread: c.Spread, Settle: c.Settle, Measure: c.Measure, Stall: c.Stall, PID: c.PID,
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

type churn struct {
	URL  string `required:"" help:"What to read."`
	N    int    `short:"n" default:"10000" help:"How many readers in all."`
	Rate int    `default:"500" help:"How many join in a second."`
	UDP  bool   `help:"Over UDP."`
}

func (c *churn) Run(ctx context.Context) error {
	res, err := load.Churn(ctx, load.ChurnConfig{URL: c.URL, Joins: c.N, Rate: c.Rate, UDP: c.UDP})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

type pull struct {
	URL      string        `required:"" help:"What to pull; %d in it becomes the number of the source."`
	N        int           `short:"n" default:"100" help:"How many sources."`
	UDP      bool          `help:"Over UDP."`
	Duration time.Duration `default:"8s" help:"How long is measured."`
}

func (c *pull) Run(ctx context.Context) error {
	res, err := load.Pull(ctx, load.PullConfig{URL: c.URL, Sources: c.N, UDP: c.UDP, Duration: c.Duration})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

type pub struct {
	URL      string        `required:"" help:"Where to publish; %d in it becomes the publisher's number."`
	Paths    int           `default:"1" help:"How many publishers."`
	UDP      bool          `help:"Over UDP."`
	Bitrate  float64       `default:"2e6" help:"Bits a second."`
	Rate     int           `default:"30" help:"Pictures a second."`
	GOP      int           `default:"60" help:"Pictures in a group."`
	Packet   int           `default:"1400" help:"Bytes of an RTP packet."`
	Audio    bool          `help:"A second track, in the shape of AAC."`
	Pace     bool          `help:"Spread the packets of a picture over its time."`
	Duration time.Duration `default:"1m" help:"How long."`
}

func (c *pub) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Duration)
	defer cancel()
	return load.Publish(ctx, load.PublishConfig{
		URL: c.URL, Paths: c.Paths, UDP: c.UDP, BitRate: c.Bitrate, Rate: c.Rate, GOP: c.GOP, Packet: c.Packet, Pace: c.Pace, Audio: c.Audio,
	})
}

type siege struct {
	Target string        `required:"" help:"tcp:// or tls://HOST:PORT, or the http URL of RTSP over WebSocket."`
	Say    string        `help:"What each says, a byte a second, again and again; nothing without."`
	N      int           `short:"n" default:"5000" help:"How many connections."`
	URL    string        `required:"" help:"What the readers set up."`
	Hold   time.Duration `default:"20s" help:"How long, when all are there."`
	PID    int           `help:"The server's process."`
}

func (c *siege) Run(ctx context.Context) error {
	res, err := load.Siege(ctx, load.SiegeConfig{Target: c.Target, Say: c.Say, Conns: c.N, URL: c.URL, Hold: c.Hold, PID: c.PID})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

type guess struct {
	URL       string `required:"" help:"What is read, with the user and the password of who may."`
	N         int    `short:"n" default:"10000" help:"How many wrong passwords."`
	Addresses int    `default:"1" help:"From how many addresses of this machine."`
	AtOnce    int    `default:"64" help:"Guesses at a time."`
	PID       int    `help:"The server's process."`
}

func (c *guess) Run(ctx context.Context) error {
	res, err := load.Guess(ctx, load.GuessConfig{URL: c.URL, Guesses: c.N, Addresses: c.Addresses, AtOnce: c.AtOnce, PID: c.PID})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

type floor struct {
	Listen  string  `default:"127.0.0.1:9554" help:"Address."`
	Mode    string  `default:"tcp" help:"tcp, udp, gso or tls."`
	Bitrate float64 `default:"2e6" help:"Bits a second."`
	Rate    int     `default:"30" help:"Pictures a second."`
	Packet  int     `default:"1400" help:"Bytes of an RTP packet."`
	Pace    bool    `help:"Packet by packet, spread over the picture's time."`
	Audio   bool    `help:"A second track."`
	Phases  int     `default:"1" help:"Groups of readers that get their pictures one after the other."`
}

func (c *floor) Run(ctx context.Context) error {
	mode, err := load.ParseFloorMode(c.Mode)
	if err != nil {
		return err
	}
	return load.Floor(ctx, load.FloorConfig{
		Address: c.Listen, Mode: mode, BitRate: c.Bitrate, Rate: c.Rate, Packet: c.Packet, Pace: c.Pace, Phases: c.Phases, Audio: c.Audio,
	}, func(a net.Addr) {
		scheme := "rtsp://"
		if mode == load.FloorTLS {
			scheme = "rtsps://"
		}
		fmt.Println(scheme + a.String())
	})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Description("Loads an RTSP server and measures what comes of it."))
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}
