package rtp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
)

// RTP-05: what does not fit is cut or goes into further packets; the compound stays whole.
func TestBuildersHoldTheirLimits(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, b := range map[string][]byte{
		"CNAME":  rtp.AppendCNAME(rtp.AppendReceiverReport(nil, 1), 1, long),
		"BYE":    rtp.AppendBye(rtp.AppendReceiverReport(nil, 1), long, make([]uint32, 40)...),
		"RR":     rtp.AppendReceiverReport(nil, 1, make([]rtp.ReportBlock, 100)...),
		"RR, 62": rtp.AppendReceiverReport(nil, 1, make([]rtp.ReportBlock, 62)...),
		"SR":     rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 1}, make([]rtp.ReportBlock, 100)...),
	} {
		if err := rtp.ValidateCompound(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	blocks := 0
	for p := range rtp.Packets(rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 1}, make([]rtp.ReportBlock, 100)...)) {
		blocks += len(slices.Collect(p.Reports()))
	}
	if blocks != 100 {
		t.Errorf("%d blocks, want 100", blocks)
	}
}

// RTP-05: the total of lost packets is held at the ends of its 24 bits.
func TestTotalLostIsHeldInItsRange(t *testing.T) {
	for lost, want := range map[int32]int32{1 << 30: 1<<23 - 1, -1 << 30: -1 << 23, -5: -5, 5: 5} {
		for p := range rtp.Packets(rtp.AppendReceiverReport(nil, 1, rtp.ReportBlock{TotalLost: lost})) {
			for r := range p.Reports() {
				if r.TotalLost != want {
					t.Errorf("%d becomes %d, want %d", lost, r.TotalLost, want)
				}
			}
		}
	}
}

// RTP-09: a BYE without a reason has none.
func TestByeWithoutReason(t *testing.T) {
	for p := range rtp.Packets(rtp.AppendBye(nil, "", 5)) {
		if p.Reason() != nil || p.SSRC() != 5 || len(p) != 8 {
			t.Errorf("%x: reason %q", []byte(p), p.Reason())
		}
	}
}

// RTP-10: all chunks of an SDES packet are read, however its items are filled up.
func TestSDESOfTwoSources(t *testing.T) {
	raw := "82ca 0006 00000001 0102 6162 00000000 00000002 0602 7879 0101 7a00"
	var got []string
	for p := range rtp.Packets(unhex(t, raw)) {
		for item := range p.Items() {
			got = append(got, string(rune('0'+item.SSRC))+string(rune('0'+item.Type))+string(item.Text))
		}
	}
	if want := []string{"11ab", "26xy", "21z"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
