package rtp_test

import (
	"testing"

	"github.com/baton-rtsp/baton/rtp"
)

// NAT-01: what clients send to open a NAT is known, and only that.
func TestPunchPacketsAreKnown(t *testing.T) {
	for _, test := range []struct {
		name  string
		raw   string
		punch bool
	}{
		{"empty datagram", "", true},
		{"FFmpeg RTP", "80 00 0000 00000000 00000000", true},
		{"FFmpeg RTCP", "80 c9 0001 00000000", true},
		{"live555", "feedface", true},
		{"live555, little endian", "cefaedfe", true},
		{"go2rtc", "80000000", true},

		{"RTP of a source", "80 00 0000 00000000 00000001", false},
		{"RTP, first packet of PCMU", "80 00 0000 00000000 00000000 ff", false},
		{"RTP with a sequence number", "80 00 0001 00000000 00000000", false},
		{"empty RR of a reader", "80 c9 0001 12345678", false},
		{"SR", "80 c8 0001 00000000", false},
		{"RTCP header only", "80c90000", false},
		{"one byte", "80", false},
		{"STUN", "0001 0000 2112a442 00000000 00000000 00000000", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := rtp.IsPunch(unhex(t, test.raw)); got != test.punch {
				t.Errorf("IsPunch = %v", got)
			}
		})
	}
}

// NAT-01: what live555 and go2rtc send would not pass for RTP or RTCP anyway.
func TestShortPunchPacketsAreRefused(t *testing.T) {
	for _, raw := range []string{"feedface", "cefaedfe", "80000000"} {
		b := unhex(t, raw)
		if rtp.Packet(b).Validate() == nil || rtp.IsRTCP(b) || rtp.ValidateCompound(b) == nil {
			t.Errorf("%x is believed", b)
		}
	}
}
