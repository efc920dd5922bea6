package rtp

import "time"

// NTP is a wall time as RTCP carries it: seconds since 1900 in the upper 32 bits, a binary fraction of a second in the lower. Zero means that the sender
// has no wall clock. RFC 3550 §4
type NTP uint64

const (
	ntpEpochToUnix = 2208988800 // seconds from 1900 to 1970
	ntpEra         = 1 << 32    // seconds, until 2036
)

// NTPTime converts a time, to a quarter of a nanosecond. Times wrap every 136 years.
func NTPTime(t time.Time) NTP {
	seconds := uint64(t.Unix() + ntpEpochToUnix)
	fraction := (uint64(t.Nanosecond()) << 32) / uint64(time.Second)
	return NTP(seconds<<32 | fraction)
}

// Time is the UTC time between 1968 and 2104 that n stands for (RFC 4330 §3 tells the eras apart by the first bit), rounded to a nanosecond, so that it
// undoes [NTPTime] exactly.
func (n NTP) Time() time.Time {
	seconds := int64(n >> 32)
	if seconds < ntpEra/2 {
		seconds += ntpEra
	}
	fraction := uint64(n) & (1<<32 - 1)
	nanoseconds := (fraction*uint64(time.Second) + 1<<31) >> 32
	return time.Unix(seconds-ntpEpochToUnix, int64(nanoseconds)).UTC()
}

// Middle is the middle 32 bits, the short form of LSR: 16 bits of seconds, 16 bits of fraction.
func (n NTP) Middle() uint32 { return uint32(n >> 16) }
