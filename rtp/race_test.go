//go:build race

package rtp_test

// raceEnabled: sync.Pool drops what it is given at random, so that allocations cannot be counted.
const raceEnabled = true
