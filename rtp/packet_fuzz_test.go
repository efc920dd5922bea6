package rtp_test

import (
	"bytes"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	pion "github.com/pion/rtp"
)

// SEC-01, RTP-01: no packet makes a view panic or leave its bounds, and where another implementation accepts it too both read the same.
func FuzzPacket(f *testing.F) {
	for _, test := range packets {
		f.Add(unhex(f, test.raw))
	}
	for _, test := range extensions {
		f.Add(unhex(f, fixed+test.raw+"cafe"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rtp.IsPunch(data)
		rtp.IsRTCP(data)
		p := rtp.Packet(data)
		valid := readAll(p)
		var theirs pion.Packet
		if err := theirs.Unmarshal(data); err == nil && theirs.Version == 2 {
			if !valid {
				t.Fatalf("%x: refused, accepted by pion", data)
			}
			if theirs.CSRC == nil {
				theirs.CSRC = []uint32{}
			}
			comparePacket(t, p, &theirs)
		}
		if !valid {
			return
		}
		if p.HeaderSize()+len(p.Payload())+p.PaddingSize() != len(p) {
			t.Fatalf("%x: %d + %d + %d bytes", data, p.HeaderSize(), len(p.Payload()), p.PaddingSize())
		}
		payload := bytes.Clone(p.Payload())
		stripped := rtp.Packet(bytes.Clone(p)).StripExtension()
		if stripped.Validate() != nil || stripped.Extension() || !bytes.Equal(stripped.Payload(), payload) {
			t.Fatalf("%x: stripped to %x", data, stripped)
		}
	})
}
