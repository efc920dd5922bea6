package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/pcm"
)

// An entry is a sample description: how the samples are coded (ISO/IEC 14496-12 §8.5.2).
type entry struct {
	out       container.Track // what it says of a track
	reference uint16          // to the data
	pcm       pcm.Format      // of the samples if they are PCM
	reason    error           // why it cannot be played
}

// maxEntrySize bounds a sample description. Real ones have some hundred bytes, or some kilobytes with a colour profile.
const maxEntrySize = 1 << 20

// descriptions reads the box "stsd".
func (m *movie) descriptions(t *track, b box) error {
	const head = 8
	if t.entries != nil {
		return nil
	}
	return m.children(b.body+head, b.end, func(b box) error {
		if len(t.entries) == maxEntries {
			return nil
		}
		e, err := m.description(b)
		t.entries = append(t.entries, e)
		return err
	})
}

func (m *movie) description(b box) (entry, error) {
	if b.size() > maxEntrySize {
		return entry{reason: fmt.Errorf("a sample description of %d bytes", b.size())}, nil
	}
	d := make([]byte, b.size())
	if err := m.read(d, b.body); err != nil {
		return entry{}, err
	}
	return parseEntry(string(b.tag[:]), d, m.quickTime), nil
}

var (
	errShortEntry = errors.New("a sample description that is too short")
	errNoConfig   = errors.New("no decoder configuration")
)

// Where the boxes of a sample description begin.
const (
	entryHead  = 8
	visualHead = 78
)

// parseEntry reads a sample description.
func parseEntry(tag string, d []byte, quickTime bool) entry {
	var e entry
	if len(d) < entryHead {
		return entry{reason: errShortEntry}
	}
	e.reference = binary.BigEndian.Uint16(d[6:])
	switch tag {
	case "avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09", "mp4v", "jpeg", "mjpa", "mjpg":
		e.visual(tag, d)
	case "mp4a", ".mp3", "ms\x00U", "Opus", "ac-3", "ulaw", "alaw", "twos", "sowt", "raw ", "in24", "in32", "lpcm", "ipcm":
		e.audio(tag, d, quickTime)
	case "encv", "enca", "drms", "drmi":
		e.reason = errors.New("encrypted")
	default:
		e.reason = fmt.Errorf("codec %q", tag)
	}
	return e
}

// like tells whether samples of both descriptions can be played in one stream.
func (e *entry) like(other *entry) bool {
	return e.reason == nil && e.out.Codec == other.out.Codec && e.out.NALLength == other.out.NALLength &&
		e.pcm == other.pcm &&
		slices.EqualFunc(e.out.Config, other.out.Config, bytes.Equal)
}

// reader makes the samples canonical.
func (e *entry) reader(r io.ReaderAt) container.SampleReader {
	switch {
	case e.pcm.Codec != "":
		return e.pcm.Track(0, r).Reader
	case e.out.Codec == container.AV1:
		return sizer{container.NewReader(r)}
	}
	return container.NewReader(r)
}

// parts calls f for each box in b until it returns false.
func parts(b []byte, f func(tag string, body []byte) bool) {
	for len(b) >= headerSize {
		size := uint64(binary.BigEndian.Uint32(b))
		if size < headerSize || size > uint64(len(b)) {
			return
		}
		if !f(string(b[4:headerSize]), b[headerSize:size]) {
			return
		}
		b = b[size:]
	}
}

// part returns the body of the first box of a type.
func part(b []byte, want string) (body []byte, ok bool) {
	parts(b, func(tag string, d []byte) bool {
		if tag == want {
			body, ok = d, true
		}
		return !ok
	})
	return body, ok
}
