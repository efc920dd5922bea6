package avi_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/avi"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

func le(values ...uint32) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return string(b)
}

func chunk(id, body string) string {
	return id + le(uint32(len(body))) + body + strings.Repeat("\x00", len(body)&1)
}

func list(kind string, parts ...string) string { return chunk("LIST", kind+strings.Join(parts, "")) }

// headers has a stream of MJPEG at 25 a second, and perhaps an index of indexes.
func headers(indx string) string {
	video := list("strl", chunk("strh", "vidsMJPG"+le(0, 0, 0, 1, 25, 0, 3, 0, 0, 0, 0, 0)), chunk("strf", le(40, 64, 48, 0)+"MJPG"+le(0, 0, 0, 0, 0)), indx)
	return list("hdrl", video)
}

func riff(kind string, parts ...string) string { return chunk("RIFF", kind+strings.Join(parts, "")) }

func entry(id string, offset, size int) string { return id + le(0x10, uint32(offset), uint32(size)) }

// pictures are what the files of the tests hold, and an empty chunk between them.
const pictures = "00dc\x03\x00\x00\x00one\x0000dc\x00\x00\x00\x0000dc\x05\x00\x00\x00three\x00"

func TestPicturesAreFound(t *testing.T) {
	movi := list("movi", pictures)
	before := len(riff("AVI ", headers("")))
	old := []string{entry("00dc", 4, 3), entry("00dc", 16, 0), entry("00dc", 24, 5)}
	absolute := []string{entry("00dc", before+12, 3), entry("00dc", before+24, 0), entry("00dc", before+32, 5)}
	for name, file := range map[string]string{
		"idx1":             riff("AVI ", headers(""), movi, chunk("idx1", strings.Join(old, ""))),
		"idx1 of the file": riff("AVI ", headers(""), movi, chunk("JUNK", "x"), chunk("idx1", strings.Join(absolute, ""))),
		"idx1 that lies":   riff("AVI ", headers(""), movi, chunk("idx1", entry("00dc", 999, 3))),
		"no index":         riff("AVI ", headers(""), movi),
		"size not known":   "RIFF\x00\x00\x00\x00AVI " + headers("") + "LIST\x00\x00\x00\x00movi" + pictures,
		"groups":           riff("AVI ", headers(""), list("movi", list("rec ", pictures[:12]), list("rec ", pictures[12:]))),
		"two parts":        riff("AVI ", headers(""), list("movi", pictures[:12])) + riff("AVIX", list("movi", pictures[12:])),
		"OpenDML":          openDML(),
	} {
		t.Run(name, func(t *testing.T) {
			f := containertest.Hostile(t, avi.Open, strings.NewReader(file), int64(len(file)))
			if f == nil || len(f.Tracks) != 1 {
				t.Fatalf("got %+v", f)
			}
			track := f.Tracks[0]
			var times []int64
			for _, s := range containertest.Samples(track) {
				times = append(times, s.PTS)
			}
			data, err := containertest.Bytes(track)
			if err != nil || len(data) != 2 || string(data[0]) != "one" || string(data[1]) != "three" || !slices.Equal(times, []int64{0, 2}) {
				t.Errorf("got %q at %v, %v", data, times, err)
			}
			if track.Width != 64 || track.Height != 48 || track.Timescale != 25 || f.Declared != 120e6 {
				t.Errorf("got %+v, %v", track, f.Declared)
			}
		})
	}
}

// openDML is a file of two parts, with an index in each.
func openDML() string {
	super := func(at ...int) string {
		body := "\x04\x00\x00\x00" + le(uint32(len(at))) + "00dc" + le(0, 0, 0)
		for _, x := range at {
			body += le(uint32(x), 0, 0, 0)
		}
		return chunk("indx", body)
	}
	index := func(base int, entries ...uint32) string {
		return chunk("ix00", "\x02\x00\x00\x01"+le(uint32(len(entries)/2))+"00dc"+le(uint32(base), 0, 0)+le(entries...))
	}
	first := len(riff("AVI ", headers(super(0, 0)))) + 12 // data of movi
	a := index(first, 8, 3, 20, 0|1<<31)
	part := list("movi", pictures[:20], a)
	second := len(riff("AVI ", headers(super(0, 0)), part)) + 24
	b := index(second, 8, 5)
	return riff("AVI ", headers(super(first+20, second+len(pictures)-20)), part) + riff("AVIX", list("movi", pictures[20:], b))
}

func TestOtherFilesAreNone(t *testing.T) {
	for _, file := range []string{"", "RIFF....WAVE", "RIFF....AVI"} {
		if _, err := avi.Open(strings.NewReader(file), int64(len(file)), container.Options{}); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%q: got %v, want ErrFormat", file, err)
		}
	}
	if _, err := avi.Open(strings.NewReader("RIFF....AVI "), 12, container.Options{}); !containertest.Damage(err) {
		t.Errorf("got %v, want damage", err)
	}
}

func TestLongFileIsLeftToScan(t *testing.T) {
	file := riff("AVI ", headers(""), list("movi", strings.Repeat(pictures, 3000)))
	f, err := avi.Open(strings.NewReader(file), int64(len(file)), container.Options{})
	if err != nil || f.Scan == nil {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := containertest.Scan(f); err != nil || f.Tracks[0].Index.Len() != 6000 {
		t.Errorf("%d samples, %v", f.Tracks[0].Index.Len(), err)
	}
}
