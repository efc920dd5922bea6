package rtp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/google/go-cmp/cmp"
)

type element struct {
	ID   uint8
	Data string
}

const fixed = "90 60 0001 00000002 00000003 "

// extensions is also a seed of FuzzPacket.
var extensions = []struct {
	name    string
	raw     string // from the profile on
	profile uint16
	want    []element
}{
	{"one byte: two elements", "bede 0002 10aa 22010203 0000", 0xbede, []element{{1, "\xaa"}, {2, "\x01\x02\x03"}}},
	{"one byte: padding between", "bede 0002 10aa 0000 10bb 0000", 0xbede, []element{{1, "\xaa"}, {1, "\xbb"}}},
	{"one byte: 16 bytes", "bede 0005 ef 00010203040506070809101112131415 000000", 0xbede,
		[]element{{14, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x11\x12\x13\x14\x15"}}},
	{"one byte: ID 15 ends it", "bede 0002 10aa f0bb 10cc 0000", 0xbede, []element{{1, "\xaa"}}},
	{"one byte: ID 0 with a length ends it", "bede 0002 10aa 01bb 10cc 0000", 0xbede, []element{{1, "\xaa"}}},
	{"one byte: longer than the extension", "bede 0001 10aa 13bb", 0xbede, []element{{1, "\xaa"}}},
	{"two bytes", "1000 0003 0100 0202aabb 00 0301cc 0000", 0x1000, []element{{1, ""}, {2, "\xaa\xbb"}, {3, "\xcc"}}},
	{"two bytes: bits of the application", "100f 0001 0f01aa00", 0x100f, []element{{15, "\xaa"}}},
	{"two bytes: ID without a length", "1000 0001 0101aa02", 0x1000, []element{{1, "\xaa"}}},
	{"two bytes: longer than the extension", "1000 0001 0103aabb", 0x1000, nil},
	{"ONVIF replay", "abac 0003 e1234567 89abcdef c0010000", 0xabac, nil},
	{"ONVIF replay JPEG", "ffd8 0001 00000000", 0xffd8, nil},
	{"empty", "bede 0000", 0xbede, nil},
}

// RTP-14: one-byte and two-byte elements are read, other kinds are shown whole.
func TestExtensionsAreRead(t *testing.T) {
	for _, test := range extensions {
		t.Run(test.name, func(t *testing.T) {
			p := rtp.Packet(unhex(t, fixed+test.raw+"cafe"))
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			var got []element
			for id, data := range p.Extensions() {
				got = append(got, element{id, string(data)})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if profile, ok := p.ExtensionProfile(); !ok || profile != test.profile {
				t.Errorf("profile %#x, %v", profile, ok)
			}
			if want := unhex(t, test.raw)[4:]; !bytes.Equal(p.ExtensionData(), want) {
				t.Errorf("data %x, want %x", p.ExtensionData(), want)
			}
		})
	}
}

// RTP-14: a packet without an extension shows none.
func TestNoExtension(t *testing.T) {
	p := rtp.Packet(unhex(t, "80 60 0001 00000002 00000003 bede0001"))
	if _, ok := p.ExtensionProfile(); ok || p.ExtensionData() != nil {
		t.Error("an extension out of nothing")
	}
	for id := range p.Extensions() {
		t.Errorf("element %d", id)
	}
	if got := p.StripExtension(); !bytes.Equal(got, p) {
		t.Errorf("stripped to %x", got)
	}
}

// RTP-14: iteration can be left early.
func TestExtensionsCanBeLeft(t *testing.T) {
	for _, kind := range []string{"bede 0002 10aa 22010203 0000", "1000 0003 0100 0202aabb 00 0301cc 0000"} {
		n := 0
		for range rtp.Packet(unhex(t, fixed+kind)).Extensions() {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d elements", n)
		}
	}
}

// RTP-14: an extension that the SDP does not announce is stripped: CSRCs, payload and padding stay.
func TestStripExtension(t *testing.T) {
	p := rtp.Packet(unhex(t, "b1 e0 1234 01020304 a1b2c3d4 00000010 abac 0002 0102030405060708 aabb 02 02"))
	got := p.StripExtension()
	if want := unhex(t, "a1 e0 1234 01020304 a1b2c3d4 00000010 aabb 02 02"); !bytes.Equal(got, want) {
		t.Errorf("%x\nwant %x", got, want)
	}
	if err := got.Validate(); !errors.Is(err, nil) {
		t.Error(err)
	}
}
