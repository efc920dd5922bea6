package config

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// printHelp prints the help of the command that the line selects. Without one
// it is the commands, and the flags of the one that runs when none is named.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	w := tabwriter.NewWriter(ctx.Stdout, 0, 0, 3, ' ', 0)
	command := ctx.Selected()
	if command == nil {
		command = ctx.Model.DefaultCmd
		fmt.Fprintf(w, "Baton serves media over RTSP. It needs no configuration.\n")
		fmt.Fprintf(w, "Usage: %s [COMMAND] [FLAGS]\n\nCommands:\n", ctx.Model.Name)
		for _, c := range ctx.Model.Children {
			fmt.Fprintf(w, "  %s\t%s\n", c.Name, c.Help)
		}
	} else {
		fmt.Fprintf(w, "%s\n\nUsage: %s\n", command.Help, command.Summary())
	}
	printFlags(w, command)
	return w.Flush()
}

// printFlags prints the flags of one command, each with its default.
func printFlags(w *tabwriter.Writer, command *kong.Command) {
	if len(command.Flags) == 0 {
		return
	}
	fmt.Fprintf(w, "\nFlags of %s, with their defaults:\n", command.Name)
	for _, f := range command.Flags {
		fmt.Fprintf(w, "  --%s %s\t%s\n", f.Name, strings.Trim(f.FormatPlaceHolder(), `"`), f.Help)
	}
}
