package folder

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a walk.
const (
	maxEntries = 100_000
	maxNames   = 1_000_000 // looked at, whatever they are of
	maxFolders = 20_000
	maxDepth   = 64
)

// limits are the bounds of a walk.
type limits struct{ entries, names, folders, depth int }

// batch is how many names are read at once.
const batch = 512

// A walker lists a folder and those in it.
type walker struct {
	ctx    context.Context
	top    *os.Root
	limits limits
	enter  func(dir string) // called before a folder is read

	list           []Entry
	names, folders int
	full           bool   // a bound was reached
	invalid        int    // names that are not UTF-8
	badName        string // one of them
	err            error  // of a folder that cannot be read
}

// folder goes through the folder dir, which root is, and what is below it.
func (w *walker) folder(root *os.Root, dir string, depth int) {
	if w.folders++; w.folders > w.limits.folders || depth > w.limits.depth {
		w.full = true
		return
	}
	w.enter(dir)
	below, err := w.read(root, dir)
	w.note(err)
	if depth == 0 && errors.Is(err, fs.ErrNotExist) {
		w.err = err // the folder itself was removed
	}
	for _, name := range below {
		if w.ctx.Err() != nil {
			return
		}
		inner, err := root.OpenRoot(name)
		if err != nil {
			w.note(err)
			continue
		}
		w.folder(inner, path.Join(dir, name), depth+1)
		inner.Close()
	}
}

// read lists one folder, and returns the names of those in it.
func (w *walker) read(root *os.Root, dir string) (below []string, err error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	for w.ctx.Err() == nil {
		list, err := d.ReadDir(batch)
		for _, e := range list {
			if w.names++; w.names > w.limits.names || len(w.list) >= w.limits.entries {
				w.full = true
				return below, nil
			}
			if w.name(root, dir, e) {
				below = append(below, e.Name())
			}
		}
		if err != nil {
			return below, err
		}
	}
	return below, nil
}

// note keeps an error that is not about something that is gone meanwhile.
func (w *walker) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, fs.ErrNotExist) {
		w.err = err
	}
}

// name lists what is in a folder under a name, and tells whether it is a folder to go into. A link to a file counts as
// the file, as long as it does not lead out. Links to folders are not followed: what they lead to is listed elsewhere.
func (w *walker) name(root *os.Root, dir string, e fs.DirEntry) (folder bool) {
	name := e.Name()
	if !utf8.ValidString(name) {
		w.invalid++
		w.badName = name
		return false
	}
	if e.IsDir() {
		return !strings.HasPrefix(name, ".")
	}
	if !Listed(name) {
		return false
	}
	full := path.Join(dir, name)
	var info fs.FileInfo
	var err error
	if e.Type()&fs.ModeSymlink != 0 {
		info, err = w.top.Stat(full)
	} else {
		info, err = root.Lstat(name)
	}
	if err == nil && info.Mode().IsRegular() {
		w.list = append(w.list, Entry{Path: full, Size: info.Size(), Modified: info.ModTime()})
	}
	return false
}

// sorted returns what was listed.
func (w *walker) sorted() []Entry {
	slices.SortFunc(w.list, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return w.list
}
