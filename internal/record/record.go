package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// A Writer writes one file. Its methods are called from one goroutine at a time.
type Writer interface {
	// Packet takes the next packet. What makes no sense is left out; an error is about the file.
	Packet(p rtspclient.Packet) error
	// Whole tells that a new file can begin with the packet: it is the first of something that can be decoded by itself.
	Whole(p rtspclient.Packet) bool
	// Close writes what has not been written and closes the file.
	Close() error
}

// Clock is the wall time of an RTP timestamp of a track; the zero time: not known.
type Clock func(track int, timestamp uint32) time.Time

// Create makes a file for what is described, in the format that the ending of its name says. A file that is there is not
// overwritten. left are the tracks that the format has no room for, in words.
func Create(name string, desc *sdp.Session, clock Clock) (w Writer, left []string, err error) {
	make, err := maker(name)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, nil, err
	}
	w, left, err = make(f, desc, clock)
	if err != nil {
		f.Close()
		os.Remove(name)
		return nil, nil, err
	}
	return w, left, nil
}

func maker(name string) (func(*os.File, *sdp.Session, Clock) (Writer, []string, error), error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".mp4":
		return newMP4, nil
	case ".mjpeg", ".mjpg":
		return newMJPEG, nil
	case ".rtpdump":
		return newDump, nil
	}
	return nil, fmt.Errorf("%s: a recording is a file that ends in .mp4, .mjpeg or .rtpdump", name)
}
