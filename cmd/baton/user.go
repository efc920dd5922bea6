package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
)

// maxPasswordLine is the most that is read of a password, in bytes.
const maxPasswordLine = 1024

// addUser makes a user, and keeps or prints it. The password never stands on a command line.
func addUser(command *config.UserAdd, stdin io.Reader, stdout, stderr io.Writer) error {
	u, err := command.User()
	if err != nil {
		return err
	}
	if command.State == "" && !command.Print {
		return errors.New("there is no folder to keep users in: name one with --state, or use --print")
	}
	password, err := readPassword(stdin, stderr)
	if err != nil {
		return err
	}
	u = auth.Hashed(u, password)
	if command.Print {
		_, err := io.WriteString(stdout, auth.YAML(u))
		return err
	}
	if err := auth.AddUser(command.State, u); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "User %s is kept in %s. A server that runs knows it after its next start.\n", u.Name, command.State)
	return err
}

// readPassword asks twice at a terminal, without showing it; else it takes the first line.
func readPassword(stdin io.Reader, stderr io.Writer) (config.Secret, error) {
	f, ok := stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(stdin, maxPasswordLine)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return config.Secret{}, err
		}
		return config.ParsePassword(strings.TrimRight(line, "\r\n"))
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(stderr, what)
		defer fmt.Fprintln(stderr)
		b, err := term.ReadPassword(int(f.Fd()))
		return string(b), err
	}
	first, err := ask("Password: ")
	if err != nil {
		return config.Secret{}, err
	}
	again, err := ask("Again: ")
	if err != nil {
		return config.Secret{}, err
	}
	if first != again {
		return config.Secret{}, errors.New("the two are not the same")
	}
	return config.ParsePassword(first)
}
