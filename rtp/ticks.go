package rtp

import "time"

// ticks is d in units of 1/rate s, rounded down; exact for any d, where d*rate would overflow after a day.
func ticks(d time.Duration, rate int64) int64 {
	seconds, rest := int64(d/time.Second), int64(d%time.Second)
	if rest < 0 {
		seconds, rest = seconds-1, rest+int64(time.Second)
	}
	return seconds*rate + rest*rate/int64(time.Second)
}

// duration is n units of 1/rate s, rounded up to a nanosecond, so that ticks undoes it exactly.
func duration(n, rate int64) time.Duration {
	seconds, rest := n/rate, n%rate
	if rest < 0 {
		seconds, rest = seconds-1, rest+rate
	}
	return time.Duration(seconds)*time.Second + time.Duration((rest*int64(time.Second)+rate-1)/rate)
}

// maxClockRate is beyond any payload format's; a higher one is a mistake, and would overflow.
const maxClockRate = 1_000_000_000
