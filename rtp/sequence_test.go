package rtp_test

import (
	"math/rand/v2"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
)

// RTP-01: sequence numbers are compared on their circle.
func TestSeqDiff(t *testing.T) {
	for _, test := range []struct {
		a, b uint16
		want int16
	}{
		{0, 0, 0}, {1, 0, 1}, {0, 1, -1}, {0, 65535, 1}, {65535, 0, -1}, {100, 65500, 136}, {32767, 0, 32767}, {32768, 0, -32768},
	} {
		if got := rtp.SeqDiff(test.a, test.b); got != test.want {
			t.Errorf("SeqDiff(%d, %d) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := rtp.SeqLess(test.a, test.b); got != (test.want < 0) {
			t.Errorf("SeqLess(%d, %d) = %v", test.a, test.b, got)
		}
	}
}

// RTP-01: timestamps are compared on their circle.
func TestTimestampDiff(t *testing.T) {
	for _, test := range []struct {
		a, b uint32
		want int32
	}{
		{0, 0, 0}, {0, 1<<32 - 1, 1}, {1<<32 - 1, 0, -1}, {90000, 0, 90000}, {1 << 31, 0, -1 << 31},
	} {
		if got := rtp.TimestampDiff(test.a, test.b); got != test.want {
			t.Errorf("TimestampDiff(%d, %d) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// RTP-01: an extended timestamp runs through the wrap after 13 h, steps back and all.
func TestExtendedTimestampRunsThroughTheWrap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var e rtp.ExtendedTimestamp
	const start = 1<<32 - 50
	want := int64(start)
	e.Extend(uint32(want))
	for range 10000 {
		want += random.Int64N(1<<31) - 1<<28
		want = max(want, start)
		if got := e.Extend(uint32(want)); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	}
}

// RTP-01: a step back across zero is a negative number.
func TestExtendedTimestampBelowZero(t *testing.T) {
	var e rtp.ExtendedTimestamp
	e.Extend(10)
	if got := e.Extend(1<<32 - 5); got != -5 {
		t.Errorf("%d, want -5", got)
	}
	if got := e.Extend(3); got != 3 {
		t.Errorf("%d, want 3", got)
	}
}
