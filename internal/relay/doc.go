// Package relay shows viewers what another server has, each in a session of its own there: PLAY, PAUSE, Range and Scale are passed
// on, and so are the packets, with the source's own sequence numbers and timestamps. Recorders are made for that: what they play,
// and how fast, is what this one viewer asked for.
package relay
