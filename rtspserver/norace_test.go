//go:build !race

package rtspserver_test

const raceEnabled = false
