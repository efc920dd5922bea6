package rtp_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/google/go-cmp/cmp"
)

// FRM-11: RTCP is known by its second byte whatever channel it came on.
func TestRTCPIsKnownByContent(t *testing.T) {
	for second := range 256 {
		want := second >= 192 && second <= 223
		if got := rtp.IsRTCP([]byte{0x80, byte(second)}); got != want {
			t.Errorf("second byte %d: %v", second, got)
		}
	}
	for _, raw := range []string{"", "80", "00c8", "40c80000", "c0c80000"} {
		if rtp.IsRTCP(unhex(t, raw)) {
			t.Errorf("%q is taken for RTCP", raw)
		}
	}
}

// compounds is also the seed of FuzzCompound.
var compounds = []struct {
	name  string
	raw   string
	err   error
	types []rtp.RTCPType // what iteration shows
}{
	{"RR and SDES", "80c9 0001 00000001  81ca 0002 00000001 01016100", nil, []rtp.RTCPType{rtp.RR, rtp.SDES}},
	{"SR", "80c8 0006 00000001 e1234567 89abcdef 00000010 00000002 00000003", nil, []rtp.RTCPType{rtp.SR}},
	{"RR with a block", "81c9 0007 00000001 00000002 01fffffe 00010002 00000004 00000005 00000006", nil, []rtp.RTCPType{rtp.RR}},
	{"RR that announces blocks it has not", "9fc9 0001 00000001", nil, []rtp.RTCPType{rtp.RR}},
	{"BYE with a reason behind an RR", "80c9 0001 00000001  81cb 0002 00000001 03656e64", nil, []rtp.RTCPType{rtp.RR, rtp.BYE}},
	{"padding on the last", "80c9 0001 00000001  a1cb 0002 00000001 00000004", nil, []rtp.RTCPType{rtp.RR, rtp.BYE}},
	{"SDES that leaves the packet", "80c9 0001 00000001  81ca 0002 00000001 01ff6100", nil, []rtp.RTCPType{rtp.RR, rtp.SDES}},
	{"unknown type", "80c9 0001 00000001  80df 0000", nil, []rtp.RTCPType{rtp.RR, 223}},

	{"reduced size: PLI alone", "81ce 0002 00000001 00000002", rtp.ErrReducedSize, []rtp.RTCPType{rtp.PSFB}},
	{"reduced size: NACK alone", "81cd 0003 00000001 00000002 00050003", rtp.ErrReducedSize, []rtp.RTCPType{rtp.RTPFB}},
	{"reduced size: FIR alone", "84ce 0004 00000001 00000000 00000002 07000000", rtp.ErrReducedSize, []rtp.RTCPType{rtp.PSFB}},
	{"nothing", "", rtp.ErrTruncated, nil},
	{"header cut", "80c900", rtp.ErrTruncated, nil},
	{"length beyond the end", "80c9 0001 000000", rtp.ErrTruncated, nil},
	{"second is cut", "80c9 0001 00000001  81ca 0003 00000001", rtp.ErrTruncated, []rtp.RTCPType{rtp.RR}},
	{"trailing bytes", "80c9 0001 00000001 80", rtp.ErrTruncated, []rtp.RTCPType{rtp.RR}},
	{"version 1", "40c9 0001 00000001", rtp.ErrVersion, nil},
	{"RTP", "8060 0001 00000001 00000002", rtp.ErrNotRTCP, nil},
	{"padding before the last", "a0c9 0002 00000001 00000004  80c9 0001 00000001", rtp.ErrPadding, nil},
	{"padding into the header", "a0c9 0001 00000008", rtp.ErrPadding, nil},
	{"padding of no bytes", "a0c9 0001 00000000", rtp.ErrPadding, nil},
	{"padding of three bytes", "a0c9 0001 00000003", rtp.ErrPadding, nil},
	{"live555 punch", "feedface", rtp.ErrVersion, nil},
}

// RTP-05, FBK-10, NAT-01: compounds are checked, and shown up to the first wrong packet.
func TestCompound(t *testing.T) {
	for _, test := range compounds {
		t.Run(test.name, func(t *testing.T) {
			b := unhex(t, test.raw)
			if err := rtp.ValidateCompound(b); !errors.Is(err, test.err) {
				t.Errorf("%v, want %v", err, test.err)
			}
			var types []rtp.RTCPType
			for p := range rtp.Packets(b) {
				types = append(types, p.Type())
			}
			if diff := cmp.Diff(test.types, types); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// SEC-01: a compound cut anywhere is read within its bounds.
func TestCompoundCutAnywhere(t *testing.T) {
	for _, test := range compounds {
		whole := unhex(t, test.raw)
		for n := range whole {
			readCompound(slices.Clip(whole[:n]))
		}
	}
}

// readCompound calls every method that reads and returns how many bytes were shown.
func readCompound(b []byte) (shown int) {
	for p := range rtp.Packets(b) {
		shown += len(p)
		p.SSRC()
		p.SenderReport()
		for range p.Reports() {
		}
		for range p.Items() {
		}
		p.CNAME()
		for range p.Sources() {
		}
		p.Reason()
		if f, ok := p.Feedback(); ok {
			for range f.Lost() {
			}
			for range f.FIRs() {
			}
			f.IsPLI()
		}
	}
	return shown
}

// RTP-10: whose packet it is can be told for every type.
func TestRTCPSource(t *testing.T) {
	for _, test := range []struct {
		raw  string
		want uint32
	}{
		{"80c9 0001 0000002a", 42},
		{"81cb 0001 0000002b", 43},
		{"80cb 0000", 0},
		{"a0cb 0001 00000004", 0}, // the word is padding
	} {
		for p := range rtp.Packets(unhex(t, test.raw)) {
			if p.SSRC() != test.want {
				t.Errorf("%s: %d", test.raw, p.SSRC())
			}
		}
	}
}

// SEC-01: a view shows nothing of a packet of another type.
func TestViewsAreOfTheirTypeOnly(t *testing.T) {
	words := " 00000001 00000002 00000003 00000004 00000005 00000006 00000007"
	for p := range rtp.Packets(unhex(t, "81cc 0007"+words)) {
		if _, ok := p.SenderReport(); ok {
			t.Error("a sender report")
		}
		if _, ok := p.Feedback(); ok {
			t.Error("feedback")
		}
		for range p.Reports() {
			t.Error("a report block")
		}
		for range p.Items() {
			t.Error("an SDES item")
		}
		for range p.Sources() {
			t.Error("a BYE source")
		}
		if p.Reason() != nil {
			t.Error("a BYE reason")
		}
	}
}
