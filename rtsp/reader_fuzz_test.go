package rtsp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzReader reads requests, responses and frames mixed. CON-04: any split gives the same items and errors; what was read
// survives a round trip; the source's own error comes at the end, so nothing is waited for that has come.
func FuzzReader(f *testing.F) {
	var all []byte
	for i, m := range goodMessages() {
		f.Add([]byte(m.raw))
		all = AppendFrame(append(all, m.raw...), uint8(i), []byte(m.raw))
	}
	f.Add(all)
	for _, m := range badMessages() {
		f.Add([]byte(m.raw + "OPTIONS * RTSP/1.0\r\nCSeq: 99\r\n\r\n"))
	}
	limits := &Limits{Line: 200, HeaderLine: 300, Headers: 20, HeaderBlock: 1000, Body: 2000}
	f.Fuzz(func(t *testing.T, b []byte) {
		want := readAll(t, bytes.NewReader(b), limits)
		for name, cut := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "data+EOF": iotest.DataErrReader} {
			got := readAll(t, cut(bytes.NewReader(b)), limits)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s:\n%q\nwhole:\n%q", name, got, want)
			}
		}
	})
}

// readAll returns a text for each item and error up to the end of the stream.
func readAll(t *testing.T, src io.Reader, limits *Limits) (items []string) {
	r := NewReader(src, limits)
	for {
		kind, err := r.Next()
		var bad *MessageError
		switch {
		case errors.As(err, &bad):
			items = append(items, fmt.Sprintf("%d %q %v", bad.Status, bad.CSeq, bad.Fatal))
			if bad.Fatal {
				return items
			}
		case err != nil:
			return append(items, err.Error())
		case kind == KindFrame:
			channel, payload := r.Frame()
			items = append(items, fmt.Sprintf("%x", AppendFrame(nil, channel, payload)))
		case kind == KindRequest:
			items = append(items, wantStable(t, r.Request()))
		default:
			items = append(items, wantStable(t, r.Response()))
		}
	}
}

// wantStable checks that a message, emitted and read, is emitted the same, and returns its wire form.
func wantStable(t *testing.T, m interface{ Append([]byte) []byte }) string {
	wire := m.Append(nil)
	wantCleanLines(t, wire)
	r := NewReader(bytes.NewReader(wire), nil)
	kind, err := r.Next()
	if err != nil {
		t.Fatalf("%q: %v", wire, err)
	}
	var again []byte
	if kind == KindRequest {
		again = r.Request().Append(nil)
	} else {
		again = r.Response().Append(nil)
	}
	if !bytes.Equal(wire, again) {
		t.Errorf("%q, then %q", wire, again)
	}
	return string(wire)
}
