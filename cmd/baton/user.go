package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

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
		return fmt.Errorf("%w; --replace gives another password and other rights", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(stdout, "User %s is kept in %s. A server that runs with this folder knows it now.\n", u.Name, command.State)
	return err
}

// errNoState is where a command finds no folder.
var errNoState = errors.New("there is no folder of users: name one with --state")

// listUsers prints who is known.
func listUsers(command *config.UserList, stdout io.Writer) error {
	if command.State == "" {
		return errNoState
	}
	users, err := auth.ReadUsers(command.State)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		_, err := fmt.Fprintf(stdout, "There is no user in %s.\n", command.State)
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, u := range users {
		fmt.Fprintf(w, "%s\t%s\n", u.Name, rightsOf(u))
	}
	return w.Flush()
}

// rightsOf is what a user may do, in words.
func rightsOf(u config.User) string {
	if len(u.Allow) == 0 {
		return "nothing"
	}
	var parts []string
	for _, r := range u.Allow {
		var do []string
		for _, a := range r.Do {
			do = append(do, string(a))
		}
		part := strings.Join(do, ", ")
		if r.Path != "" {
			part += " " + r.Path
		}
		for _, from := range r.From {
			part += " from " + from.String()
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// removeUser takes a user away.
func removeUser(command *config.UserRemove, stdout io.Writer) error {
	if command.State == "" {
		return errNoState
	}
	if err := auth.RemoveUser(command.State, command.Name); err != nil {
		return err
	}
	_, err := fmt.Fprintf(stdout, "User %s is gone. A server that runs with this folder ends what the user has open.\n", command.Name)
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
