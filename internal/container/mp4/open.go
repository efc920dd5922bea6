package mp4

import (
	"context"
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// maxTop is how many boxes may lie in a file in front of the movie header.
const maxTop = 1 << 12

var errNoMovie = errors.New("no movie header")

// Open reads the movie header of a file, of which r holds size bytes, and the indexes of its tracks. Those of a fragmented
// file with many fragments are left to Scan; it also has Refresh. The error is container.ErrFormat when it is no MP4 or
// QuickTime file, a *container.DamagedError when it is one but has no whole movie header, or the reader's.
//
// Tracks whose tables are broken or refer to what the file does not hold have the samples that are whole, and the reason
// in their index. The File goes on using r, from several goroutines.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	m := &movie{window: window{source: &source{r, size}}, file: new(container.File), budget: budget(size)}
	moov, err := m.find()
	if err != nil {
		return nil, err
	}
	if err := m.header(moov); err != nil {
		return nil, err
	}
	m.declare(m.duration, m.timescale)
	for _, t := range m.tracks {
		if err := m.samples(t); err != nil {
			return nil, err
		}
	}
	if m.fragmented {
		err = m.openFragments(moov.end)
	} else {
		m.finish(nil)
	}
	if err != nil {
		return nil, err
	}
	return m.file, m.learnParameters()
}

// budget is how many bytes all samples of a file together may have. That none are shared is not said anywhere; that most
// are is a file made to exhaust memory.
func budget(size int64) int64 { return 2 * min(size, maxNumber) }

// find looks for the movie header.
func (m *movie) find() (box, error) {
	at, known, picture := int64(0), false, false
	for n := range maxTop {
		b, ok, err := m.box(at, m.size)
		if err != nil && !isDamage(err) {
			return box{}, err
		}
		if n == 0 && (!ok || err != nil || !begins(b)) {
			return box{}, container.ErrFormat
		}
		switch {
		case err != nil && !known:
			return box{}, container.ErrFormat
		case err != nil:
			return box{}, err
		case !ok && known && !picture:
			return box{}, damaged(m.size, errNoMovie)
		case !ok:
			return box{}, container.ErrFormat
		}
		switch string(b.tag[:]) {
		case "ftyp":
			known = true
			if brand, err := m.bytes(b.body, 4); err == nil && b.size() >= 4 {
				m.quickTime = string(brand) == "qt  "
			}
		case "styp", "sidx", "moof":
			known = true
		case "meta": // HEIF and AVIF images
			picture = true
		case "moov":
			if b.cut {
				return box{}, damaged(m.size, io.ErrUnexpectedEOF)
			}
			return b, nil
		}
		at = b.end
	}
	return box{}, damaged(at, errNoMovie)
}

// begins tells whether a file can begin with a box.
func begins(b box) bool {
	switch string(b.tag[:]) {
	case "ftyp", "styp", "sidx", "moof", "moov", "mdat", "free", "skip", "wide", "pnot", "pdin", "uuid":
		return true
	}
	return false
}

// finish completes the indexes.
func (m *movie) finish(err error) {
	for _, t := range m.tracks {
		if err == nil || t.damage != nil {
			t.builder.Finish(t.damage)
		} else {
			t.builder.Finish(err)
		}
	}
}

// Of a fragmented file so much is read when it is opened; it takes some tens of milliseconds.
const (
	eagerFragments = 1 << 9
	eagerSamples   = 1 << 17
)

// openFragments reads the first fragments, and prepares for those that are left and that are still to come.
func (m *movie) openFragments(at int64) error {
	m.walk.at = at
	more, err := m.fragments(eagerFragments, eagerSamples)
	if err != nil && !isDamage(err) {
		return err
	}
	m.file.Refresh = m.refresh
	if more && err == nil {
		m.flush()
		m.file.Scan = m.scan
		return m.declareFragments()
	}
	m.finish(err)
	return nil
}

// scan reads the fragments that were not read on opening.
func (m *movie) scan(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			m.flush()
			return context.Cause(ctx)
		}
		more, err := m.fragments(eagerFragments, eagerSamples)
		if !more || err != nil {
			m.finish(err)
			return err
		}
		m.flush()
	}
}

func (m *movie) flush() {
	for _, t := range m.tracks {
		t.builder.Flush()
	}
}

var errShrunk = errors.New("the file is shorter than it was")

// refresh reads what was added to the file.
func (m *movie) refresh(size int64) (grew bool, err error) {
	if size < m.walk.at {
		return false, damaged(size, errShrunk)
	}
	if size == m.size {
		return false, nil
	}
	m.budget += budget(size) - budget(m.size)
	m.source = &source{m.r, size}
	m.window.buf = m.window.buf[:0] // its end may have been written since
	before := m.samplesKnown()
	for more := true; more && err == nil; {
		more, err = m.fragments(eagerFragments, eagerSamples)
	}
	m.flush()
	return m.samplesKnown() > before, err
}

func (m *movie) samplesKnown() int {
	n := 0
	for _, t := range m.tracks {
		n += t.builder.Len()
	}
	return n
}
