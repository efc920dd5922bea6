package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/config"
)

// listUsers prints who is known, and nothing that is secret.
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
	fmt.Fprint(w, "NAME\tMAY\tPASSWORD\n")
	for _, u := range users {
		fmt.Fprintf(w, "%s\t%s\t%s\n", u.Name, rightsOf(u), keptOf(u))
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

// keptOf is how a user's password is kept.
func keptOf(u config.User) string {
	if !u.Password.IsZero() {
		return "as it is"
	}
	var list []string
	for _, hash := range []struct {
		name string
		kept config.Secret
	}{{"Argon2id", u.Argon2id}, {"SHA-256", u.SHA256}, {"MD5", u.MD5}} {
		if !hash.kept.IsZero() {
			list = append(list, hash.name)
		}
	}
	return strings.Join(list, ", ")
}
