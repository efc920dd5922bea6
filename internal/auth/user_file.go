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

// What changes of users return for a name that is taken, and for one that is nobody's.
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
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	return changeUsers(state, func(users []config.User) ([]config.User, error) {
		switch i := indexOf(users, u.Name); {
		case i < 0:
			users = append(users, u)
		case replace:
			users[i] = u
		default:
			return nil, fmt.Errorf("%q: %w", u.Name, ErrExists)
		}
		return users, nil
	})
}

// SetPassword gives a user of a state folder another password; what the user may do stays.
func SetPassword(state, name string, password config.Secret) error {
	return changeUsers(state, func(users []config.User) ([]config.User, error) {
		i := indexOf(users, name)
		if i < 0 {
			return nil, fmt.Errorf("%q: %w", name, ErrNoUser)
		}
		users[i] = Hashed(users[i], password)
		return users, nil
	})
}

// RemoveUser takes a user out of those of a state folder.
func RemoveUser(state, name string) error {
	return changeUsers(state, func(users []config.User) ([]config.User, error) {
		i := indexOf(users, name)
		if i < 0 {
			return nil, fmt.Errorf("%q: %w", name, ErrNoUser)
		}
		return slices.Delete(users, i, i+1), nil
	})
}

func indexOf(users []config.User, name string) int {
	return slices.IndexFunc(users, func(u config.User) bool { return u.Name == name })
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

// firstUser makes an admin with a password that nobody knows yet, for a state folder without users.
func firstUser(state string) (name, password string, err error) {
	name, password = "admin", rand.Text()[:20] // 100 bits
	all := []config.Right{{Do: []Action{Read, Publish, Admin}}}
	u := Hashed(config.User{Name: name, Allow: all}, config.NewSecret(password))
	return name, password, AddUser(state, u, false)
}
