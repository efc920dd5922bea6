// Package samefile tells whether a file has changed where no news of it come: over networks, and through links.
package samefile

import (
	"io/fs"
	"os"
)

// Unchanged tells whether a file is the one that it was, as it was; nil is one that was not there. Times alone do not tell: some tools
// give all files the same.
func Unchanged(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
