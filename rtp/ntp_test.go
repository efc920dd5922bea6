package rtp_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// RTP-05: NTP time, both ways, in both eras.
func TestNTPTime(t *testing.T) {
	for _, test := range []struct {
		time time.Time
		want rtp.NTP
	}{
		{time.Unix(0, 0), 2208988800 << 32},
		{time.Unix(0, 500_000_000), 2208988800<<32 | 1<<31},
		{time.Date(2026, 7, 1, 12, 0, 0, 250_000_000, time.UTC), 3991896000<<32 | 1<<30},
		{time.Date(2036, 2, 7, 6, 28, 15, 0, time.UTC), 0xffffffff << 32},
		{time.Date(2036, 2, 7, 6, 28, 17, 0, time.UTC), 1 << 32},
	} {
		if got := rtp.NTPTime(test.time); got != test.want {
			t.Errorf("NTPTime(%v) = %#x, want %#x", test.time, uint64(got), uint64(test.want))
		}
		if got := test.want.Time(); !got.Equal(test.time) {
			t.Errorf("%#x.Time() = %v, want %v", uint64(test.want), got, test.time)
		}
	}
}

// RTP-05: no nanosecond is lost on the way.
func TestNTPTimeIsUndoneExactly(t *testing.T) {
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for n := range 2000 {
		want := at.Add(time.Duration(n) * 499_979 * time.Nanosecond)
		if got := rtp.NTPTime(want).Time(); !got.Equal(want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if last := at.Add(time.Second - 1); !rtp.NTPTime(last).Time().Equal(last) {
		t.Errorf("%v, want %v", rtp.NTPTime(last).Time(), last)
	}
}

// RTP-05: LSR is the middle of the NTP time.
func TestNTPMiddle(t *testing.T) {
	if got := rtp.NTP(0x0123456789abcdef).Middle(); got != 0x456789ab {
		t.Errorf("%#x", got)
	}
}
