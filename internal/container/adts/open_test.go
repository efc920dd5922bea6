package adts_test

import (
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/adts"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// A sample is what stands behind the header, which is longer with a checksum.
func TestHeadersAreLeftOut(t *testing.T) {
	const plain, checked = "\xFF\xF1\x50\x80\x01\x7F\xFCdata", "\xFF\xF0\x50\x80\x01\xBF\xFCccdata"
	file := plain + checked + "junk" + plain + plain
	f, err := adts.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err == nil {
		t.Fatalf("two frames and junk are opened: %+v", f)
	}
	file = plain + checked + checked + "junk" + plain + plain
	if f, err = adts.Open(strings.NewReader(file), int64(len(file)), container.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := containertest.Scan(f); err != nil {
		t.Fatal(err)
	}
	list, err := containertest.Bytes(f.Tracks[0])
	if err != nil || len(list) != 5 {
		t.Fatalf("%d samples, %v", len(list), err)
	}
	for _, b := range list {
		if string(b) != "data" {
			t.Errorf("got %q", b)
		}
	}
	if track := f.Tracks[0]; track.Channels != 2 || track.ClockRate != 44100 || string(track.Config[0]) != "\x12\x10" {
		t.Errorf("%+v", track)
	}
}
