package rtp

import (
	"testing"
	"time"
)

// RTP-05: conversion is exact for days, before and after the origin, at any rate.
func TestTicksUndoDuration(t *testing.T) {
	for _, rate := range []int64{1, 1000, 8000, 11025, 44100, 48000, 90000, maxClockRate} {
		for _, n := range []int64{0, 1, 2, 3, rate - 1, rate, rate + 1, 1234567, 1<<31 - 1, 1 << 31} {
			for _, n := range []int64{n, -n} {
				if got := ticks(duration(n, rate), rate); got != n {
					t.Errorf("ticks(duration(%d, %d)) = %d", n, rate, got)
				}
			}
		}
	}
}

// RTP-05: a week at 90 kHz does not overflow.
func TestTicksOfAWeek(t *testing.T) {
	if got, want := ticks(7*24*time.Hour+time.Second/2, 90000), int64(7*24*3600*90000+45000); got != want {
		t.Errorf("%d, want %d", got, want)
	}
	if got := ticks(-time.Nanosecond, 90000); got != -1 {
		t.Errorf("%d, want -1: rounded down", got)
	}
}
