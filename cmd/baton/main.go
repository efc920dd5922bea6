// Baton is an RTSP server, and tools for any RTSP server. See "baton --help".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/baton-rtsp/baton/internal/config"
)

// Exit codes of run.
const (
	exitOK     = 0
	exitFailed = 1 // it could not do, or go on doing, what was asked
	exitUsage  = 2 // what was asked is wrong: a flag or the configuration
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends run in order; a second one then ends the process.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run does what args, without the name of the program, ask for and returns the
// exit code. It ends when that is done or ctx is.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command, err := config.Load(args, config.Env{})
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	switch command := command.(type) {
	case *config.Help:
		io.WriteString(stdout, command.Text)
	case *config.Version:
		fmt.Fprintln(stdout, "baton", version())
	case *config.Serve:
		err = serve(ctx, command.Config, stdout, stderr)
	case *config.Probe:
		err = probeServer(ctx, command, stdout)
	case *config.Methods:
		err = tryMethods(ctx, command, stdout)
	case *config.Publish:
		err = publish(ctx, command, os.Stdin, stdout)
	case *config.Record:
		err = recordServer(ctx, command, stdout)
	case *config.UserAdd:
		err = addUser(command, os.Stdin, stdout, stderr)
	case *config.UserList:
		err = listUsers(command, stdout)
	case *config.UserPassword:
		err = setPassword(command, os.Stdin, stdout, stderr)
	case *config.UserRemove:
		err = removeUser(command, stdout)
	case *config.Bench:
		err = bench(ctx, command, stdout, stderr)
	case *config.Play:
		err = play(ctx, command, stdout, stderr)
	case *config.Demo:
		err = demo(ctx, command, stdout, stderr)
	}
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "baton:", complaint(err))
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return exitFailed
}

// version is the version of the module as Go built it: a tag, a commit, or
// (devel).
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
