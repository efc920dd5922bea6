package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/samefile"
)

// Kept are the users of a state folder, and what their file was when they were read. Not safe for concurrent use.
type Kept struct {
	state  string
	users  []config.User
	loaded fs.FileInfo // of what was read last; nil: there was no file
	seen   fs.FileInfo // when it was looked at last
	fault  string      // why it could not be read; ""

	load func(state string) ([]config.User, error)
}

// OpenKept reads the users of a state folder; none where it has no file of them.
func OpenKept(state string) (*Kept, error) {
	k := &Kept{state: state, load: ReadUsers}
	k.seen = k.look()
	return k, k.read()
}

// Users are those that were read last.
func (k *Kept) Users() []config.User { return k.users }

// First makes an admin with a password that nobody knows yet.
func (k *Kept) First() (name, password string, err error) {
	if name, password, err = firstUser(k.state); err != nil {
		return "", "", err
	}
	k.seen = k.look()
	return name, password, k.read()
}

// look is what the file is now; nil: it is not there.
func (k *Kept) look() fs.FileInfo {
	info, err := os.Stat(filepath.Join(k.state, UsersFile))
	if err != nil {
		return nil
	}
	return info
}

// read reads it.
func (k *Kept) read() error {
	k.loaded = k.seen
	users, err := k.load(k.state)
	if err == nil && users == nil && k.seen != nil && len(k.users) > 0 { // as where a disk is full
		err = errors.New("there is no list of users in it; users: [] is one of nobody")
	}
	if k.fault = ""; err != nil {
		k.fault = err.Error()
		return err
	}
	k.users = users
	return nil
}

// changed tells whether the file is another than was read, and rests. One that could not be read is another as long as that is
// so: who may read it does not show in what it was.
func (k *Kept) changed() bool {
	before := k.seen
	k.seen = k.look()
	return samefile.Unchanged(before, k.seen) && (k.fault != "" || !samefile.Unchanged(k.seen, k.loaded))
}
