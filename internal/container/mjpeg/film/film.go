// Package film holds Baton's demo film: a baton that draws waves, as motion JPEG, so that a server without any files
// has something to play. It is made by the program in the folder generate; nothing of it comes from elsewhere.
//
// Every image carries the blocks that package clock describes, with the frame's number from 0 and, as time, its place
// in the film at Rate since 1970-01-01T00:00Z. Tests tell by them which image they see.
package film

import (
	_ "embed"
	"strings"
)

//go:generate go run ./generate movie.mjpeg

//go:embed movie.mjpeg
var movie string

// What the film is.
const (
	Frames = 450
	Rate   = 25 // images a second that it is drawn for: 18 s
	Width  = 320
	Height = 184 // 180 and four empty lines, because RTP (RFC 2435) counts in eights
)

// Open returns a reader of the film's file, which has the size that mjpeg.Open wants to know. Any number may be open.
func Open() *strings.Reader { return strings.NewReader(movie) }
