package open_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/open"
)

// An endless file is a beginning and a part that comes again and again. It counts what is read of it.
type endless struct {
	head, part []byte
	size       int64
	read       int64
}

func (e *endless) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) && at < e.size {
		from := e.head
		if at >= int64(len(e.head)) {
			from = e.part[(at-int64(len(e.head)))%int64(len(e.part)):]
		} else {
			from = from[at:]
		}
		k := copy(p[n:], from[:min(int64(len(from)), e.size-at)])
		n, at = n+k, at+int64(k)
	}
	e.read += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// repeat makes a file of another size of a seed: what its media are in comes again and again. It is nil for files that
// cannot be made longer so.
func repeat(s seed, size int64) *endless {
	s.content = bytes.Clone(s.content)
	from, to := 0, len(s.content)
	after := func(mark string, times int) {
		for range times {
			if i := strings.Index(string(s.content[from:]), mark); i >= 0 {
				from += i + len(mark)
			}
		}
	}
	switch s.format {
	case "matroska": // the segment lasts to the end of the file
		after("\x18\x53\x80\x67", 1)
		copy(s.content[from:], "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
		after("\x1F\x43\xB6\x75", 1)
		from -= 4
		if i := bytes.Index(s.content, []byte("\x1C\x53\xBB\x6B")); i > from {
			to = i
		}
	case "avi": // the lists are as long as they can be
		after("RIFF", 1)
		copy(s.content[from:], "\xFF\xFF\xFF\xFF")
		after("movi", 1)
		copy(s.content[from-8:], "\xFF\xFF\xFF\xFF")
		if i := bytes.Index(s.content, []byte("idx1")); i > from {
			to = i
		}
	case "ogg": // the beginning and the tags are pages of their own
		after("OggS", 3)
		from -= 4
	case "wav":
		after("data", 1)
		from += 4
	case "mp4":
		if !strings.Contains(string(s.content), "moof") {
			return nil // all samples are in the header: mp4.TestIndexOfATwoHourFilmIsSmall
		}
		after("moof", 1)
		from -= 8
		if i := bytes.Index(s.content, []byte("mfra")); i > from {
			to = i - 4
		}
	}
	return &endless{head: s.content[:from], part: s.content[from:to], size: size}
}

// A file of any container is opened without reading all of it, and without keeping more than twice of what was read.
func TestTenGigabytesAreNotReadToBeOpened(t *testing.T) {
	for _, s := range seeds(t) {
		r := repeat(s, 10<<30)
		if r == nil {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := time.Now()
		_, err := open.Open(r, r.size, container.Options{})
		took := time.Since(begun)
		runtime.ReadMemStats(&after)
		allocated := int64(after.TotalAlloc - before.TotalAlloc)
		t.Logf("%s: %d KiB read, %d KiB allocated, %v", s.name, r.read>>10, allocated>>10, took)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if r.read > 8<<20 || allocated > 2*r.read+1<<20 {
			t.Errorf("%s: %d bytes read, %d allocated", s.name, r.read, allocated)
		}
	}
}

// The index of a film of two hours has less than two megabytes.
func TestIndexOfTwoHours(t *testing.T) {
	for _, s := range seeds(t) {
		f, err := openBytes(open.Open, s.content)
		if err != nil {
			t.Fatal(err)
		}
		containertest.Scan(f)
		r := repeat(s, int64(float64(len(s.content))*float64(2*time.Hour)/float64(f.Duration())))
		if r == nil {
			continue
		}
		long, err := open.Open(r, r.size, container.Options{})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		err = containertest.Scan(long)
		bytes, samples := 0, 0
		for _, track := range long.Tracks {
			bytes += track.Index.Bytes()
			samples += track.Index.Len()
		}
		t.Logf("%s: %v, %d samples, %d KiB, %v", s.name, long.Duration(), samples, bytes>>10, err)
		if bytes > 2_000_000 {
			t.Errorf("%s: %d bytes for %d samples", s.name, bytes, samples)
		}
		if sound := s.format == "wav"; samples < 70_000 && !sound {
			t.Errorf("%s: only %d samples", s.name, samples)
		}
	}
}
