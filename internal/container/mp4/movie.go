package mp4

import (
	"errors"
	"fmt"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds of a movie header.
const (
	maxBoxes  = 1 << 16 // in a movie header
	maxTracks = 64
)

// A movie is what is known of a file.
type movie struct {
	window
	file      *container.File
	quickTime bool
	boxes     int // that were seen in the header

	timescale int64 // of edit lists
	duration  int64 // as declared, in that timescale
	tracks    []*track
	chapters  []uint32 // tracks that others refer to as such
	extends   []extends

	budget     int64 // how many bytes of media samples may still refer to
	fragmented bool
	walk       walk
}

var errBoxes = errors.New("too many boxes")

// header reads the box "moov".
func (m *movie) header(moov box) error {
	var traks []box
	err := m.children(moov.body, moov.end, func(b box) error {
		if m.boxes++; m.boxes > maxBoxes {
			return damaged(b.start, errBoxes)
		}
		switch string(b.tag[:]) {
		case "mvhd":
			return m.movieHeader(b)
		case "trak":
			traks = append(traks, b)
		case "mvex":
			m.fragmented = true
			return m.children(b.body, b.end, m.extend)
		case "cmov":
			return damaged(b.start, errors.New("a compressed header"))
		}
		return nil
	})
	if err != nil && (len(traks) == 0 || !isDamage(err)) {
		return err
	}
	if len(traks) > maxTracks {
		m.skip(fmt.Sprintf("%d tracks behind the first %d", len(traks)-maxTracks, maxTracks))
		traks = traks[:maxTracks]
	}
	for _, b := range traks {
		if err := m.track(b); err != nil {
			return err
		}
	}
	return m.leaveOut()
}

// leaveOut takes out the tracks that cannot be played.
func (m *movie) leaveOut() error {
	kept := m.tracks[:0]
	for _, t := range m.tracks {
		for _, id := range m.chapters {
			if id == t.id && t.reason == nil {
				t.reason = errors.New("chapters")
			}
		}
		if t.reason != nil {
			m.skip(fmt.Sprintf("track %d: %v", t.id, t.reason))
			continue
		}
		kept = append(kept, t)
		m.file.Tracks = append(m.file.Tracks, &t.out)
	}
	m.tracks = kept
	return nil
}

func (m *movie) skip(what string) { m.file.Skipped = append(m.file.Skipped, what) }

// movieHeader reads the box "mvhd" (ISO/IEC 14496-12 §8.2.2).
func (m *movie) movieHeader(b box) error {
	t, v := m.full(b)
	wide := v.version == 1
	t.u32or64(wide)
	t.u32or64(wide)
	m.timescale = int64(t.u32())
	m.duration = t.u32or64(wide)
	if !wide && m.duration == 1<<32-1 { // not known
		m.duration = 0
	}
	return t.err
}

// declare tells how long the file says it is.
func (m *movie) declare(ticks, timescale int64) {
	if timescale <= 0 || ticks <= 0 {
		return
	}
	t := container.Track{Timescale: int(timescale)}
	if d := t.Time(ticks); d < maxDeclared {
		m.file.Declared = max(m.file.Declared, d)
	}
}

// maxDeclared is what nobody believes.
const maxDeclared = 10 * 365 * 24 * time.Hour
