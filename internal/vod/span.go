package vod

import (
	"math"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// Scale and Speed that a playback takes; what is asked for beyond is brought to the nearest.
const (
	minScale, maxScale = 1.0 / 16, 8.0
	minSpeed, maxSpeed = 0.25, 8.0
	// allFrames is the largest Scale at which every picture is sent; above, and backwards, it is key
	// pictures only.
	allFrames = 2.0
	// keyInterval is the least distance of key pictures on the play clock.
	keyInterval = time.Second / 30
)

// A span is what one PLAY plays: from start to end, which is before start when playing backwards.
type span struct {
	start, end time.Duration
	pause      time.Duration // a PAUSE waits there; negative: none
	toEnd      bool          // end is that of the film, which may still grow
	unit       rtsp.RangeUnit
	scale      float64
	speed      float64
	style      rtspserver.SeekStyle
}

func (s *span) reverse() bool { return s.scale < 0 }

// keysOnly tells whether only key pictures are played.
func (s *span) keysOnly() bool { return s.reverse() || s.scale > allFrames }

// stop is where playing stops for now.
func (s *span) stop() time.Duration {
	if s.pause >= 0 {
		return s.pause
	}
	return s.end
}

// describe is the span as a Range header has it, from a position on.
func (s *span) describe(from time.Duration) rtsp.Range {
	at := func(t time.Duration) rtsp.Position {
		return rtsp.Position{Kind: rtsp.PositionOffset, Offset: max(t, 0)}
	}
	return rtsp.Range{Unit: s.unit, Start: at(from), End: at(s.end)}
}

// clamp brings what is asked for to what can be done: 0 is 1.
func clamp(v, low, high float64) float64 {
	if v == 0 {
		return 1
	}
	return math.Copysign(min(max(math.Abs(v), low), high), v)
}

// plan turns a PLAY into a span. Beyond the film is 457, what a film has no notion of too.
func (p *playback) plan(req *rtspserver.PlayRequest) (span, error) {
	end := p.film.file.Duration()
	next := span{
		start: p.position(), end: end, toEnd: true, pause: -1, unit: rtsp.UnitNPT,
		scale: p.scale(req.Scale), speed: clamp(req.Speed, minSpeed, maxSpeed), style: req.SeekStyle,
	}
	if next.reverse() {
		next.end, next.toEnd = 0, false
	}
	r := req.Range
	if r == nil {
		return next, nil
	}
	next.unit = r.Unit
	switch r.Start.Kind {
	case rtsp.PositionOffset:
		next.start = r.Start.Offset
	case rtsp.PositionUTC:
		return span{}, outside()
	}
	switch r.End.Kind {
	case rtsp.PositionOffset:
		next.end, next.toEnd = min(r.End.Offset, end), r.End.Offset >= end
	case rtsp.PositionNow, rtsp.PositionUTC:
		return span{}, outside()
	}
	return next, p.inside(&next)
}

// inside refuses a span that has nothing of the film in it. Backwards it may begin at the end.
func (p *playback) inside(s *span) error {
	length := p.film.file.Duration()
	switch {
	case s.reverse() && (s.start > length+slack || s.end+slack >= s.start):
		return outside()
	case !s.reverse() && (s.start+slack >= length || s.start+slack >= s.end):
		return outside()
	}
	return nil
}

// scale is the Scale that can be had: only pictures can be played at another than 1.
func (p *playback) scale(asked float64) float64 {
	if !p.lead.track.Video {
		return 1
	}
	return clamp(asked, minScale, maxScale)
}

func outside() error { return &rtsp.StatusError{Code: rtsp.StatusInvalidRange} }
