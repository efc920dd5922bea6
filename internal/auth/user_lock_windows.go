package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// lockFile is what is locked: the file of users itself is replaced by each change, and a folder cannot be. It stays, empty.
const lockFile = UsersFile + ".lock"

// lock has changes of the users of a folder wait for each other, whichever process makes them: of two at a time one would
// be lost. The lock of a process that dies ends with it.
func lock(state string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(state, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil // there is no folder, and no users
	}
	if err != nil {
		return nil, err
	}
	if err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &windows.Overlapped{}); err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return func() { f.Close() }, nil // which ends the lock
}

// giveTo does nothing: files inherit who may read them from the folder.
func giveTo(name, old, folder string) error { return nil }

// replacing is how long a file may be read by others until it can be replaced.
const replacing = 2 * time.Second

// replace gives a file the name of another, which is gone then. Windows does not let go of one that somebody reads: the server, another
// command, or what looks for viruses; none of them takes long.
func replace(from, to string) error {
	for end := time.Now().Add(replacing); ; time.Sleep(5 * time.Millisecond) {
		err := os.Rename(from, to)
		if !errors.Is(err, windows.ERROR_ACCESS_DENIED) && !errors.Is(err, windows.ERROR_SHARING_VIOLATION) || time.Now().After(end) {
			return err
		}
	}
}
