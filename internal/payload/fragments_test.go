package payload

import (
	"bytes"
	"testing"
)

// PLD-02: a fragment that begins a NAL unit without saying so, as Uniview cameras send it, goes out with its start bit, is known as
// what it is, and leaves those alone that go on, or whose beginning may be missing.
func TestFragmentsThatDoNotSayThatTheyBegin(t *testing.T) {
	const gap = "gap"
	for _, test := range []struct {
		name, encoding string
		in, want       []string // payloads; a want of "" is what came
	}{
		{"H.264", "H264", []string{"\x41\x9a\x01", "\x7c\x05\x88\x01", "\x7c\x05\x02\x02", "\x7c\x45\x03\x03", "\x5c\x01\x9a\x04", "\x5c\x41\x05\x05"},
			[]string{"", "\x7c\x85\x88\x01", "", "", "\x5c\x81\x9a\x04", ""}},
		{"H.264, whole", "H264", []string{"\x41\x9a\x01", "\x7c\x45\x88\x01", "\x7c\x05\x88\x02"}, []string{"", "\x65\x88\x01", "\x7c\x85\x88\x02"}},
		{"H.264, at the beginning", "H264", []string{"\x7c\x05\x88\x01", "\x7c\x45\x02\x02", "\x7c\x05\x88\x03"}, []string{"", "", "\x7c\x85\x88\x03"}},
		{"H.264, behind a gap", "H264", []string{"\x41\x9a\x01", gap, "\x7c\x05\x88\x01", "\x7c\x45\x02\x02", "\x7c\x05\x88\x03"},
			[]string{"", "", "", "", "\x7c\x85\x88\x03"}},
		{"H.264, as it should be", "H264", []string{"\x7c\x85\x88\x01", "\x7c\x05\x02\x02", "\x7c\x45\x03\x03", "\x7c\x85\x88\x04"}, []string{"", "", "", ""}},
		{"H.265", "H265", []string{"\x02\x01\xd0\x01", "\x62\x01\x13\xaf", "\x62\x01\x13\x02", "\x62\x01\x53\x03", "\x62\x01\x53\xaf"},
			[]string{"", "\x62\x01\x93\xaf", "", "", "\x26\x01\xaf"}},
		{"H.265, behind a gap", "H265", []string{"\x02\x01\xd0\x01", gap, "\x62\x01\x13\xaf", "\x62\x01\x53\x03"}, []string{"", "", "", ""}},
	} {
		f := New(media(t, "video", test.encoding+"/90000", ""))
		for i, in := range test.in {
			if in == gap {
				f.(Gapped).Gap()
				continue
			}
			info := f.Inspect([]byte(in), false)
			want := test.want[i]
			mended := want != ""
			if want == "" {
				want = in
			}
			got, ok := collect(f, []byte(in), 1400)
			if !ok || len(got) != 1 {
				t.Fatalf("%s: %x: %d payloads", test.name, in, len(got))
			}
			if !bytes.Equal(got[0].payload, []byte(want)) || info.Irregular != mended {
				t.Errorf("%s: %x: goes out as %x, %+v", test.name, in, got[0].payload, info)
			}
			if idr := want[0] == 0x7c && want[1] == 0x85 || want[0] == 0x62 && want[2] == 0x93; info.Key != idr && want[0] != 0x65 && want[0] != 0x26 {
				t.Errorf("%s: %x: key %v", test.name, in, info.Key)
			}
		}
	}
}
