// Package source holds what brings media into live presentations by itself, without a publisher: each
// source is a Run function that appends RTP packets to an rtspserver.Live until its context ends. The
// paths package starts and stops them. A source never looks at its readers.
package source
