package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/baton-rtsp/baton/internal/config"
)

// UsersFile is the name of the file in the state folder that has users with the hashes of their passwords.
const UsersFile = "users.yml"

// ErrExists is what AddUser returns for a name that is taken.
var ErrExists = errors.New("there is a user of that name")

// ReadUsers reads the users of a state folder; none where it has no file of them.
func ReadUsers(state string) ([]config.User, error) {
	return config.LoadUsers(filepath.Join(state, UsersFile), config.Env{})
}

// AddUser adds a user to those of a state folder, which is made where it is not there. Only the owner of the file
// can read it. It is replaced as a whole: who reads it meanwhile reads the old one.
func AddUser(state string, u config.User) error {
	users, err := ReadUsers(state)
	if err != nil {
		return err
	}
	text := "# Users of Baton, with hashes of their passwords; see \"baton user add\". Keep it to yourself.\nusers:\n"
	for _, other := range users {
		if other.Name == u.Name {
			return fmt.Errorf("%q: %w", u.Name, ErrExists)
		}
		if !other.Password.IsZero() { // somebody wrote it there by hand
			other = Hashed(other, other.Password)
		}
		text += YAML(other)
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(state, UsersFile+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // unless it is renamed
	_, err = f.WriteString(text + YAML(u))
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

// YAML is a user as it stands below users in a configuration file, with hashes, but without a password.
func YAML(u config.User) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s:\n", quoted(u.Name))
	for _, hash := range []struct {
		name string
		of   config.Secret
	}{{"sha-256", u.SHA256}, {"md5", u.MD5}, {"argon2id", u.Argon2id}} {
		if !hash.of.IsZero() {
			fmt.Fprintf(&b, "    %s: %s\n", hash.name, quoted(hash.of.Reveal()))
		}
	}
	for _, list := range []struct {
		name string
		of   []string
	}{{"read", u.Read}, {"replay", u.Replay}, {"publish", u.Publish}} {
		if len(list.of) > 0 {
			fmt.Fprintf(&b, "    %s: %s\n", list.name, quoted(strings.Join(list.of, " ")))
		}
	}
	if u.Admin {
		b.WriteString("    admin: true\n")
	}
	var from []string
	for _, p := range u.From {
		from = append(from, p.String())
	}
	if len(from) > 0 {
		fmt.Fprintf(&b, "    from: %s\n", quoted(strings.Join(from, " ")))
	}
	return b.String()
}

// quoted is a YAML string in single quotes, in which only these have a meaning.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// FirstUser makes an admin with a password that nobody knows yet, for a state folder without users.
func FirstUser(state string) (name, password string, err error) {
	name, password = "admin", rand.Text()[:20] // 100 bits
	all := []string{"**"}
	u := Hashed(config.User{Name: name, Rights: config.Rights{Read: all, Replay: all, Publish: all, Admin: true}}, config.NewSecret(password))
	return name, password, AddUser(state, u)
}
