package mp4

import (
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

var (
	errTooMuch = errors.New("more samples than bytes")
	errChunks  = errors.New("more samples than chunks have")
)

// add adds a sample with times of the media.
func (m *movie) add(t *track, s container.Sample) error {
	s.DTS += t.edits.shift
	s.PTS += t.edits.shift
	if t.done || s.DTS >= t.edits.end && s.PTS >= t.edits.end {
		t.done = true
		return nil
	}
	if s.Size <= 0 || s.Size > container.MaxSample {
		return nil
	}
	if m.budget < int64(s.Size) {
		return damaged(s.Offset, errTooMuch)
	}
	m.budget -= int64(s.Size)
	t.builder.Add(s)
	return nil
}

// samples reads the tables of a track (ISO/IEC 14496-12 §8.6 and §8.7). What is wrong with them ends the track; the error
// is the reader's.
func (m *movie) samples(t *track) error {
	err := m.readTables(t)
	if err != nil && !isDamage(err) {
		return err
	}
	if err != nil {
		t.damage = err
	}
	return nil
}

func (m *movie) readTables(t *track) error {
	sizes := m.sizes(&t.tables)
	if sizes.count == 0 {
		return sizes.err
	}
	c := chunks{run: m.open(t.tables.chunks), offsets: m.open(t.tables.offsets)}
	if t.tables.offsets.start == 0 {
		c.offsets, c.wide = m.open(t.tables.wideOffsets), true
	}
	c.runs, c.count = int64(c.run.u32()), int64(c.offsets.u32())
	c.advance()
	var err error
	if t.pcm != nil {
		err = m.pcmSamples(t, &c, sizes)
	} else {
		sizes.limit(m.size)
		err = m.codedSamples(t, &c, sizes)
	}
	return worst(err, c.run.err, c.offsets.err, sizes.err)
}

// open opens a table behind its version and flags. One that is not there is empty.
func (m *movie) open(b box) *table {
	t, _ := m.source.full(b)
	if b.start == 0 {
		t.err = nil
	}
	return t
}

// codedSamples goes over all tables side by side.
func (m *movie) codedSamples(t *track, c *chunks, sizes *sizes) error {
	times := runs{table: m.open(t.tables.times)}
	times.left = times.table.u32()
	shifts := runs{table: m.open(t.tables.shifts)}
	if t.tables.shifts.start != 0 {
		shifts.left = shifts.table.u32()
	}
	keys := newKeys(m, t)
	dts := int64(0)
	for sizes.count > 0 && !t.done {
		offset, n, description, ok := c.next()
		if !ok {
			return damaged(c.offsets.pos(), errChunks)
		}
		usable := t.fits(description)
		for range min(n, sizes.count) {
			s := container.Sample{Offset: offset, Size: int(sizes.next()), DTS: dts, Key: keys.next()}
			s.Duration = max(int(int32(times.next())), 0)
			s.PTS = dts + int64(int32(shifts.next()))
			dts += int64(s.Duration)
			offset += int64(s.Size)
			if !usable {
				continue
			}
			if offset > m.size {
				t.damage = damaged(m.size, io.ErrUnexpectedEOF)
				continue
			}
			if err := m.add(t, s); err != nil {
				return err
			}
		}
	}
	return worst(times.table.err, shifts.table.err, keys.err())
}

// pcmSamples goes from chunk to chunk: how many bytes a frame has is known better from the sample description, and its
// duration from the sample rate.
func (m *movie) pcmSamples(t *track, c *chunks, sizes *sizes) error {
	at := int64(0)
	for sizes.count > 0 && !t.done {
		offset, n, description, ok := c.next()
		if !ok {
			return damaged(c.offsets.pos(), errChunks)
		}
		n = min(n, sizes.count)
		frames := sizes.frames(n, t.pcm.frame)
		there := min(frames, max(m.size-offset, 0)/t.pcm.frame)
		if there < frames {
			t.damage = damaged(m.size, io.ErrUnexpectedEOF)
		}
		if t.fits(description) && there > 0 {
			if err := t.pcm.add(m, offset, there, at); err != nil {
				return err
			}
		}
		at += frames
	}
	return t.pcm.flush(m)
}
