package clock

import (
	"bytes"
	"testing"
)

// ITU-T H.264 §7.4.1.1: no three bytes of a NAL unit look like a start code.
func TestEmulationIsPrevented(t *testing.T) {
	for _, c := range []struct{ name, rbsp, want string }{
		{"nothing", "", ""},
		{"no zeros", "\x01\x02\x03", "\x01\x02\x03"},
		{"start code", "\x00\x00\x01\x80", "\x00\x00\x03\x01\x80"},
		{"two zeros at the end", "\x80\x00\x00", "\x80\x00\x00"},
		{"three zeros", "\x00\x00\x00\x80", "\x00\x00\x03\x00\x80"},
		{"five zeros", "\x00\x00\x00\x00\x00\x80", "\x00\x00\x03\x00\x00\x03\x00\x80"},
		{"prevention byte itself", "\x00\x00\x03\x80", "\x00\x00\x03\x03\x80"},
		{"above three", "\x00\x00\x04\x00\x00\x02", "\x00\x00\x04\x00\x00\x03\x02"},
		{"zero apart", "\x00\x01\x00\x00\x80", "\x00\x01\x00\x00\x80"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := appendNAL([]byte{9}, 0x65, []byte(c.rbsp))
			if want := append([]byte{9, 0x65}, c.want...); !bytes.Equal(got, want) {
				t.Errorf("got % x, want % x", got, want)
			}
		})
	}
}
