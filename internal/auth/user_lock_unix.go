//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package auth

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock has changes of the users of a folder wait for each other, whichever process makes them: of two at a time one would
// be lost. Where the file system knows no locks it does nothing.
func lock(state string) (unlock func(), err error) {
	dir, err := os.Open(state)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil // and no users
	}
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			return func() { dir.Close() }, nil // which ends the lock
		}
	}
}

// giveTo gives a new file to whom the old one belongs, or the folder where there is none, when root has made it: the server
// that is to read it seldom runs as root.
func giveTo(name, old, folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(old)
	if err != nil {
		if info, err = os.Stat(folder); err != nil {
			return err
		}
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(name, int(owner.Uid), int(owner.Gid))
}

// replace gives a file the name of another, which is gone then.
func replace(from, to string) error { return os.Rename(from, to) }
