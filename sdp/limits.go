package sdp

import "errors"

// What Parse accepts at most. A description beyond any of them is refused with ErrTooBig, so
// that a hostile one costs no more memory than a few times these figures.
const (
	// MaxSize is the longest description that Parse reads, in bytes.
	MaxSize = 64 << 10
	// MaxMedia is the largest number of m= sections.
	MaxMedia = 64
	// MaxAttributes is the largest number of a= and b= lines in one section.
	MaxAttributes = 256

	maxFormats = 64   // formats of one m= line
	maxItems   = 2048 // formats, a= and b= lines of all sections together
	maxParams  = 64   // parameters of one format; those after it are not looked at
)

// ErrNoMedia tells that what was to be parsed has no m= line: it is not a session description,
// or one that describes nothing to play.
var ErrNoMedia = errors.New("sdp: no media section")

// ErrTooBig tells that a description exceeds one of the limits of Parse.
var ErrTooBig = errors.New("sdp: description exceeds the limits")
