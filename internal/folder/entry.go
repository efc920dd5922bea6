package folder

import (
	"path"
	"strings"
	"time"
)

// An Entry is a file that may be playable.
type Entry struct {
	Path     string // from the media folder, with slashes, valid UTF-8
	Size     int64
	Modified time.Time
}

// Listed tells whether a name is that of a file that a demuxer may open. What begins with a dot is hidden, on all systems.
func Listed(name string) bool {
	if strings.HasPrefix(name, ".") {
		return false
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".mp4", ".m4v", ".m4a", ".mov", ".qt", ".3gp", ".3g2", ".cmfv", ".cmfa", // package mp4
		".mkv", ".mka", ".mk3d", ".webm", // matroska
		".ogg", ".oga", ".ogv", ".opus", // ogg
		".wav", ".wave", ".rf64", ".bwf", ".avi",
		".ts", ".m2ts", ".mts", ".m2t", ".tp", // mpegts
		".mp3", ".mp2", ".mpa", ".m1a", ".m2a", // mpa
		".aac", ".adts",
		".mjpeg", ".mjpg",
		".h264", ".264", ".avc", ".h265", ".265", ".hevc", ".annexb": // annexb
		return true
	}
	return false
}
