package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
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
		return fmt.Errorf("%w, or use --print", errNoState)
	}
	taken := fmt.Errorf("%s: %w: \"baton user password %[1]s\" gives another password, --replace other rights too", u.Name, auth.ErrExists)
	if !command.Print && !command.Replace { // before a password is asked for
		if kept, err := isKept(command.State, u.Name); err != nil || kept {
			return cmp.Or(err, taken)
		}
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
	switch err := auth.AddUser(command.State, u, command.Replace); {
	case errors.Is(err, auth.ErrExists):
		return taken
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(stdout, "User %s is kept in %s. A server that runs with this folder knows it now.\n", u.Name, command.State)
	return err
}

// errNoState is where a command finds no folder.
var errNoState = errors.New("there is no folder of users: name one with --state")

// isKept tells whether a state folder has a user of a name.
func isKept(state, name string) (bool, error) {
	users, err := auth.ReadUsers(state)
	return slices.ContainsFunc(users, func(u config.User) bool { return u.Name == name }), err
}

// setPassword gives a user another password.
func setPassword(command *config.UserPassword, stdin io.Reader, stdout, stderr io.Writer) error {
	if command.State == "" {
		return errNoState
	}
	if kept, err := isKept(command.State, command.Name); err != nil || !kept { // before a password is asked for
		return unknownUser(command.Name, command.State, cmp.Or(err, auth.ErrNoUser))
	}
	password, err := readPassword(stdin, stderr)
	if err != nil {
		return err
	}
	if err := auth.SetPassword(command.State, command.Name, password); err != nil {
		return unknownUser(command.Name, command.State, err)
	}
	_, err = fmt.Fprintf(stdout, "User %s has another password. A server that runs with this folder knows it now, and ends what the user has open.\n", command.Name)
	return err
}

// removeUser takes a user away.
func removeUser(command *config.UserRemove, stdout io.Writer) error {
	if command.State == "" {
		return errNoState
	}
	if err := auth.RemoveUser(command.State, command.Name); err != nil {
		return unknownUser(command.Name, command.State, err)
	}
	_, err := fmt.Fprintf(stdout, "User %s is gone. A server that runs with this folder ends what the user has open.\n", command.Name)
	return err
}

// unknownUser says where a name that nobody has may be looked for, if that is what is wrong.
func unknownUser(name, state string, err error) error {
	if errors.Is(err, auth.ErrNoUser) {
		return fmt.Errorf("%s: %w in %s; \"baton user list\" shows them, and those of a configuration file are changed there", name, auth.ErrNoUser, state)
	}
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
