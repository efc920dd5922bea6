//go:build !unix

package cache

import "io/fs"

// inode tells that only its path tells a file.
func inode(fs.FileInfo) (string, bool) { return "", false }
