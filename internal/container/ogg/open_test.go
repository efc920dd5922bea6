package ogg_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/ogg"
)

const (
	continued = 1
	begin     = 2
	end       = 4
)

// page is a page with the segments of a table.
func page(flags byte, granule int64, serial uint32, table []byte, body string) string {
	b := append([]byte("OggS\x00"), flags)
	b = binary.LittleEndian.AppendUint64(b, uint64(granule))
	b = binary.LittleEndian.AppendUint32(b, serial)
	b = append(b, make([]byte, 8)...)
	b = append(b, byte(len(table)))
	return string(append(b, table...)) + body
}

// packets is a page of whole packets of less than 255 bytes.
func packets(flags byte, granule int64, serial uint32, list ...string) string {
	var table []byte
	for _, p := range list {
		table = append(table, byte(len(p)))
	}
	return page(flags, granule, serial, table, strings.Join(list, ""))
}

func headers(serial uint32) string {
	return packets(begin, 0, serial, "OpusHead\x01\x02\x38\x01\x80\xBB\x00\x00\x00\x00\x00") + packets(0, 0, serial, "OpusTags....")
}

func read(t *testing.T, file string) *container.File {
	t.Helper()
	f := containertest.Hostile(t, ogg.Open, strings.NewReader(file), int64(len(file)))
	if f == nil {
		t.Fatal("cannot be opened")
	}
	return f
}

func samples(t *testing.T, f *container.File) (times []int64, data []string) {
	t.Helper()
	for _, s := range containertest.Samples(f.Tracks[0]) {
		times = append(times, s.PTS)
	}
	list, err := containertest.Bytes(f.Tracks[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		data = append(data, string(b))
	}
	return times, data
}

// A and its like are packets of 20 ms.
const a, b, c, d = "\xF8a", "\xF8bb", "\xF8ccc", "\xF8d"

func TestPacketsBecomeSamples(t *testing.T) {
	long := "\xF8" + strings.Repeat("x", 700)
	full := slices.Repeat([]byte{255}, 2)
	for _, x := range []struct {
		name  string
		file  string
		times []int64
		data  []string
	}{
		{"two pages", headers(1) + packets(0, 1920, 1, a, b) + packets(end, 3840, 1, c, d), []int64{-312, 648, 1608, 2568}, []string{a, b, c, d}},
		{"a packet on two pages", headers(1) + page(0, 960, 1, append([]byte{2}, full...), a+long[:510]) + page(continued|end, 2880, 1, []byte{191, 3}, long[510:]+b),
			[]int64{-312, 648, 1608}, []string{a, long, b}},
		{"a packet on three pages, others between", headers(1) + page(0, -1, 1, full[:1], long[:255]) + packets(0, 5, 9, "xx") + page(continued, -1, 1, full[:1], long[255:510]) + page(continued, 960, 1, []byte{191}, long[510:]),
			[]int64{-312}, []string{long}},
		{"beginning of a packet lost", headers(1) + page(continued, 960, 1, []byte{191, 2}, long[510:]+a), []int64{-312}, []string{a}},
		{"end of a packet lost", headers(1) + page(0, -1, 1, full, long[:510]) + packets(0, 960, 1, a), []int64{-312}, []string{a}},
		{"a gap", headers(1) + packets(0, 960, 1, a) + packets(0, 48000, 1, b), []int64{-312, 48000 - 960 - 312}, []string{a, b}},
		{"junk between pages", headers(1) + packets(0, 960, 1, a) + strings.Repeat("junk", 99) + packets(0, 1920, 1, b), []int64{-312, 648}, []string{a, b}},
		{"a chain", headers(1) + packets(end, 900, 1, a) + headers(7) + packets(end, 960, 7, b), []int64{-312, 648}, []string{a, b}},
		{"other streams", packets(begin, 0, 3, "\x80theora...") + headers(1) + packets(0, 9, 3, "frame") + packets(0, 960, 1, a), []int64{-312}, []string{a}},
	} {
		t.Run(x.name, func(t *testing.T) {
			if times, data := samples(t, read(t, x.file)); !slices.Equal(times, x.times) || !slices.Equal(data, x.data) {
				t.Errorf("got %v %q", times, data)
			}
		})
	}
}

func TestOtherCodecsAreSkipped(t *testing.T) {
	f := read(t, packets(begin, 0, 3, "\x01vorbis..........................")+headers(1)+packets(0, 960, 1, a))
	if len(f.Tracks) != 1 || len(f.Skipped) != 1 || f.Tracks[0].ID != 2 || f.Tracks[0].Channels != 2 {
		t.Errorf("%+v", f)
	}
}

func TestOtherFilesAreNone(t *testing.T) {
	for _, file := range []string{"", "Ogg", "OggS\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", strings.Repeat("\x00", 100)} {
		if _, err := ogg.Open(bytes.NewReader([]byte(file)), int64(len(file)), container.Options{}); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%q: got %v, want ErrFormat", file, err)
		}
	}
}

func TestLongFileIsLeftToScan(t *testing.T) {
	file := headers(1)
	for i := range int64(900) {
		file += packets(0, (i+1)*1920, 1, a, b)
	}
	f, err := ogg.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err != nil || f.Scan == nil || f.Tracks[0].Ticks(f.Declared) != 900*1920-312 {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := containertest.Scan(f); err != nil || f.Tracks[0].Index.Len() != 1800 || f.Duration() != f.Declared {
		t.Errorf("%d samples, %v", f.Tracks[0].Index.Len(), err)
	}
}
