package config

import (
	"cmp"
	"slices"
	"strconv"
)

// Load reads a command line, without the name of the program, and the
// configuration file that it names. The error, if any, is an [*Error].
func Load(args []string, env Env) (Command, error) {
	flags, other, err := parseArgs(args, env)
	if err != nil {
		return nil, err
	}
	if state := stateFlag(other); state != nil {
		*state = env.stateOf(*state)
	}
	if other != nil {
		return other, nil
	}
	config, err := loadConfig(flags, env)
	if err != nil {
		return nil, err
	}
	return &Serve{Config: config}, nil
}

// stateFlag is the --state of a command about users, nil for others.
func stateFlag(c Command) *string {
	switch c := c.(type) {
	case *UserAdd:
		return &c.State
	case *UserList:
		return &c.State
	case *UserPassword:
		return &c.State
	case *UserRemove:
		return &c.State
	}
	return nil
}

// loadConfig lays the file over the defaults and the flags over the file.
func loadConfig(flags *serveFlags, env Env) (*Config, error) {
	config := defaults()
	r := fileReader{config: config, lines: make(map[string]int)}
	if flags.Config.given {
		r.open(flags.Config.text, env)
	}
	problems := append(flags.apply(config), r.problems...)
	if err := env.findFolders(config); err != nil {
		problems = append(problems, mediaProblem(config.Media, err, flags, &r))
	}
	if key, err := config.TLS.fault(); err != nil && len(r.problems) == 0 {
		problems = append(problems, Problem{File: r.file, Line: r.lines[key], Key: key, Text: err.Error()})
	}
	if flags.RTSPS.given && config.RTSPS != "" && len(problems) == 0 && !config.TLS.On() {
		problems = append(problems, flagProblem("rtsps", &valueError{text: "there is no certificate: set tls in the configuration file"}))
	}
	if len(problems) == 0 {
		return config, nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return nil, &Error{Problems: slices.Compact(problems)}
}

// stateOf is the state folder that a text means: one of its own if there is no text, "" if it is off.
func (e Env) stateOf(text string) string {
	switch text {
	case "":
		return e.stateFolder()
	case "off":
		return ""
	}
	return text
}

// findFolders fills in the folders that were not given. The error is what is
// wrong with a media folder that was.
func (e Env) findFolders(c *Config) error {
	c.State = e.stateOf(c.State)
	if c.Media != "" {
		return e.checkFolder(c.Media)
	}
	if e.checkFolder(defaultMedia) == nil {
		c.Media = defaultMedia
	}
	return nil
}

// mediaProblem is err at the place where the media folder was given.
func mediaProblem(folder string, err error, flags *serveFlags, r *fileReader) Problem {
	err = about(strconv.Quote(folder), err)
	if flags.Media.given {
		return flagProblem("media", err)
	}
	return Problem{File: r.file, Line: r.lines["media"], Key: "media", Text: about("media", err).text}
}
