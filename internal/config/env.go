package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// Env is the world as Load sees it. The zero value is the real one.
type Env struct {
	// Getenv returns an environment variable; nil is os.Getenv.
	Getenv func(key string) string

	// Open opens a file or a folder; nil is os.Open.
	Open func(name string) (fs.File, error)

	// OS is the operating system in the words of runtime.GOOS; empty is the
	// one that runs.
	OS string
}

// defaultMedia is the media folder when none is given.
const defaultMedia = "./media"

func (e Env) getenv(key string) string {
	if e.Getenv == nil {
		return os.Getenv(key)
	}
	return e.Getenv(key)
}

func (e Env) open(name string) (fs.File, error) {
	if e.Open == nil {
		return os.Open(name)
	}
	return e.Open(name)
}

// readFile reads a configuration file whole, unless it has more than limit bytes, a number of MiB.
func (e Env) readFile(name string, limit int) ([]byte, error) {
	f, err := e.open(name)
	if err != nil {
		return nil, sentence(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, sentence(err)
	}
	if len(data) > limit {
		return nil, &valueError{text: fmt.Sprintf("larger than %d MiB, which no configuration is", limit>>20)}
	}
	return data, nil
}

// checkFolder returns why name is not a folder that can be read.
func (e Env) checkFolder(name string) error {
	f, err := e.open(name)
	if err != nil {
		return sentence(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sentence(err)
	}
	if !info.IsDir() {
		return &valueError{text: "not a folder"}
	}
	return nil
}

// sentence takes the name, which the problem has already, out of err.
func sentence(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &valueError{text: "no such file or folder"}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// stateFolder is the user's folder for what outlives a restart, or empty when
// the environment names no home. On Unix it is the XDG state directory, whose
// rule is that a relative XDG_STATE_HOME is ignored.
func (e Env) stateFolder() string {
	goos := e.OS
	if goos == "" {
		goos = runtime.GOOS
	}
	home := e.getenv("HOME")
	switch goos {
	case "windows":
		return below(e.getenv("LocalAppData"), "baton")
	case "darwin", "ios":
		return below(home, "Library/Application Support/baton")
	}
	if xdg := e.getenv("XDG_STATE_HOME"); path.IsAbs(xdg) {
		return below(xdg, "baton")
	}
	return below(home, ".local/state/baton")
}

// tildeState is stateFolder as a person writes it.
func (e Env) tildeState() string {
	folder, home := e.stateFolder(), e.getenv("HOME")
	if rest, ok := strings.CutPrefix(folder, home+string(filepath.Separator)); ok && home != "" {
		return filepath.Join("~", rest)
	}
	return folder
}

func below(folder, name string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, filepath.FromSlash(name))
}
