package vod

import (
	"io"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// maxQueue bounds how many PLAYs can wait for their turn.
const maxQueue = 32

// growth is how long a playback waits for an index that is still being made.
const growth = 200 * time.Millisecond

// A playback is one session's walk over a film. It belongs to the session's shard.
type playback struct {
	film  *Film
	lanes []*lane
	lead  *lane

	now      span   // what is played
	queue    []span // PLAYs that wait (RFC 2326 §10.5)
	playing  bool
	started  bool // has played before
	standing bool // the lanes stand where the position is

	pace pace
	last mark

	batch *scratch // the sample that is being sent; nil: none
	emit  func(b []byte, ticks uint32, marker bool)
}

func newPlayback(f *Film) (*playback, error) {
	p := &playback{film: f}
	p.emit = p.append
	for i := range f.tracks {
		l, err := newLane(f, i)
		if err != nil {
			return nil, err
		}
		p.lanes = append(p.lanes, l)
	}
	p.lead = p.lanes[f.lead]
	p.now = span{end: f.file.Duration(), toEnd: true, pause: -1, scale: 1, speed: 1}
	return p, nil
}

func (p *playback) SSRC(track int) uint32 { return p.lanes[track].ssrc }
func (p *playback) Attach(*timeline.Seat) {}
func (p *playback) Close()                { p.release() }

// Select says which tracks are sent. Seeking goes by the pictures, if some are wanted.
func (p *playback) Select(tracks uint64) {
	here := p.position()
	p.lead = nil
	for i, l := range p.lanes {
		was := l.wanted
		l.wanted = tracks>>i&1 == 1
		if l.wanted && !was && p.standing && p.playing {
			l.accompany(&span{start: here, scale: p.now.scale})
		}
		if l.wanted && (p.lead == nil || l.track.Video && !p.lead.track.Video) {
			p.lead = l
		}
	}
	if p.lead == nil {
		p.lead = p.lanes[p.film.lead]
	}
}

// Play begins, seeks, queues or resumes.
func (p *playback) Play(now time.Time, req *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	next, err := p.plan(req)
	if err != nil {
		return nil, err
	}
	result := &rtspserver.PlayResult{Scale: next.scale, Speed: next.speed, SeekStyle: next.style}
	switch {
	case req.Range == nil:
		p.goOn(now, next)
	case req.Queue && p.film.cfg.Queue && p.playing:
		if len(p.queue) >= maxQueue {
			return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Text: "Too Many Queued Ranges"}
		}
		p.queue = append(p.queue, next)
		result.Range = next.describe(p.quantize(&next))
		return result, nil
	default:
		at := now
		if req.Range.Time.After(now) { // STA-14
			at = req.Range.Time
		}
		p.drop()
		p.queue = nil
		p.begin(at, next)
	}
	result.Range = p.now.describe(p.position())
	if req.Range != nil {
		result.Range.Time = req.Range.Time
	}
	result.Scale, result.Speed, result.Tracks = p.now.scale, p.now.speed, p.starts()
	return result, nil
}

// goOn resumes, or changes how fast it goes; at the end of what was asked for it plays what is left, and
// at the end of the film it begins again.
func (p *playback) goOn(now time.Time, next span) {
	same := next.scale == p.now.scale && next.speed == p.now.speed
	if p.playing && same {
		return
	}
	if p.standing && !p.over() {
		if same || !next.keysOnly() && !p.now.keysOnly() {
			p.now.scale, p.now.speed = next.scale, next.speed
			p.resume(now)
			return
		}
		next.end, next.toEnd = p.now.end, p.now.toEnd
		if next.reverse() != p.now.reverse() {
			next.end, next.toEnd = 0, false
		}
	}
	if !next.reverse() && next.start+slack >= p.film.file.Duration() {
		next.start = 0
	}
	if !next.reverse() && next.end <= next.start {
		next.end, next.toEnd = p.film.file.Duration(), true
	}
	p.begin(now, next)
}

// over tells whether nothing is left of what was asked for.
func (p *playback) over() bool { return p.earliest() == nil }

// begin seeks to a span and plays it.
func (p *playback) begin(at time.Time, next span) {
	p.seek(&next)
	next.end = p.lead.last(&next)
	p.now = next
	p.pace = p.last.follow(at, next.start, &p.now)
	p.playing, p.started = true, true
}

// resume goes on where the lanes stand.
func (p *playback) resume(at time.Time) {
	ref := p.position()
	p.now.pause = -1
	p.pace = p.last.follow(at, ref, &p.now)
	p.playing, p.started = true, true
}

// quantize is where a span would really begin.
func (p *playback) quantize(s *span) time.Duration {
	if i := p.lead.track.Index.KeyBefore(p.lead.find(s.start)); i >= 0 {
		return max(p.lead.shown(i), 0)
	}
	return s.start
}

// position is the time of the presentation that is sent next.
func (p *playback) position() time.Duration {
	if !p.standing {
		return p.now.start
	}
	return p.standpoint()
}

// standpoint is where the lanes stand: what is decoded next, moved by how much earlier than its time the
// first picture is decoded.
func (p *playback) standpoint() time.Duration {
	if !p.lead.has {
		return p.now.stop()
	}
	if p.now.keysOnly() {
		return p.lead.pts()
	}
	return min(max(p.lead.dts()+p.lead.reorder, p.now.start), p.now.stop())
}

// starts is where each track begins: the next sequence number, and the timestamp of the common instant at
// which the range begins (RTI-01).
func (p *playback) starts() []rtspserver.TrackStart {
	var list []rtspserver.TrackStart
	for _, l := range p.lanes {
		if l.wanted && p.audible(l) {
			seq := l.seq
			if p.batch != nil && p.batch.lane == l {
				seq -= p.batch.left()
			}
			list = append(list, rtspserver.TrackStart{Track: l.number, Seq: seq, RTPTime: l.timestamp(p.pace.clock(p.position()))})
		}
	}
	return list
}

// audible tells whether a track is played at the current Scale: only pictures are at any.
func (p *playback) audible(l *lane) bool { return p.now.scale == 1 || l.track.Video }

// Pause stops now, or at a point that is still to come (RFC 2326 §10.6). It discards queued PLAYs.
func (p *playback) Pause(now time.Time, at *rtsp.Range) (rtsp.Range, bool, error) {
	if at != nil && at.Start.Kind == rtsp.PositionOffset {
		ahead, err := p.pausePoint(at.Start.Offset)
		if err != nil || ahead {
			return p.now.describe(p.position()), false, err
		}
	}
	p.playing, p.queue, p.now.pause = false, nil, -1
	return p.now.describe(p.position()), true, nil
}

// pausePoint has what is to be played stop before a time; false if that has passed already.
func (p *playback) pausePoint(point time.Duration) (ahead bool, err error) {
	here := p.position()
	within := func(s *span, from time.Duration) bool {
		return point > from+slack && point <= s.end+slack
	}
	switch {
	case p.now.reverse():
		return false, outside()
	case point+slack >= p.now.start && point <= here+slack:
		if point < here-slack { // the client forgets what it got since then
			p.drop()
			back := p.now
			back.start = point
			p.seek(&back)
			p.now.start = back.start
		}
		return false, nil
	case within(&p.now, here):
		p.now.pause, p.queue = point, nil
		return true, nil
	}
	for i := range p.queue {
		if s := &p.queue[i]; within(s, s.start) {
			p.now.pause, s.pause, p.queue = -1, point, p.queue[:i+1]
			return true, nil
		}
	}
	return false, outside()
}

// Next returns the packets of the sample that is due.
func (p *playback) Next(now time.Time) (timeline.Batch, time.Time, error) {
	for {
		if p.batch != nil {
			return p.batch.rest(), time.Time{}, nil
		}
		whole := p.film.complete() // before looking: what came until then is found
		l := p.earliest()
		if l == nil {
			if wait, err := p.turn(now, whole); err != nil || !wait.IsZero() {
				return timeline.Batch{}, wait, err
			}
			continue
		}
		due := p.dueOf(l)
		if now.Add(timeline.Grain).Before(due) {
			return timeline.Batch{}, due, nil
		}
		if late := now.Sub(due); late > lateness {
			p.pace.origin = p.pace.origin.Add(late)
		}
		p.packetize(l)
	}
}

// dueOf is when the next sample of a lane is due: when it is decoded, or shown where only key pictures are.
func (p *playback) dueOf(l *lane) time.Time {
	if p.now.keysOnly() {
		return p.pace.due(l.pts())
	}
	return p.pace.due(l.dts())
}

// earliest is the lane whose sample is due next; nil when nothing is left before the stop.
func (p *playback) earliest() *lane {
	var first *lane
	var due time.Time
	for _, l := range p.lanes {
		if !l.wanted || !p.audible(l) || p.done(l) {
			continue
		}
		if d := p.dueOf(l); first == nil || d.Before(due) {
			first, due = l, d
		}
	}
	return first
}

// done tells whether a lane has nothing more to send before the stop.
func (p *playback) done(l *lane) bool {
	if !l.has && !p.now.reverse() { // the index may have grown since
		known := p.film.known(l.track)              // before looking, as above
		if !known || !l.over && !p.now.keysOnly() { // of the last key pictures some are left out
			l.over = known
			p.retry(l)
		}
	}
	stop := p.now.stop()
	switch {
	case p.now.reverse():
		return !l.has || l.pts() < stop
	case p.now.keysOnly():
		return !l.has || l.pts() >= stop-slack
	}
	return l.ends(stop - slack)
}

// retry looks again where the index of a lane ended before.
func (p *playback) retry(l *lane) {
	if p.now.keysOnly() {
		if i := l.track.Index.KeyAfter(l.at); i >= 0 {
			l.seek(i)
		}
		return
	}
	l.step()
}

// turn is what comes when nothing is left: the index may still grow, the end has to be waited for, the
// next PLAY may wait, the film may begin again. The error says that it is over. whole tells whether all was known.
func (p *playback) turn(now time.Time, whole bool) (wait time.Time, err error) {
	if p.now.toEnd && p.now.pause < 0 {
		before := p.now.end
		p.now.end = p.film.file.Duration()
		switch {
		case !whole:
			return now.Add(growth), nil
		case p.now.end != before: // more is to be played than was thought
			return time.Time{}, nil
		}
	}
	due := p.pace.due(p.now.stop())
	if now.Before(due) {
		return due, nil
	}
	switch {
	case p.now.pause >= 0:
		p.playing, p.now.pause = false, -1
		return time.Time{}, rtspserver.ErrPaused
	case len(p.queue) > 0:
		next := p.queue[0]
		p.queue = p.queue[1:]
		p.begin(due, next)
		return time.Time{}, nil
	case p.film.cfg.Loop && p.now.toEnd && !p.now.reverse():
		next := p.now
		next.start, next.style = 0, rtspserver.SeekRAP
		p.begin(due, next)
		return time.Time{}, nil
	}
	p.playing = false
	return time.Time{}, io.EOF
}

// Advance says how many packets went out.
func (p *playback) Advance(n int) {
	if p.batch.sent += n; p.batch.left() == 0 {
		p.release()
	}
}

// Report ties the pace to wall time.
func (p *playback) Report(track int, now time.Time) (time.Time, uint32, bool) {
	if !p.started {
		return time.Time{}, 0, false
	}
	return now, p.lanes[track].timestamp(p.pace.at(now)), true
}
