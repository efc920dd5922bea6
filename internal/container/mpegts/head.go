package mpegts

import (
	"fmt"

	"github.com/baton-rtsp/baton/internal/container"
)

// A head is what was found at the beginning of a file.
type head struct {
	layout  layout
	program *program
	tracks  []*track
	others  []string // programs that are left out
}

// probe finds the program and what its streams are.
func probe(b []byte) (*head, error) {
	l, ok := detect(b)
	if !ok {
		return nil, container.ErrFormat
	}
	var t tables
	w := walker{layout: l}
	w.walk(b[l.base:], l.base, true, t.visit)
	h := &head{layout: l}
	for i := range t.programs {
		h.choose(&t.programs[i])
	}
	switch {
	case h.program != nil:
	case t.complete(): // of nothing that can be played
		h.program = &t.programs[0]
	case row(b[l.base:], l.stride) < goodRow:
		return nil, container.ErrFormat
	default:
		return nil, &container.DamagedError{Offset: l.base, Err: errNoProgram}
	}
	for _, e := range h.program.entries {
		if e.codec != "" {
			h.add(e)
		}
	}
	w = walker{layout: l}
	w.walk(b[l.base:], l.base, true, h.visit)
	for _, t := range h.tracks {
		t.stream.close()
	}
	return h, nil
}

// choose takes the first program that has something to play.
func (h *head) choose(g *program) {
	playable := false
	for _, e := range g.entries {
		playable = playable || e.codec != ""
	}
	switch {
	case h.program != nil:
		h.others = append(h.others, fmt.Sprintf("program %d: only program %d is played", g.number, h.program.number))
	case playable:
		h.program = g
	}
}

// add adds a stream, unless there is one with its PID.
func (h *head) add(e entry) {
	for _, t := range h.tracks {
		if t.entry.pid == e.pid {
			return
		}
	}
	h.tracks = append(h.tracks, newTrack(e, func(container.Sample) {}))
}

// visit shows a packet to the stream that it belongs to. All streams are given the same time: they are only
// to find out what they are.
func (h *head) visit(p packet, at int64) {
	pid := p.pid()
	for _, t := range h.tracks {
		if t.entry.pid != pid {
			continue
		}
		t.seen = true
		t.take(p, at, func(s stamp) (pts, dts int64) {
			if !t.first.valid {
				t.first = s
			}
			return 0, 0
		})
	}
}

func (h *head) complete() bool {
	for _, t := range h.tracks {
		if !t.known() {
			return false
		}
	}
	return true
}

// zero is the time at which the presentation begins: the earliest among the first of the streams. One that is far from
// the others does not count.
func (h *head) zero() (raw int64, ok bool) {
	for _, t := range h.tracks {
		if !t.usable() {
			continue
		}
		d := difference(t.first.pts, raw)
		if !ok || d < 0 && d > -jump {
			raw, ok = t.first.pts, true
		}
	}
	return raw, ok
}
