package mpa_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mpa"
)

// one is a frame of MPEG-1 layer 3 of 32 kbit/s at 32 kHz, which has 144 bytes.
var one = "\xFF\xFB\x18\xC0" + strings.Repeat("x", 140)

// tag is an ID3v2 tag of n bytes behind its header.
func tag(n int) string {
	return "ID3\x04\x00\x00\x00\x00" + string([]byte{byte(n >> 7), byte(n & 0x7F)}) + strings.Repeat("\xFF", n)
}

func TestFramesAreFound(t *testing.T) {
	const size = 144
	for _, c := range []struct {
		name string
		file string
		at   []int64 // nil: ErrFormat
	}{
		{"three", one + one + one, []int64{0, size, 2 * size}},
		{"one alone", one, []int64{0}},
		{"behind tags", tag(300) + tag(9) + one + one, []int64{329, 329 + size}},
		{"behind a tag and junk", tag(300) + "junk" + one + one, []int64{314, 314 + size}},
		{"behind zeros", "\x00\x00\x00" + one + one, []int64{3, 3 + size}},
		{"junk between", one + one + one + strings.Repeat("\xFFjunk", 999) + one + one, []int64{0, size, 2 * size, 3*size + 4995, 4*size + 4995}},
		{"tags behind", one + one + one + "TAG" + strings.Repeat("x", 125), []int64{0, size, 2 * size}},
		{"last one cut off", one + one + one + one[:100], []int64{0, size, 2 * size}},
		{"another rate between", one + one + one + "\xFF\xFB\x14\xC0" + one + one, []int64{0, size, 2 * size, 3*size + 4, 4*size + 4}},
		{"text", "hello, world", nil},
		{"empty", "", nil},
		{"two and something else", one + one + "RIFF", nil},
		{"nothing behind a tag", tag(10), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := mpa.Open(strings.NewReader(c.file), int64(len(c.file)), container.Options{})
			if c.at == nil {
				if !errors.Is(err, container.ErrFormat) {
					t.Errorf("got %v, want ErrFormat", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			containertest.Scan(f)
			var at []int64
			for i, s := range containertest.Samples(f.Tracks[0]) {
				at = append(at, s.Offset)
				if s.Size != size || s.PTS != int64(i)*1152 || !s.Key {
					t.Errorf("sample %d: %+v", i, s)
				}
			}
			if !slices.Equal(at, c.at) {
				t.Errorf("at %v, want %v", at, c.at)
			}
		})
	}
}

func TestLongFileIsLeftToScan(t *testing.T) {
	file := strings.Repeat(one, 9000)
	f, err := mpa.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err != nil || f.Scan == nil || f.Declared.Seconds() != 324 {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := containertest.Scan(f); err != nil || f.Tracks[0].Index.Len() != 9000 || f.Duration() != f.Declared {
		t.Errorf("%d samples, %v", f.Tracks[0].Index.Len(), err)
	}
}

// Where nothing is to be found in a megabyte, the file is damaged there.
func TestMuchJunkIsDamage(t *testing.T) {
	file := one + one + one + strings.Repeat("z\xFF\xFB\x18\xC0", 1<<19) + one + one
	f, err := mpa.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	containertest.Scan(f)
	if index := f.Tracks[0].Index; index.Len() != 3 || !containertest.Damage(index.Err()) {
		t.Errorf("%d samples, %v", index.Len(), index.Err())
	}
}
