package config

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// parseArgs returns the flags of serve, or another command.
func parseArgs(args []string, env Env) (flags *serveFlags, other Command, err error) {
	var line commandLine
	var text bytes.Buffer
	asked := false
	parser, err := kong.New(&line,
		kong.Name("baton"),
		kong.Help(printHelp),
		kong.Writers(&text, &text),
		kong.Exit(func(int) { asked = true }),
		helpVars(env))
	if err != nil {
		return nil, nil, &Error{[]Problem{{Text: err.Error()}}}
	}
	if p, ok := unreadable(args); ok {
		return nil, nil, &Error{[]Problem{p}}
	}
	if p, ok := unknownCommand(parser.Model, args); ok {
		return nil, nil, &Error{[]Problem{p}}
	}
	ctx, err := parser.Parse(args)
	switch {
	case asked:
		return nil, &Help{Text: text.String()}, nil
	case err != nil:
		return nil, nil, &Error{[]Problem{usageProblem(err)}}
	}
	if p, ok := emptyFlag(ctx); ok {
		return nil, nil, &Error{[]Problem{p}}
	}
	return &line.Serve, line.other(ctx.Selected().Name), nil
}

// other is the command of a name, nil for serve.
func (l *commandLine) other(name string) Command {
	switch name {
	case "probe":
		return &l.Probe
	case "methods":
		return &l.Methods
	case "publish":
		return &l.Publish
	case "record":
		return &l.Record
	case "bench":
		return &l.Bench
	case "play":
		return &l.Play
	case "demo":
		return &l.Demo
	case "add":
		return &l.User.Add
	case "list":
		return &l.User.List
	case "password":
		return &l.User.Password
	case "remove":
		return &l.User.Remove
	case "version":
		return &Version{}
	}
	return nil
}

// unreadable finds an argument that is not UTF-8. The parser would put other letters in place of its bytes: a user would get another
// name, and a file too. It is not quoted, since it can hold a password.
func unreadable(args []string) (Problem, bool) {
	i := slices.IndexFunc(args, func(arg string) bool { return !utf8.ValidString(arg) })
	return Problem{Text: fmt.Sprintf("argument %d is not UTF-8", i+1)}, i >= 0
}

// emptyFlag finds a flag of another command than serve, whose flags look for themselves, that was given nothing, as by a variable of a
// shell that is not set. It would be as if the flag were not there: a user with no patterns would get all paths.
func emptyFlag(ctx *kong.Context) (Problem, bool) {
	for _, step := range ctx.Path {
		if step.Flag == nil {
			continue
		}
		switch v := step.Flag.Target; v.Kind() {
		case reflect.String, reflect.Slice:
			if v.Len() == 0 {
				return Problem{Text: "--" + step.Flag.Name + ": there is nothing behind it"}, true
			}
		}
	}
	return Problem{}, false
}

// unknownCommand finds a first word that is no command. The parser would take it
// for an argument of serve.
func unknownCommand(app *kong.Application, args []string) (Problem, bool) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return Problem{}, false
	}
	commands := []string{"--help"}
	for _, c := range app.Children {
		commands = append(commands, c.Name)
	}
	if slices.Contains(commands, args[0]) {
		return Problem{}, false
	}
	return Problem{Text: fmt.Sprintf("unknown command %q", args[0]), Hint: nearest(args[0], commands)}, true
}

// usageProblem takes the hint out of the parser's sentence.
func usageProblem(err error) Problem {
	text, hint, _ := strings.Cut(err.Error(), ", did you mean ")
	hint, _, _ = strings.Cut(strings.TrimPrefix(hint, "one of "), ",") // the nearest
	return Problem{Text: text, Hint: strings.ReplaceAll(strings.TrimSuffix(hint, "?"), `"`, "")}
}

// helpVars gives the grammar the help and the defaults of the keys.
func helpVars(env Env) kong.Vars {
	vars := kong.Vars{}
	for _, k := range serverKeys {
		name := strings.ReplaceAll(k.name, "-", "_")
		vars[name] = k.help
		vars[name+"_initial"] = cmp.Or(k.initial, k.example)
	}
	if folder := env.tildeState(); folder != "" {
		vars["state_initial"] = strings.ReplaceAll(folder, "$", "$$") // $ begins a variable
	}
	return vars
}
