package load

import (
	"bytes"
	"strconv"
	"time"
)

// A stamp is the time at which a packet left, as text in its payload: no start code of H.264 can come of it.
const (
	stampMark = "BATONLOAD"
	stampSize = len(stampMark) + 16
)

// appendStamp puts the present time behind b.
func appendStamp(b []byte, now int64) []byte {
	b = append(b, stampMark...)
	text := strconv.FormatInt(now, 16)
	for range 16 - len(text) {
		b = append(b, '0')
	}
	return append(b, text...)
}

// stamped finds the stamp near the beginning of a payload.
func stamped(b []byte) (at int64, ok bool) {
	i := bytes.Index(b[:min(len(b), 64)], []byte(stampMark))
	if i < 0 || len(b) < i+stampSize {
		return 0, false
	}
	at, err := strconv.ParseInt(string(b[i+len(stampMark):i+stampSize]), 16, 64)
	return at, err == nil
}

// monotonic is a time in nanoseconds that all processes of a machine share, where the system has one.
func monotonic() int64 { return clock(time.Now()) }
