//go:build !race

package rtp_test

const raceEnabled = false
