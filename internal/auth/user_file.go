package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/internal/config"
)

// UsersFile is the name of the file in the state folder that has users with the hashes of their passwords.
const UsersFile = "users.yml"

// What AddUser and RemoveUser return for a name that is taken, and for one that is nobody's.
var (
	ErrExists = errors.New("there is a user of that name")
	ErrNoUser = errors.New("there is no user of that name")
)

// ReadUsers reads the users of a state folder; none where it has no file of them.
func ReadUsers(state string) ([]config.User, error) {
	return config.LoadUsers(filepath.Join(state, UsersFile), config.Env{})
}

// AddUser adds a user to those of a state folder, which is made where it is not there. With replace it may be another of that name, who has
// its place then.
func AddUser(state string, u config.User, replace bool) error {
	users, err := ReadUsers(state)
	if err != nil {
		return err
	}
	switch i := slices.IndexFunc(users, func(x config.User) bool { return x.Name == u.Name }); {
	case i < 0:
		users = append(users, u)
	case replace:
		users[i] = u
	default:
		return fmt.Errorf("%q: %w", u.Name, ErrExists)
	}
	return writeUsers(state, users)
}

// RemoveUser takes a user out of those of a state folder.
func RemoveUser(state, name string) error {
	users, err := ReadUsers(state)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(users, func(u config.User) bool { return u.Name == name })
	if len(left) == len(users) {
		return fmt.Errorf("%q: %w", name, ErrNoUser)
	}
	return writeUsers(state, left)
}

// writeUsers writes the file. Only its owner can read it. It is replaced as a whole: who reads it meanwhile reads the old one.
func writeUsers(state string, users []config.User) error {
	text := "# Users of Baton, with hashes of their passwords; see \"baton user\". Keep it to yourself.\nusers:\n"
	if len(users) == 0 {
		text = strings.TrimSuffix(text, "\n") + " []\n"
	}
	for _, u := range users {
		if !u.Password.IsZero() { // somebody wrote it there by hand
			u = Hashed(u, u.Password)
		}
		text += YAML(u)
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(state, UsersFile+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // unless it is renamed
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(state, UsersFile))
}

// YAML is a user as it stands in the list of users of a configuration file, with hashes, but without a password.
func YAML(u config.User) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n    password: %s\n", quoted(u.Name), quoted(u.Hashes.Text().Reveal()))
	if len(u.Allow) > 0 {
		b.WriteString("    allow:\n")
	}
	for _, right := range u.Allow {
		fmt.Fprintf(&b, "      - { do: %s", listed(right.Do))
		if right.Path != "" {
			fmt.Fprintf(&b, ", path: %s", quoted(right.Path))
		}
		if len(right.From) > 0 {
			fmt.Fprintf(&b, ", from: %s", listed(right.From))
		}
		b.WriteString(" }\n")
	}
	return b.String()
}

// listed is a YAML list of strings.
func listed[T any](list []T) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = quoted(fmt.Sprint(x))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// quoted is a YAML string in single quotes, in which only these have a meaning.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// FirstUser makes an admin with a password that nobody knows yet, for a state folder without users.
func FirstUser(state string) (name, password string, err error) {
	name, password = "admin", rand.Text()[:20] // 100 bits
	all := []config.Right{{Do: []Action{Read, Publish, Admin}}}
	u := Hashed(config.User{Name: name, Allow: all}, config.NewSecret(password))
	return name, password, AddUser(state, u, false)
}
