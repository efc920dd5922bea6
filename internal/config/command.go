package config

import (
	"fmt"
	"time"
)

// Command is what a command line asks for: a *Serve, *Probe, *Methods, *Publish,
// *Record, *Bench, *Play, *Demo, *UserAdd, *UserList, *UserPassword, *UserRemove,
// *Version or *Help.
type Command interface {
	command()
}

// Serve is the command "serve", also when none is named: run the server.
type Serve struct {
	Config *Config
}

// Probe is the command "probe": find out what a server offers.
type Probe struct {
	URL       string        `arg:"" help:"What to look at, rtsp://…"`
	JSON      bool          `name:"json" help:"Print JSON."`
	Duration  time.Duration `default:"5s" help:"How long media is measured."`
	Trust     Trust         `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth bool          `help:"Send the password in clear text when the server asks for nothing better."`
}

// Methods is the command "methods": try each method.
type Methods struct {
	URL       string `arg:"" help:"What to try them on, rtsp://…"`
	JSON      bool   `name:"json" help:"Print JSON."`
	Trust     Trust  `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth bool   `help:"Send the password in clear text when the server asks for nothing better."`
}

// Publish is the command "publish": send a file to a server.
type Publish struct {
	File      string  `arg:"" help:"Media file, or - for standard input: MPEG-TS, or H.264 or H.265 as encoders write it."`
	URL       string  `arg:"" help:"Where to, rtsp://…"`
	Loop      bool    `help:"Begin again at the end, without a break."`
	FrameRate float64 `default:"25" help:"Pictures a second of what does not say so itself: H.264, H.265, motion JPEG."`
	Transport string  `enum:"auto,udp,tcp" default:"auto" help:"auto, udp or tcp."`
	Trust     Trust   `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth bool    `help:"Send the password in clear text when the server asks for nothing better."`
}

// Record is the command "record": write what a server plays to a file.
type Record struct {
	URL       string        `arg:"" help:"What to record, rtsp://…"`
	File      string        `arg:"" help:"File to write: .mp4, .mjpeg or .rtpdump."`
	Duration  time.Duration `help:"How long; 0: until it ends or Ctrl-C."`
	Segment   time.Duration `help:"How long one file is, when there are to be several, numbered; 0: one."`
	Transport string        `enum:"auto,udp,tcp,multicast" default:"auto" help:"auto, udp, tcp or multicast."`
	Trust     Trust         `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth bool          `help:"Send the password in clear text when the server asks for nothing better."`
}

// Bench is the command "bench": load a server.
type Bench struct {
	URL       string        `arg:"" help:"What to read, rtsp://…"`
	Readers   int           `short:"n" default:"100" help:"How many readers."`
	UDP       bool          `name:"udp" help:"Over UDP instead of TCP."`
	Rate      float64       `default:"0" help:"How many arrive in a second; 0: as fast as they can."`
	Ramp      time.Duration `help:"The time over which they arrive, instead of --rate."`
	Duration  time.Duration `default:"10s" help:"How long is measured."`
	JSON      bool          `name:"json" help:"Print JSON at the end."`
	Trust     Trust         `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth bool          `help:"Send the password in clear text when the server asks for nothing better."`
}

// Play is the command "play": play what any server has, in a browser.
type Play struct {
	URL        string        `arg:"" help:"What to play: rtsp://…, rtsps://…, ws://… or wss://…"`
	Transport  string        `enum:"auto,udp,tcp" default:"auto" help:"auto (UDP, or TCP where nothing comes), udp or tcp."`
	Patience   time.Duration `default:"3s" help:"How long nothing may come over UDP until TCP is tried, 100ms to 8s."`
	ClientPort uint16        `help:"Even UDP port from which on packets are received; 0: any."`
	Headless   bool          `help:"Without a page: print what comes."`
	NoBrowser  bool          `help:"Print the address of the page, and open no browser."`
	Listen     string        `default:"127.0.0.1:0" help:"Address of the page."`
	Trust      Trust         `placeholder:"WHO" help:"SHA-256 of the server's certificate, or a file of authorities, for rtsps."`
	BasicAuth  bool          `help:"Send the password in clear text when the server asks for nothing better."`
}

// Demo is the command "demo": the server, and a browser that plays its film.
type Demo struct {
	NoBrowser bool `help:"Print the address of the page, and open no browser."`
}

// UserAdd is the command "user add": make a user whom the server knows.
type UserAdd struct {
	Name    string   `arg:"" help:"The name."`
	Read    []string `help:"Patterns of paths whose media may be played, live and stored. A user with no rights named may play all."`
	Replay  []string `help:"Patterns of paths of which only stored media may be played."`
	Publish []string `help:"Patterns of paths to which media may be published."`
	Admin   bool     `help:"The user may use the admin API."`
	Replace bool     `help:"There may be a user of that name, who gets this password and these rights instead."`
	Print   bool     `help:"Print what belongs below users in a configuration file, instead of keeping it."`
	State   string   `help:"Folder in which users are kept, in users.yml; the server's --state."`
}

// UserList is the command "user list": who is known.
type UserList struct {
	State string `help:"Folder in which users are kept, in users.yml; the server's --state."`
}

// UserPassword is the command "user password": another password for a user, and nothing else.
type UserPassword struct {
	Name  string `arg:"" help:"The name."`
	State string `help:"Folder in which users are kept, in users.yml; the server's --state."`
}

// UserRemove is the command "user remove".
type UserRemove struct {
	Name  string `arg:"" help:"The name."`
	State string `help:"Folder in which users are kept, in users.yml; the server's --state."`
}

// User is the user as far as flags tell: all but the password.
func (a *UserAdd) User() (User, error) {
	name, err := ParseUserName(a.Name)
	if err != nil {
		return User{}, err
	}
	u := User{Name: name}
	for _, flag := range []struct {
		do    Action
		paths []string
	}{{ActionRead, a.Read}, {ActionReplay, a.Replay}, {ActionPublish, a.Publish}} {
		for _, path := range flag.paths {
			pattern, err := parsePattern(path)
			if err != nil {
				return User{}, err
			}
			u.Allow = append(u.Allow, Right{Do: []Action{flag.do}, Path: pattern})
		}
	}
	if a.Admin {
		u.Allow = append(u.Allow, Right{Do: []Action{ActionAdmin}})
	}
	if u.Allow == nil {
		u.Allow = []Right{{Do: []Action{ActionRead}}}
	}
	return u, nil
}

// Validate refuses a time in which nothing can come, or for which no page waits.
func (p *Play) Validate() error {
	if p.Patience < 100*time.Millisecond || p.Patience > 8*time.Second {
		return fmt.Errorf("--patience is 100ms to 8s, not %v", p.Patience)
	}
	return nil
}

// Validate refuses what makes no user.
func (a *UserAdd) Validate() error {
	_, err := a.User()
	return err
}

// Version is the command "version": print the version.
type Version struct{}

// Help is --help: print Text, which ends in a newline.
type Help struct {
	Text string
}

func (*Serve) command()        {}
func (*Probe) command()        {}
func (*Methods) command()      {}
func (*Publish) command()      {}
func (*Record) command()       {}
func (*Bench) command()        {}
func (*Play) command()         {}
func (*Demo) command()         {}
func (*UserAdd) command()      {}
func (*UserList) command()     {}
func (*UserPassword) command() {}
func (*UserRemove) command()   {}
func (*Version) command()      {}
func (*Help) command()         {}
