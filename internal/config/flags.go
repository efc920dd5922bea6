package config

import (
	"errors"

	"github.com/alecthomas/kong"
)

// commandLine is the grammar of the command line: one field a command.
type commandLine struct {
	Serve   serveFlags `cmd:"" default:"withargs" help:"Serve media over RTSP; the default."`
	Probe   Probe      `cmd:"" help:"Find out what an RTSP server offers, by trying it."`
	Methods Methods    `cmd:"" help:"Send an RTSP server each method in and out of its state."`
	Publish Publish    `cmd:"" help:"Publish a media file to an RTSP server, in real time."`
	Record  Record     `cmd:"" help:"Record what an RTSP server plays."`
	Bench   Bench      `cmd:"" help:"Load an RTSP server with readers and measure what comes of it."`
	Play    Play       `cmd:"" help:"Play what any RTSP server has, in a browser, with the protocol laid open."`
	Demo    Demo       `cmd:"" help:"Serve on this machine alone, and open a browser on the film that comes along."`
	User    userGroup  `cmd:"" help:"Users whom the server knows: user add, list, password, remove."`
	Version struct{}   `cmd:"" help:"Print the version."`
}

// userGroup is the commands about users.
type userGroup struct {
	Add      UserAdd      `cmd:"" help:"Make a user. The password is read from the terminal, or from standard input."`
	List     UserList     `cmd:"" help:"Who is known, and what they may do."`
	Password UserPassword `cmd:"" help:"Another password for a user. It is read from the terminal, or from standard input."`
	Remove   UserRemove   `cmd:"" help:"Take a user away, and end what the user has open."`
}

// serveFlags are the flags of serve. All but config are keys of the file too,
// which have their help and check their values.
type serveFlags struct {
	Config   flagText `name:"config" placeholder:"FILE" help:"Configuration file (YAML). A flag beats its key in the file."`
	RTSP     flagText `name:"rtsp" placeholder:"${rtsp_initial}" help:"${rtsp}"`
	RTSPS    flagText `name:"rtsps" placeholder:"${rtsps_initial}" help:"${rtsps}"`
	UDP      flagText `name:"udp" placeholder:"${udp_initial}" help:"${udp}"`
	HTTP     flagText `name:"http" placeholder:"${http_initial}" help:"${http}"`
	Origins  flagText `name:"origins" placeholder:"${origins_initial}" help:"${origins}"`
	API      flagText `name:"api" placeholder:"${api_initial}" help:"${api}"`
	Lab      flagText `name:"lab" placeholder:"${lab_initial}" help:"${lab}"`
	Media    flagText `name:"media" placeholder:"${media_initial}" help:"${media}"`
	State    flagText `name:"state" placeholder:"${state_initial}" help:"${state}"`
	LogLevel flagText `name:"log-level" placeholder:"${log_level_initial}" help:"${log_level}"`
}

// A flagText is the text of a flag that takes a value, and whether it was given: an
// empty text is a value too.
type flagText struct {
	text  string
	given bool
}

// Decode takes the flag's value from the command line.
func (f *flagText) Decode(ctx *kong.DecodeContext) error {
	if err := ctx.Scan.PopValueInto("value", &f.text); err != nil {
		return errors.New("a value is missing")
	}
	f.given = true
	return nil
}

// apply lays the flags over c and returns what is wrong with them.
func (f *serveFlags) apply(c *Config) []Problem {
	flags := map[string]flagText{
		"rtsp":      f.RTSP,
		"rtsps":     f.RTSPS,
		"udp":       f.UDP,
		"http":      f.HTTP,
		"origins":   f.Origins,
		"api":       f.API,
		"lab":       f.Lab,
		"media":     f.Media,
		"state":     f.State,
		"log-level": f.LogLevel,
	}
	var problems []Problem
	for _, k := range serverKeys {
		if flag := flags[k.name]; flag.given {
			if err := k.set(c, flag.text); err != nil {
				problems = append(problems, flagProblem(k.name, err))
			}
		}
	}
	return problems
}

func flagProblem(name string, err error) Problem {
	e := about("--"+name, err)
	return Problem{Key: name, Text: e.text, Hint: e.hint}
}
