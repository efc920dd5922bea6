package rtp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
)

// unhex reads bytes written in hex, with spaces where they help.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// packets is also the seed of FuzzPacket.
var packets = []struct {
	name      string
	raw       string
	err       error
	header    int
	payload   string
	padding   int
	marker    bool
	pt        uint8
	seq       uint16
	timestamp uint32
	ssrc      uint32
}{
	{name: "plain", raw: "80 60 1234 01020304 a1b2c3d4 ff00",
		header: 12, payload: "ff00", pt: 96, seq: 0x1234, timestamp: 0x01020304, ssrc: 0xa1b2c3d4},
	{name: "marker", raw: "80 e0 ffff ffffffff 00000001 aa",
		header: 12, payload: "aa", marker: true, pt: 96, seq: 0xffff, timestamp: 0xffffffff, ssrc: 1},
	{name: "no payload", raw: "80 00 0001 00000000 00000001", header: 12, seq: 1, ssrc: 1},
	{name: "two CSRCs", raw: "82 00 0001 00000000 00000001 00000010 00000020 cc", header: 20, payload: "cc", seq: 1, ssrc: 1},
	{name: "extension", raw: "90 00 0001 00000000 00000001 bede 0001 10aa0000 dd", header: 20, payload: "dd", seq: 1, ssrc: 1},
	{name: "empty extension", raw: "90 00 0001 00000000 00000001 abac 0000 dd", header: 16, payload: "dd", seq: 1, ssrc: 1},
	{name: "padding", raw: "a0 00 0001 00000000 00000001 ee 000003", header: 12, payload: "ee", padding: 3, seq: 1, ssrc: 1},
	{name: "padding only", raw: "a0 00 0001 00000000 00000001 00000004", header: 12, padding: 4, seq: 1, ssrc: 1},
	{name: "padding of no bytes", raw: "a0 00 0001 00000000 00000001 ee00", header: 12, payload: "ee00", seq: 1, ssrc: 1},
	{name: "all at once", raw: "b1 80 0001 00000000 00000001 00000010 1005 0001 01010200 ab 02 02",
		header: 24, payload: "ab", padding: 2, marker: true, seq: 1, ssrc: 1},

	{name: "nothing", raw: "", err: rtp.ErrTruncated},
	{name: "header cut", raw: "80 60 1234 01020304 a1b2c3", err: rtp.ErrTruncated},
	{name: "version 1", raw: "40 60 1234 01020304 a1b2c3d4", err: rtp.ErrVersion},
	{name: "CSRC missing", raw: "81 60 1234 01020304 a1b2c3d4 000000", err: rtp.ErrTruncated},
	{name: "15 CSRCs announced", raw: "8f 60 1234 01020304 a1b2c3d4 00000000", err: rtp.ErrTruncated},
	{name: "extension header cut", raw: "90 60 1234 01020304 a1b2c3d4 bede00", err: rtp.ErrTruncated},
	{name: "extension cut", raw: "90 60 1234 01020304 a1b2c3d4 bede 0002 00000000", err: rtp.ErrTruncated},
	{name: "extension of 256 KiB", raw: "90 60 1234 01020304 a1b2c3d4 bede ffff 00000000", err: rtp.ErrTruncated},
	{name: "padding into the header", raw: "a0 60 1234 01020304 a1b2c3d4 0003", err: rtp.ErrPadding},
	{name: "padding without a byte", raw: "a0 60 1234 01020304 a1b2c3d4", err: rtp.ErrPadding},
}

// RTP-01: version, padding, extension and CSRCs are parsed.
func TestPacketFieldsAreRead(t *testing.T) {
	for _, test := range packets {
		t.Run(test.name, func(t *testing.T) {
			p := rtp.Packet(unhex(t, test.raw))
			if err := p.Validate(); !errors.Is(err, test.err) {
				t.Fatalf("Validate: %v, want %v", err, test.err)
			}
			if test.err != nil {
				return
			}
			if p.Version() != 2 || p.HeaderSize() != test.header || p.PaddingSize() != test.padding || p.Marker() != test.marker ||
				p.PayloadType() != test.pt || p.Sequence() != test.seq || p.Timestamp() != test.timestamp || p.SSRC() != test.ssrc {
				t.Errorf("header %d padding %d marker %v pt %d seq %#x timestamp %#x ssrc %#x, want %+v",
					p.HeaderSize(), p.PaddingSize(), p.Marker(), p.PayloadType(), p.Sequence(), p.Timestamp(), p.SSRC(), test)
			}
			if want := unhex(t, test.payload); !bytes.Equal(p.Payload(), want) {
				t.Errorf("payload %x, want %x", p.Payload(), want)
			}
		})
	}
}

// SEC-01: a packet cut anywhere is refused or read within its bounds.
func TestPacketCutAnywhere(t *testing.T) {
	for _, test := range packets {
		whole := unhex(t, test.raw)
		for n := range whole {
			readAll(rtp.Packet(slices.Clip(whole[:n])))
		}
	}
}

// readAll calls every method that reads, if the packet is valid.
func readAll(p rtp.Packet) bool {
	if p.Validate() != nil {
		return false
	}
	for i := range p.CSRCCount() {
		p.CSRC(i)
	}
	p.Payload()
	p.ExtensionProfile()
	p.ExtensionData()
	for range p.Extensions() {
	}
	return true
}

// RTP-01: CSRCs come after the fixed header.
func TestCSRC(t *testing.T) {
	p := rtp.Packet(unhex(t, "82 00 0001 00000000 00000001 00000010 00000020"))
	if p.CSRCCount() != 2 || p.CSRC(0) != 0x10 || p.CSRC(1) != 0x20 {
		t.Errorf("%d CSRCs: %#x %#x", p.CSRCCount(), p.CSRC(0), p.CSRC(1))
	}
}

// RTP-03: a relayed packet gets its own numbers in place; nothing else changes.
func TestSettersChangeOnlyTheirField(t *testing.T) {
	p := rtp.Packet(unhex(t, "b1 e0 1234 01020304 a1b2c3d4 00000010 bede 0000 abcd 02 02"))
	p.SetMarker(false)
	p.SetPayloadType(0x7f)
	p.SetSequence(0xfffe)
	p.SetTimestamp(0x0a0b0c0d)
	p.SetSSRC(0x11223344)
	if want := unhex(t, "b1 7f fffe 0a0b0c0d 11223344 00000010 bede 0000 abcd 02 02"); !bytes.Equal(p, want) {
		t.Errorf("%x\nwant %x", p, want)
	}
	p.SetMarker(true)
	p.SetPayloadType(0x80 | 5)
	if !p.Marker() || p.PayloadType() != 5 {
		t.Errorf("marker %v, payload type %d", p.Marker(), p.PayloadType())
	}
}

// RTP-01: what Baton sends has version 2 and nothing but the fixed header.
func TestAppendHeader(t *testing.T) {
	h := rtp.Header{Marker: true, PayloadType: 96, Sequence: 0x1234, Timestamp: 0x01020304, SSRC: 0xa1b2c3d4}
	got := rtp.AppendHeader([]byte("x"), h)
	if want := append([]byte("x"), unhex(t, "80 e0 1234 01020304 a1b2c3d4")...); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	if len(got) != 1+rtp.HeaderSize {
		t.Errorf("%d bytes", len(got))
	}
}
