package rtp_test

import (
	"errors"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/pion/rtcp"
)

// SEC-01: no compound makes a view panic; what is called whole is shown whole, and another implementation's idea of a valid one is ours too.
func FuzzCompound(f *testing.F) {
	for _, test := range compounds {
		f.Add(unhex(f, test.raw))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := rtp.ValidateCompound(data)
		shown := readCompound(data)
		whole := err == nil || errors.Is(err, rtp.ErrReducedSize)
		if whole != (shown == len(data) && shown > 0) {
			t.Fatalf("%x: %v, %d bytes of %d shown", data, err, shown, len(data))
		}
		theirs, theirErr := rtcp.Unmarshal(data)
		if theirErr != nil || !whole {
			return
		}
		i := 0
		for p := range rtp.Packets(data) {
			if sr, ok := theirs[i].(*rtcp.SenderReport); ok {
				ours, ok := p.SenderReport()
				if !ok || ours.SSRC != sr.SSRC || uint64(ours.NTP) != sr.NTPTime || ours.RTPTime != sr.RTPTime {
					t.Fatalf("%x: %+v, want %+v", data, ours, sr)
				}
			}
			i++
		}
		if i != len(theirs) {
			t.Fatalf("%x: %d packets, want %d", data, i, len(theirs))
		}
	})
}
