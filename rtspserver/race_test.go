//go:build race

package rtspserver_test

// raceEnabled: the race detector has a shadow of all memory.
const raceEnabled = true
