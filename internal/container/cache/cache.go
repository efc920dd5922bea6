package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds when a [Config] gives none.
const (
	defaultEntries = 4096
	defaultBytes   = 256 << 20
)

// maxEntry bounds the bytes of one entry: more than the longest index that is possible.
const maxEntry = 1 << 30

// settled is how long ago a file must have been changed. One that is younger may still be written, and changed again
// without another time.
const settled = time.Minute

// Config bounds what a [Cache] keeps. When there is more, what was not used for the longest goes.
type Config struct {
	Entries int   // 0 means 4096
	Bytes   int64 // 0 means 256 MiB
}

// A Cache keeps entries in a folder. It is safe for concurrent use, by several processes too.
type Cache struct {
	dir *os.Root
	cfg Config
	mu  sync.Mutex // held while the folder is changed
}

// New returns a cache in a folder, which the caller closes when no method runs any more. It does nothing yet.
func New(dir *os.Root, cfg Config) *Cache {
	if cfg.Entries <= 0 {
		cfg.Entries = defaultEntries
	}
	if cfg.Bytes <= 0 {
		cfg.Bytes = defaultBytes
	}
	return &Cache{dir: dir, cfg: cfg}
}

// Load gives f, which was just opened and is not shared yet, the indexes that were stored for it, and tells whether there
// were any. Scan and Refresh of f are nil then: that a file goes on growing after a minute's rest shows in its size, and it
// has to be opened again.
func (c *Cache) Load(id ID, f *container.File) bool {
	if f.Scan == nil {
		return false
	}
	b, err := c.read(id.name())
	if err != nil {
		return false
	}
	all, err := unmarshal(b, id, f)
	if err != nil {
		return false
	}
	for i, t := range f.Tracks {
		t.Index = all[i]
	}
	f.Scan, f.Refresh = nil, nil
	now := time.Now()
	c.dir.Chtimes(id.name(), now, now) // if not, it goes before its time
	return true
}

// read returns a file of the folder.
func (c *Cache) read(name string) ([]byte, error) {
	info, err := c.dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxEntry {
		return nil, errEntry
	}
	file, err := c.dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := make([]byte, info.Size())
	_, err = io.ReadFull(file, b)
	return b, err
}

// Save stores the indexes of f when they were found by Scan, to the end of the file or to where it is damaged. Else, and
// when the file was changed less than a minute ago, it does nothing. The error is that of writing, or says that there is
// no room.
func (c *Cache) Save(id ID, f *container.File) error {
	if !worthy(id, f) {
		return nil
	}
	b, err := marshal(id, f)
	if err != nil {
		return err
	}
	if int64(len(b)) > min(c.cfg.Bytes, maxEntry) {
		return fmt.Errorf("an index of %d bytes is more than is kept", len(b))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.write(id.name(), b); err != nil {
		return err
	}
	return c.trim(id.name())
}

func worthy(id ID, f *container.File) bool {
	return f.Scan != nil && time.Since(id.modified) >= settled && !slices.ContainsFunc(f.Tracks, unfinished)
}

// unfinished tells whether there may be more of a track than is known, as when it could not be read.
func unfinished(t *container.Track) bool {
	var damage *container.DamagedError
	err := t.Index.Err()
	return !t.Index.Complete() || err != nil && !errors.As(err, &damage)
}

// temporary begins the names of files that are being written.
const temporary = "writing-"

// write writes a file as a whole or not at all.
func (c *Cache) write(name string, b []byte) error {
	temp := temporary + rand.Text()
	file, err := c.dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if e := file.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = c.dir.Rename(temp, name)
	}
	if err != nil {
		c.dir.Remove(temp)
	}
	return err
}

// abandoned is how old a file is that nobody will finish writing.
const abandoned = time.Hour

// trim removes what is beyond the bounds, but not what was just written.
func (c *Cache) trim(but string) error {
	list, err := fs.ReadDir(c.dir.FS(), ".")
	if err != nil {
		return err
	}
	var entries []fs.FileInfo
	var bytes int64
	for _, d := range list {
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // gone meanwhile
		}
		switch name := d.Name(); {
		case strings.HasPrefix(name, temporary) && time.Since(info.ModTime()) > abandoned:
			c.dir.Remove(name)
		case isName(name):
			entries, bytes = append(entries, info), bytes+info.Size()
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	n := len(entries)
	for _, info := range entries {
		if n <= c.cfg.Entries && bytes <= c.cfg.Bytes {
			break
		}
		if info.Name() == but {
			continue
		}
		if err := c.dir.Remove(info.Name()); err != nil && !os.IsNotExist(err) {
			return err
		}
		n, bytes = n-1, bytes-info.Size()
	}
	return nil
}
