//go:build unix

package cache

import (
	"fmt"
	"io/fs"
	"syscall"
)

// inode is the device and inode of a file.
func inode(info fs.FileInfo) (string, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("inode %d %d", s.Dev, s.Ino), true
}
