package rtp_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
	pion "github.com/pion/rtp"
)

func randomBytes(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

func randomPacket(t *testing.T, random *rand.Rand) *pion.Packet {
	t.Helper()
	p := &pion.Packet{
		Header: pion.Header{
			Version: 2, Marker: random.IntN(2) == 0, PayloadType: uint8(random.IntN(128)), SequenceNumber: uint16(random.Uint32()),
			Timestamp: random.Uint32(), SSRC: random.Uint32(), CSRC: []uint32{},
		},
		Payload: randomBytes(random, random.IntN(100)),
	}
	for range random.IntN(16) {
		p.CSRC = append(p.CSRC, random.Uint32())
	}
	if random.IntN(2) == 0 {
		p.Header.Padding, p.Header.PaddingSize = true, byte(1+random.IntN(20))
	}
	if random.IntN(2) == 0 {
		p.Extension = true
		p.ExtensionProfile = []uint16{pion.ExtensionProfileOneByte, pion.ExtensionProfileTwoByte}[random.IntN(2)]
		for id := range uint8(1 + random.IntN(5)) {
			if err := p.SetExtension(id+1, randomBytes(random, 1+random.IntN(16))); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// RTP-01, RTP-14: another implementation's packets are read as it means them.
func TestPacketsOfPionAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 550))
	for range 2000 {
		theirs := randomPacket(t, random)
		raw, err := theirs.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		ours := rtp.Packet(raw)
		if err := ours.Validate(); err != nil {
			t.Fatalf("%x: %v", raw, err)
		}
		comparePacket(t, ours, theirs)
		if got := ours.StripExtension(); !bytes.Equal(got.Payload(), theirs.Payload) || got.Validate() != nil {
			t.Fatalf("stripped: %x, want payload %x", got, theirs.Payload)
		}
	}
}

func comparePacket(t *testing.T, ours rtp.Packet, theirs *pion.Packet) {
	t.Helper()
	got := pion.Header{
		Version: ours.Version(), Padding: ours.Padding(), Extension: ours.Extension(), Marker: ours.Marker(), PayloadType: ours.PayloadType(),
		SequenceNumber: ours.Sequence(), Timestamp: ours.Timestamp(), SSRC: ours.SSRC(), CSRC: []uint32{}, PaddingSize: byte(ours.PaddingSize()),
	}
	for i := range ours.CSRCCount() {
		got.CSRC = append(got.CSRC, ours.CSRC(i))
	}
	want := theirs.Header
	want.Extensions, want.ExtensionProfile = nil, 0
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(pion.Header{})); diff != "" {
		t.Fatalf("%x\n%s", []byte(ours), diff)
	}
	if !bytes.Equal(ours.Payload(), theirs.Payload) {
		t.Fatalf("payload %x, want %x", ours.Payload(), theirs.Payload)
	}
	profile, _ := ours.ExtensionProfile()
	if theirs.Extension && profile != theirs.ExtensionProfile {
		t.Fatalf("profile %#x, want %#x", profile, theirs.ExtensionProfile)
	}
	if profile != rtp.ExtensionOneByte && profile != rtp.ExtensionTwoByte {
		return
	}
	seen := map[uint8]bool{} // pion shows the first of an ID
	for id, data := range ours.Extensions() {
		if !seen[id] && !bytes.Equal(data, theirs.GetExtension(id)) {
			t.Fatalf("%x: extension %d is %x, want %x", []byte(ours), id, data, theirs.GetExtension(id))
		}
		seen[id] = true
	}
	for _, id := range theirs.GetExtensionIDs() {
		if !seen[id] {
			t.Fatalf("%x: extension %d is missing", []byte(ours), id)
		}
	}
}

// RTP-05, RTP-09: another implementation reads our reports as we mean them.
func TestPionReadsOurCompound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 551))
	for range 500 {
		sr := randomSenderReport(random)
		blocks := randomBlocks(random, random.IntN(70))
		cname, reason := strings.Repeat("n", random.IntN(256)), strings.Repeat("r", random.IntN(256))
		b := rtp.AppendSenderReport(nil, sr, blocks...)
		b = rtp.AppendCNAME(b, sr.SSRC, cname)
		b = rtp.AppendBye(b, reason, sr.SSRC, 7)
		if err := rtp.ValidateCompound(b); err != nil {
			t.Fatal(err)
		}
		theirs, err := rtcp.Unmarshal(b)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		var gotBlocks []rtcp.ReceptionReport
		for _, p := range theirs {
			switch p := p.(type) {
			case *rtcp.SenderReport:
				want := []uint64{uint64(sr.SSRC), uint64(sr.NTP), uint64(sr.RTPTime), uint64(sr.Packets), uint64(sr.Octets)}
				if got := []uint64{uint64(p.SSRC), p.NTPTime, uint64(p.RTPTime), uint64(p.PacketCount), uint64(p.OctetCount)}; !slices.Equal(got, want) {
					t.Fatalf("SR %x, want %x", got, want)
				}
				gotBlocks = append(gotBlocks, p.Reports...)
			case *rtcp.ReceiverReport:
				gotBlocks = append(gotBlocks, p.Reports...)
			case *rtcp.SourceDescription:
				if p.Chunks[0].Source != sr.SSRC || p.Chunks[0].Items[0].Text != cname {
					t.Fatalf("SDES %v", p)
				}
			case *rtcp.Goodbye:
				if !slices.Equal(p.Sources, []uint32{sr.SSRC, 7}) || p.Reason != reason {
					t.Fatalf("BYE %v", p)
				}
			}
		}
		var want []rtcp.ReceptionReport
		for _, r := range blocks {
			want = append(want, pionBlock(r))
		}
		if diff := cmp.Diff(want, gotBlocks); diff != "" {
			t.Fatal(diff)
		}
	}
}

func pionBlock(r rtp.ReportBlock) rtcp.ReceptionReport {
	return rtcp.ReceptionReport{
		SSRC: r.SSRC, FractionLost: r.FractionLost, TotalLost: uint32(r.TotalLost) & 0xffffff, LastSequenceNumber: r.HighestSeq,
		Jitter: r.Jitter, LastSenderReport: r.LSR, Delay: r.DLSR,
	}
}

func randomSenderReport(random *rand.Rand) rtp.SenderReport {
	return rtp.SenderReport{
		SSRC: random.Uint32(), NTP: rtp.NTP(random.Uint64()), RTPTime: random.Uint32(), Packets: random.Uint32(), Octets: random.Uint32(),
	}
}

func randomBlocks(random *rand.Rand, n int) (blocks []rtp.ReportBlock) {
	for range n {
		blocks = append(blocks, rtp.ReportBlock{
			SSRC: random.Uint32(), FractionLost: byte(random.Uint32()), TotalLost: random.Int32N(1<<24) - 1<<23,
			HighestSeq: random.Uint32(), Jitter: random.Uint32(), LSR: random.Uint32(), DLSR: random.Uint32(),
		})
	}
	return blocks
}

// RTP-05, RTP-10: another implementation's reports are read as it means them; ours too.
func TestReportsOfPionAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 552))
	for range 500 {
		sr, want := randomSenderReport(random), randomBlocks(random, random.IntN(32))
		theirs := &rtcp.SenderReport{SSRC: sr.SSRC, NTPTime: uint64(sr.NTP), RTPTime: sr.RTPTime, PacketCount: sr.Packets, OctetCount: sr.Octets}
		for _, r := range want {
			theirs.Reports = append(theirs.Reports, pionBlock(r))
		}
		raw, err := rtcp.Marshal([]rtcp.Packet{
			theirs,
			&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: sr.SSRC, Items: []rtcp.SourceDescriptionItem{
				{Type: rtcp.SDESTool, Text: "tool"}, {Type: rtcp.SDESCNAME, Text: "name"}}}}},
			&rtcp.Goodbye{Sources: []uint32{1, 2, 3}, Reason: "end"},
		})
		if err != nil {
			t.Fatal(err)
		}
		readReports(t, raw, sr, want)
	}
}

func readReports(t *testing.T, raw []byte, sr rtp.SenderReport, blocks []rtp.ReportBlock) {
	t.Helper()
	for p := range rtp.Packets(raw) {
		switch p.Type() {
		case rtp.SR:
			if got, ok := p.SenderReport(); !ok || got != sr {
				t.Fatalf("%+v, want %+v", got, sr)
			}
			if got := slices.Collect(p.Reports()); !slices.Equal(got, blocks) {
				t.Fatal(cmp.Diff(blocks, got))
			}
		case rtp.SDES:
			if ssrc, name, ok := p.CNAME(); !ok || ssrc != sr.SSRC || name != "name" {
				t.Fatalf("CNAME %q of %d, %v", name, ssrc, ok)
			}
		case rtp.BYE:
			if got := slices.Collect(p.Sources()); !slices.Equal(got, []uint32{1, 2, 3}) || string(p.Reason()) != "end" {
				t.Fatalf("BYE %v %q", got, p.Reason())
			}
		default:
			t.Fatalf("packet type %d", p.Type())
		}
	}
}

// FBK-02, FBK-03: feedback, to and from another implementation.
func TestFeedbackIsWhatPionMeans(t *testing.T) {
	lost := []uint16{65530, 65531, 65535, 0, 10, 11, 500, 516, 517}
	b := rtp.AppendNACK(nil, 1, 2, lost...)
	b = rtp.AppendPLI(b, 1, 2)
	b = rtp.AppendFIR(b, 1, 2, 9)
	theirs, err := rtcp.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint16
	for _, pair := range theirs[0].(*rtcp.TransportLayerNack).Nacks {
		got = append(got, pair.PacketList()...)
	}
	if !slices.Equal(got, lost) {
		t.Errorf("NACK %v, want %v", got, lost)
	}
	want := []rtcp.Packet{
		&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2},
		&rtcp.FullIntraRequest{SenderSSRC: 1, MediaSSRC: 0, FIR: []rtcp.FIREntry{{SSRC: 2, SequenceNumber: 9}}},
	}
	if diff := cmp.Diff(want, theirs[1:]); diff != "" {
		t.Error(diff)
	}
	raw, err := rtcp.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	readFeedback(t, raw, lost)
	readFeedback(t, b, lost)
}

func readFeedback(t *testing.T, raw []byte, lost []uint16) {
	t.Helper()
	var all []rtp.Feedback
	for p := range rtp.Packets(raw) {
		f, ok := p.Feedback()
		if !ok || f.Sender != 1 {
			t.Fatalf("%+v, %v", f, ok)
		}
		all = append(all, f)
	}
	if got := slices.Collect(all[0].Lost()); !slices.Equal(got, lost) || all[0].Media != 2 {
		t.Errorf("NACK %v", got)
	}
	if !all[1].IsPLI() || all[1].Media != 2 || all[0].IsPLI() || all[2].IsPLI() {
		t.Errorf("PLI %+v", all[1])
	}
	for ssrc, number := range all[2].FIRs() {
		if ssrc != 2 || number != 9 {
			t.Errorf("FIR %d of %d", number, ssrc)
		}
	}
	for range all[1].FIRs() {
		t.Error("a FIR in a PLI")
	}
	for range all[1].Lost() {
		t.Error("a NACK in a PLI")
	}
}

// FBK-03: nothing lost, nothing sent.
func TestNoNACKForNothing(t *testing.T) {
	if b := rtp.AppendNACK(nil, 1, 2); b != nil {
		t.Errorf("%x", b)
	}
}
