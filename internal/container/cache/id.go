package cache

import (
	"io/fs"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// An ID is what tells media files, and their versions, apart.
type ID struct {
	// file is the device and inode where the system has them, so that a file may be renamed; else the path.
	file     string
	size     int64
	modified time.Time
	rate     float64 // the times of some files come from the options they are opened with
}

// Identify returns the ID of a file: its path, what Stat says of it once it is open, and how it is opened.
func Identify(path string, info fs.FileInfo, opt container.Options) ID {
	file, ok := inode(info)
	if !ok {
		file = "path " + path
	}
	return ID{file: file, size: info.Size(), modified: info.ModTime(), rate: opt.FrameRate}
}
