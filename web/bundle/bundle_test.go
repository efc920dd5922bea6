package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The scripts that are committed are those that their sources make.
func TestScriptsAreNotStale(t *testing.T) {
	files, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./web", filepath.Base(name))
		}
	}
}
