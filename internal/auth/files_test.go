package auth

import (
	"io/fs"
	"testing/fstest"
)

// files are those that a configuration finds, by their text.
type files map[string]string

func (f files) open(name string) (fs.File, error) {
	all := fstest.MapFS{}
	for name, text := range f {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all.Open(name)
}
