package mpegts

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
)

// Bounds of what is read on opening.
const (
	shortHead = 512 << 10
	longHead  = 8 << 20
	tail      = 512 << 10
)

// videoClock is the clock of video and of MPEG audio in RTP.
const videoClock = 90000

var (
	errNoProgram = errors.New("no program table")
	errNoPackets = errors.New("no transport packets")
)

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no transport stream, a
// *container.DamagedError if they are one whose programs are not known, or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	for length := int64(shortHead); ; length *= 4 {
		length = min(length, longHead, size)
		b := make([]byte, length)
		n, err := r.ReadAt(b, 0)
		if n < len(b) && err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		b = b[:n]
		h, err := probe(b)
		if err != nil && (length == min(longHead, size) || errors.Is(err, container.ErrFormat)) {
			return nil, err
		}
		if err == nil && (h.complete() || length == min(longHead, size)) {
			return h.file(r, size, b)
		}
	}
}

// file makes a file of what was found, and fills the index as far as b reaches.
func (h *head) file(r io.ReaderAt, size int64, b []byte) (*container.File, error) {
	f := &container.File{Skipped: h.others}
	s := &scanner{r: r, size: size, walker: walker{layout: h.layout}, at: h.layout.base}
	if zero, ok := h.zero(); ok {
		s.clock.begin(zero)
	}
	for _, e := range h.program.entries {
		if e.codec == "" {
			f.Skipped = append(f.Skipped, fmt.Sprintf("track %d: %s", e.pid, e.what))
		}
	}
	for _, t := range h.tracks {
		switch {
		case t.usable():
			f.Tracks = append(f.Tracks, s.add(t, h.layout))
		case t.seen:
			f.Skipped = append(f.Skipped, fmt.Sprintf("track %d: %s that cannot be read", t.entry.pid, t.entry.codec))
		default:
			f.Skipped = append(f.Skipped, fmt.Sprintf("track %d: %s that has no data at the beginning", t.entry.pid, t.entry.codec))
		}
	}
	s.write(b[s.at:], int64(len(b)) >= size)
	if int64(len(b)) >= size {
		s.finish(nil)
		return f, nil
	}
	s.flush()
	f.Scan = s.scan
	f.Declared = h.declared(r, size)
	return f, nil
}

// add adds a stream that was probed to those that are scanned.
func (s *scanner) add(probed *track, l layout) *container.Track {
	build := container.NewBuilder()
	t := newTrack(probed.entry, func(sample container.Sample) { build.Add(sample) })
	s.tracks, s.builders = append(s.tracks, t), append(s.builders, build)
	out := &container.Track{
		ID: int(t.entry.pid), Codec: t.entry.codec, Video: t.entry.codec.Video(),
		Timescale: rate, ClockRate: videoClock, Index: build.Index(), Reader: newReader(s.r, s.size, l, t.entry),
	}
	switch p := probed.stream.(type) {
	case *video:
		out.NALLength = annexb.NALLength
		out.Width, out.Height = p.split.Size()
		if out.Config = p.split.Config(); !p.split.Configured() {
			out.Config = nil
		}
	case *audio:
		out.Timescale, out.SampleRate, out.Channels = p.first.rate, p.first.rate, p.first.channels
		if out.Codec != container.MP3 {
			out.ClockRate = p.first.rate
		}
		switch out.Codec {
		case container.AAC:
			out.Config = [][]byte{audioConfig(p.config[:])}
		case container.Opus:
			if out.Channels = t.entry.channels; out.Channels == 0 { // not said, or two that are not stereo
				out.Channels = 2
			}
		}
		t.stream.(*audio).first = p.first
	}
	return out
}

// declared is about how long the file lasts: how far its last times are from the first.
func (h *head) declared(r io.ReaderAt, size int64) time.Duration {
	const most = 24 * time.Hour
	zero, ok := h.zero()
	start := h.layout.before(max(size-tail, 0))
	b := make([]byte, min(tail, size-start))
	n, _ := r.ReadAt(b, start)
	longest := int64(0)
	w := walker{layout: h.layout, searching: true}
	w.walk(b[:n], start, true, func(p packet, _ int64) {
		for _, t := range h.tracks {
			if t.entry.pid != p.pid() || !p.begins() || !t.usable() {
				continue
			}
			var f flow
			if _, what := f.take(p); what&began != 0 && f.stamp().valid {
				longest = max(longest, difference(f.stamp().pts, zero))
			}
		}
	})
	d := time.Duration(longest) * time.Second / rate
	if !ok || d > most {
		return 0
	}
	return d
}
