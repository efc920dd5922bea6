package config

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

// world is an Env on linux with the environment vars and the files.
func world(vars map[string]string, files fstest.MapFS) Env {
	return Env{
		Getenv: func(key string) string { return vars[key] },
		Open: func(name string) (fs.File, error) {
			return files.Open(strings.TrimPrefix(path.Clean(name), "/"))
		},
		OS: "linux",
	}
}

// loadFile loads text as the configuration file baton.yml.
func loadFile(text string, args ...string) (*Config, error) {
	env := world(nil, fstest.MapFS{
		"baton.yml": {Data: []byte(text)},
		"films":     {Mode: fs.ModeDir},
	})
	command, err := Load(append([]string{"--config", "baton.yml"}, args...), env)
	if err != nil {
		return nil, err
	}
	return command.(*Serve).Config, nil
}

func mustLoadFile(t *testing.T, text string) *Config {
	t.Helper()
	c, err := loadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// place is what tests compare of a problem.
type place struct {
	File string
	Line int
	Key  string
}

func placesOf(t *testing.T, err error) []place {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error is %#v, want an *Error", err)
	}
	places := make([]place, len(e.Problems))
	for i, p := range e.Problems {
		places[i] = place{p.File, p.Line, p.Key}
	}
	return places
}
