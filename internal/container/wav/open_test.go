package wav_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/wav"
)

func chunk(id string, size uint32, body string) string {
	return id + string(binary.LittleEndian.AppendUint32(nil, size)) + body
}

// format is 8 kHz, mono.
func format(tag, width byte) string {
	return chunk("fmt ", 16, string([]byte{tag, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, width, 0, 8 * width, 0}))
}

func riff(chunks ...string) string { return "RIFF\xFF\xFF\xFF\xFFWAVE" + strings.Join(chunks, "") }

func TestChunks(t *testing.T) {
	data := strings.Repeat("\x01\x02", 8000) // a second
	for _, c := range []struct {
		name    string
		file    string
		samples int64 // -1: damaged
	}{
		{"plain", riff(format(1, 2), chunk("data", 16000, data)), 8000},
		{"others between", riff(chunk("LIST", 3, "odd\x00"), format(1, 2), chunk("fact", 4, "xxxx"), chunk("data", 16000, data), chunk("LIST", 4, "xxxx")), 8000},
		{"of no known size", riff(format(1, 2), chunk("data", 0, data)), 8000},
		{"streamed", riff(format(1, 2), chunk("data", 1<<32-1, data)), 8000},
		{"cut off", riff(format(1, 2), chunk("data", 32000, data)), 8000},
		{"half a sample at the end", riff(format(1, 2), chunk("data", 15999, data)), 7999},
		{"RF64", "RF64" + riff(chunk("ds64", 28, "\x00\x00\x00\x00\x00\x00\x00\x00\x20\x03\x00\x00\x00\x00\x00\x00"+strings.Repeat("\x00", 12)), format(7, 1), chunk("data", 1<<32-1, data))[4:], 800},
		{"no format", riff(chunk("data", 16000, data)), -1},
		{"no data", riff(format(1, 2)), -1},
		{"format cut off", riff(chunk("fmt ", 10, "xxxxxxxxxx")), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := wav.Open(strings.NewReader(c.file), int64(len(c.file)), container.Options{})
			if c.samples < 0 {
				if !containertest.Damage(err) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Tracks[0].Index.Duration(); got != c.samples {
				t.Errorf("%d samples, want %d", got, c.samples)
			}
		})
	}
}

func TestFormatsThatRTPDoesNotCarryAreSkipped(t *testing.T) {
	for _, tag := range []byte{2, 3, 0x55} {
		file := riff(format(tag, 2), chunk("data", 4, "xxxx"))
		f, err := wav.Open(strings.NewReader(file), int64(len(file)), container.Options{})
		if err != nil || len(f.Tracks) != 0 || len(f.Skipped) != 1 {
			t.Errorf("tag %d: %+v, %v", tag, f, err)
		}
	}
	if _, err := wav.Open(strings.NewReader("RIFF....AVI "), 12, container.Options{}); !errors.Is(err, container.ErrFormat) {
		t.Errorf("got %v, want ErrFormat", err)
	}
}

// A file of ten hours is opened at once, and its index takes next to nothing.
func TestLongFileIsLeftToScan(t *testing.T) {
	const size = 1 << 30 // of which all but the beginning is a hole
	f, err := wav.Open(sparse(riff(format(1, 2), chunk("data", 0, ""))), size, container.Options{})
	if err != nil || f.Scan == nil {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := containertest.Scan(f); err != nil {
		t.Fatal(err)
	}
	index := f.Tracks[0].Index
	if want := int64(size-44) / 2; index.Duration() != want || f.Tracks[0].Time(want) != f.Declared {
		t.Errorf("%d samples, want %d", index.Duration(), want)
	}
	if got := index.Bytes() / index.Len(); got > 1 {
		t.Errorf("%d bytes a block", got)
	}
}

// A sparse file has a beginning, and zeros behind it.
type sparse string

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(s)) {
		copy(p, s[off:])
	}
	return len(p), nil
}

func TestL16IsInNetworkOrder(t *testing.T) {
	for _, c := range []struct {
		width      byte
		data, want string
	}{
		{1, "\x00\x80\xFF\x81", "\x80\x00\x00\x00\x7F\x00\x01\x00"},
		{2, "\x01\x02\x03\x04", "\x02\x01\x04\x03"},
		{3, "\x01\x02\x03\x04\x05\x06", "\x03\x02\x06\x05"},
		{4, "\x01\x02\x03\x04\x05\x06\x07\x08", "\x04\x03\x08\x07"},
	} {
		file := riff(format(1, c.width), chunk("data", uint32(len(c.data)), c.data))
		f, err := wav.Open(strings.NewReader(file), int64(len(file)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := containertest.Bytes(f.Tracks[0])
		if got := bytes.Join(blocks, nil); err != nil || string(got) != c.want {
			t.Errorf("%d bytes: got % x, %v, want % x", c.width, got, err, c.want)
		}
	}
}
