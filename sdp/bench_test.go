package sdp

import "testing"

func BenchmarkParse(b *testing.B) {
	raw := corpusFiles(b)["hikvision-main"]
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s, err := Parse(corpusFiles(b)["hikvision-main"])
	if err != nil {
		b.Fatal(err)
	}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = s.Append(buffer[:0])
	}
}

func BenchmarkFormatList(b *testing.B) {
	s, err := Parse(corpusFiles(b)["hikvision-main"])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(s.Media[0].FormatList()) != 1 {
			b.Fatal("no format")
		}
	}
}
