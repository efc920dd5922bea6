package config

// Command is what a command line asks for: a *Serve, *Version or *Help.
type Command interface {
	command()
}

// Serve is the command "serve", also when none is named: run the server.
type Serve struct {
	Config *Config
}

// Version is the command "version": print the version.
type Version struct{}

// Help is --help: print Text, which ends in a newline.
type Help struct {
	Text string
}

func (*Serve) command()   {}
func (*Version) command() {}
func (*Help) command()    {}
