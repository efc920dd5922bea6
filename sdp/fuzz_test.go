package sdp

import (
	"reflect"
	"testing"
)

// SEC-01, SDP-01: no input makes Parse panic, and what it accepts can be written strictly, read
// back unchanged, copied, and asked for its formats.
func FuzzParse(f *testing.F) {
	for _, raw := range corpusFiles(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Parse(raw)
		if err != nil {
			return
		}
		checkRewrite(t, s)
		clone := s.Clone()
		if !reflect.DeepEqual(s, clone) {
			t.Fatal("the clone differs")
		}
		for _, m := range clone.Media {
			m.Control()
			for _, format := range m.FormatList() {
				if format.ClockRate <= 0 || len(format.Params) > maxParams {
					t.Fatalf("format %+v", format)
				}
				m.SetFormat(format)
			}
		}
		checkStrictly(t, clone)
	})
}

func checkStrictly(t *testing.T, s *Session) {
	t.Helper()
	out := s.Append(nil)
	if err := checkStrict(out); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
}
