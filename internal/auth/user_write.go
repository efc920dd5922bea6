package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/baton-rtsp/baton/internal/config"
)

// changeUsers makes others of the users of a state folder, one process at a time.
func changeUsers(state string, change func([]config.User) ([]config.User, error)) error {
	unlock, err := lock(state)
	if err != nil {
		return err
	}
	defer unlock()
	users, err := ReadUsers(state)
	if err != nil {
		return err
	}
	if users, err = change(users); err != nil {
		return err
	}
	text := usersText(users)
	if len(text) > config.MaxUsersFile {
		return errors.New("there are more users than " + UsersFile + " has room for")
	}
	return writeUsers(state, text)
}

// usersText is the file of users.
func usersText(users []config.User) string {
	var b strings.Builder
	b.WriteString("# Users of Baton, with hashes of their passwords; see \"baton user\". Keep it to yourself.\nusers:")
	if len(users) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, u := range users {
		if !u.Password.IsZero() { // somebody wrote it there by hand
			u = Hashed(u, u.Password)
		}
		b.WriteString(YAML(u))
	}
	return b.String()
}

// writeUsers writes it. Only its owner can read it. It is replaced as a whole: who reads it meanwhile reads the old one.
func writeUsers(state, text string) error {
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
	file := filepath.Join(state, UsersFile)
	if err == nil {
		err = giveTo(f.Name(), file, state)
	}
	if err != nil {
		return err
	}
	return replace(f.Name(), file)
}
