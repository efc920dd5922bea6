package auth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// followEvery is how often the file of users is looked at. What has changed is read when it has not in the meantime again, so
// that nothing half written counts.
const followEvery = 500 * time.Millisecond

// A userFile is the file of users in a state folder, and what was in it.
type userFile struct {
	state  string
	fixed  []config.User // of the configuration: they count first
	users  []config.User // all
	loaded fs.FileInfo   // of what was read last; nil: there was no file
	seen   fs.FileInfo   // when it was looked at last
	fault  string        // why it could not be read; ""

	load func(state string) ([]config.User, error)
}

// A Standing tells whether somebody who was let in may still do something: a user who is there, has the same password, and the
// right. Who is known by others, or by nobody, stands as before.
type Standing func(principal string, r *Request) bool

func openUserFile(state string, fixed []config.User) (*userFile, error) {
	f := &userFile{state: state, fixed: fixed, load: ReadUsers}
	f.seen = f.look()
	return f, f.read()
}

// look is what the file is now; nil: it is not there.
func (f *userFile) look() fs.FileInfo {
	info, err := os.Stat(filepath.Join(f.state, UsersFile))
	if err != nil {
		return nil
	}
	return info
}

// read reads it.
func (f *userFile) read() error {
	f.loaded = f.seen
	kept, err := f.load(f.state)
	if err == nil && kept == nil && f.seen != nil && len(f.users) > len(f.fixed) { // as where a disk is full
		err = errors.New("there is no list of users in it; users: [] is one of nobody")
	}
	if f.fault = ""; err != nil {
		f.fault = err.Error()
		return err
	}
	f.users = append(f.fixed[:len(f.fixed):len(f.fixed)], kept...)
	return nil
}

// hidden are the names of those in the file of whom the configuration has others, who count.
func (f *userFile) hidden() (names []string) {
	for _, u := range f.users[len(f.fixed):] {
		if indexOf(f.fixed, u.Name) >= 0 {
			names = append(names, u.Name)
		}
	}
	return names
}

// tellHidden has people know why one whom they have just added does not get in.
func (a *authority) tellHidden() {
	if names := a.file.hidden(); names != nil {
		a.log.Warn("users in "+UsersFile+" do not count: the configuration has others of their names", "users", names)
	}
}

// changed tells whether the file is another than was read, and rests. One that could not be read is another as long as that is
// so: who may read it does not show in what it was.
func (f *userFile) changed() bool {
	before := f.seen
	f.seen = f.look()
	return unchanged(before, f.seen) && (f.fault != "" || !unchanged(f.seen, f.loaded))
}

// unchanged tells whether a file is the one that it was, as it was.
func unchanged(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// Follow reads users again. A file that cannot be read leaves those before it, with a line in the log; one that is gone has none.
func (a *authority) Follow(ctx context.Context, changed func(Standing)) {
	if a.file == nil {
		return
	}
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if !a.file.changed() {
			continue
		}
		fault := a.file.fault
		if err := a.file.read(); err != nil {
			if a.file.fault != fault {
				a.log.Warn("the users in "+UsersFile+" cannot be read, those before count", "err", err)
			}
			continue
		}
		same := a.users.replace(a.file.users)
		for _, u := range a.file.users {
			if !same[u.Name] { // who is new, or has a new password, need not wait because it was wrong before
				a.limiter.forget(u.Name)
			}
		}
		a.log.Info("users read again", "users", len(a.file.users))
		a.tellHidden()
		changed(a.standing(same))
	}
}

// standing is that of now, where some log in as before.
func (a *authority) standing(same map[string]bool) Standing {
	return func(principal string, r *Request) bool {
		if principal == "" || strings.Contains(principal, ":") { // as no name of a user does
			return true
		}
		return same[principal] && (may(a.users.find(principal).cfg.Allow, r) || may(a.anonymous, r))
	}
}
