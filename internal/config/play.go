package config

import "fmt"

// PlayMode is what a PLAY with a range does while the session is playing.
type PlayMode uint8

const (
	// PlayReplace plays the new range at once, as players expect of a seek.
	PlayReplace PlayMode = iota
	// PlayQueue plays the new range after the present one, RFC 2326 §10.5.
	PlayQueue
)

// String returns the mode as the configuration file writes it.
func (m PlayMode) String() string {
	switch m {
	case PlayReplace:
		return "replace"
	case PlayQueue:
		return "queue"
	}
	return fmt.Sprintf("PlayMode(%d)", uint8(m))
}
