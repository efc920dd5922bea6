// Package demo holds the demo film, so that a server without any files has something to play: 20 s of
// H.264 with B-frames, a key picture every 2 s, and AAC. It is made by generate.sh from ffmpeg's own
// synthetic sources; nothing of it comes from elsewhere.
package demo

import (
	_ "embed" // the film
	"strings"
)

// file is the film as it is served; read only.
//
//go:embed demo.mp4
var file string

// Open returns a reader of the film, which knows its size. Any number may be open.
func Open() *strings.Reader { return strings.NewReader(file) }
