package vod

import (
	"io"
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// maxQueue bounds how many PLAYs can wait for their turn.
const maxQueue = 32

// lateness is how far a playback may fall behind its pace, because the client reads too slowly, before
// the pace gives way: a client that reads again must not get all it missed at once.
const lateness = time.Second

// A span is frames from first to end, exclusive.
type span struct {
	first, end int
	pause      int // a PAUSE waits before this frame; 0: none
	unit       rtsp.RangeUnit
}

// stop is the frame before which playing stops.
func (s span) stop() int {
	if s.pause > 0 {
		return s.pause
	}
	return s.end
}

// A playback is one session's walk over a film. It belongs to the session's shard.
type playback struct {
	film *Film
	ssrc uint32

	// where it stands
	now     span   // now.first is the next frame to be packetized
	from    int    // where now began
	queue   []span // PLAYs that wait (RFC 2326 §10.5)
	playing bool
	started bool // has played before

	// pace: frame was due at due, with RTP timestamp ts
	frame int
	due   time.Time
	ts    uint32

	seq    uint16
	lastTS uint32
	lastAt time.Time // when the last frame was due
	active bool      // there has been one

	packets payload.JPEGPacketizer
	image   []byte
	bytes   []byte
	list    []timeline.Packet
	sent    int // of list
	emit    func(b []byte, marker bool)
}

func newPlayback(f *Film) *playback {
	p := &playback{film: f, ssrc: rand.Uint32(), seq: uint16(rand.Uint32N(1 << 15)), lastTS: rand.Uint32() | 1}
	p.now = span{end: f.file.Frames(), unit: rtsp.UnitNPT}
	p.emit = p.append
	return p
}

func (p *playback) SSRC(int) uint32       { return p.ssrc }
func (p *playback) Select(uint64)         {}
func (p *playback) Attach(*timeline.Seat) {}
func (p *playback) Close()                {}

// Play begins, seeks, queues or resumes.
func (p *playback) Play(now time.Time, req *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	result := &rtspserver.PlayResult{Scale: 1, Speed: 1}
	if req.Range == nil {
		if !p.playing {
			if p.now.first >= p.now.end { // at the end: what is left, else from the start
				p.now.end = p.film.file.Frames()
				if p.now.first >= p.now.end {
					p.now.first = 0
				}
			}
			p.begin(now)
		}
		result.Range, result.Tracks = p.position(), p.start()
		return result, nil
	}
	next, err := p.resolve(req.Range)
	if err != nil {
		return nil, err
	}
	result.Range = p.describe(next)
	if req.Queue && p.film.cfg.Queue && p.playing {
		if len(p.queue) >= maxQueue {
			return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Text: "Too Many Queued Ranges"}
		}
		p.queue = append(p.queue, next)
		return result, nil
	}
	p.now, p.queue = next, nil
	p.drop()
	at := now
	if req.Range.Time.After(now) { // STA-14
		at = req.Range.Time
	}
	p.begin(at)
	result.Range.Time = req.Range.Time
	result.Tracks = p.start()
	return result, nil
}

// drop forgets what is left of a frame, as if it had never been numbered.
func (p *playback) drop() {
	p.seq -= p.left()
	p.list, p.sent = p.list[:0], 0
}

// left is how many packets of the last frame have not gone out.
func (p *playback) left() uint16 { return uint16(len(p.list) - p.sent) }

// resolve turns a range into frames. Without a start it begins where the playback stands. Beyond the film
// is 457, what a film has no notion of too.
func (p *playback) resolve(r *rtsp.Range) (span, error) {
	next := span{first: p.now.first, end: p.film.file.Frames(), unit: r.Unit}
	switch r.Start.Kind {
	case rtsp.PositionOffset:
		next.first = p.film.frameAt(r.Start.Offset)
	case rtsp.PositionUTC:
		return span{}, outside()
	}
	switch r.End.Kind {
	case rtsp.PositionOffset:
		next.end = min(next.end, p.film.frameBefore(r.End.Offset))
	case rtsp.PositionNow, rtsp.PositionUTC:
		return span{}, outside()
	}
	if next.first < 0 || next.first >= next.end {
		return span{}, outside()
	}
	return next, nil
}

func outside() error { return &rtsp.StatusError{Code: rtsp.StatusInvalidRange} }

// begin sets the pace: the next frame is due at a time, but at least a frame behind the last one, and its
// RTP timestamp is as much later than the last one as time has passed, whatever was seeked (RFC 2326
// appendix B).
func (p *playback) begin(at time.Time) {
	p.playing, p.started = true, true
	p.from, p.frame, p.due, p.ts = p.now.first, p.now.first, at, p.lastTS
	if p.active {
		gap := max(at.Sub(p.lastAt), p.film.time(1))
		p.due = p.lastAt.Add(gap)
		p.ts += ticks(gap)
	}
}

// ticks is a time in units of the RTP clock, rounded.
func ticks(d time.Duration) uint32 {
	const second = int64(time.Second)
	n := int64(d)
	return uint32(n/second*jpegRate + (n%second*jpegRate+second/2)/second)
}

// start is where the track begins. What a pause left of a frame goes first.
func (p *playback) start() []rtspserver.TrackStart {
	return []rtspserver.TrackStart{{Seq: p.seq - p.left(), RTPTime: p.timestamp(p.now.first)}}
}

// timestamp is the RTP timestamp of a frame at the current pace.
func (p *playback) timestamp(frame int) uint32 {
	return p.ts + uint32(int64(frame-p.frame)*jpegRate/int64(p.film.cfg.FrameRate))
}

func (p *playback) dueAt(frame int) time.Time {
	return p.due.Add(p.film.time(frame) - p.film.time(p.frame))
}

func (p *playback) position() rtsp.Range { return p.describe(p.now) }

func (p *playback) describe(s span) rtsp.Range {
	at := func(frame int) rtsp.Position {
		return rtsp.Position{Kind: rtsp.PositionOffset, Offset: p.film.time(frame)}
	}
	return rtsp.Range{Unit: s.unit, Start: at(s.first), End: at(s.end)}
}

// Pause stops now, or at a point that is still to come (RFC 2326 §10.6). It discards queued PLAYs.
func (p *playback) Pause(now time.Time, at *rtsp.Range) (rtsp.Range, bool, error) {
	if at != nil && at.Start.Kind == rtsp.PositionOffset {
		point := p.film.frameAt(at.Start.Offset)
		ahead, err := p.pausePoint(point)
		if err != nil || ahead {
			return p.position(), false, err
		}
		if point < p.now.first { // the client forgets what it got since then
			p.drop()
			p.now.first = point
		}
	}
	p.playing, p.queue, p.now.pause = false, nil, 0
	return p.position(), true, nil
}

// pausePoint has what is to be played stop before a frame; false if that has passed already.
func (p *playback) pausePoint(point int) (ahead bool, err error) {
	if point >= p.from && point <= p.now.first {
		return false, nil
	}
	if point > p.now.first && point <= p.now.end {
		p.now.pause, p.queue = point, nil
		return true, nil
	}
	for i, s := range p.queue {
		if point > s.first && point <= s.end {
			p.now.pause, p.queue[i].pause, p.queue = 0, point, p.queue[:i+1]
			return true, nil
		}
	}
	return false, outside()
}

// Next returns the packets of the frame that is due.
func (p *playback) Next(now time.Time) (timeline.Batch, time.Time, error) {
	for {
		if p.sent < len(p.list) {
			return timeline.Batch{Bytes: p.bytes, Packets: p.list[p.sent:]}, time.Time{}, nil
		}
		due := p.dueAt(p.now.first)
		if now.Before(due) {
			return timeline.Batch{}, due, nil
		}
		if p.now.first >= p.now.stop() {
			if err := p.turn(due); err != nil {
				return timeline.Batch{}, time.Time{}, err
			}
			continue
		}
		if now.Sub(due) > lateness {
			p.ts = p.timestamp(p.now.first)
			p.frame, p.due = p.now.first, now
		}
		p.packetize()
	}
}

// turn goes on with the next PLAY that waits; the error says why there is none.
func (p *playback) turn(due time.Time) error {
	switch {
	case p.now.pause > 0:
		p.playing, p.now.pause = false, 0
		return rtspserver.ErrPaused
	case len(p.queue) == 0:
		p.playing = false
		return io.EOF
	}
	p.now, p.queue = p.queue[0], p.queue[1:]
	p.begin(due)
	return nil
}

// packetize makes the packets of the next frame. A frame that is broken is left out.
func (p *playback) packetize() {
	p.bytes, p.list, p.sent = p.bytes[:0], p.list[:0], 0
	p.lastTS, p.lastAt, p.active = p.timestamp(p.now.first), p.dueAt(p.now.first), true
	image, err := p.film.file.Frame(p.now.first, p.image)
	if err == nil {
		p.image = image
		err = p.packets.Packetize(image, p.film.cfg.MaxPacket-rtp.HeaderSize, p.emit)
	}
	if err != nil {
		p.film.warn.Do(func() {
			p.film.cfg.Logger.Warn("frame cannot be sent", "film", p.film.cfg.Name, "frame", p.now.first, "err", err)
		})
	}
	p.now.first++
}

// append adds one packet to the batch.
func (p *playback) append(b []byte, marker bool) {
	size := rtp.HeaderSize + len(b)
	var flags timeline.Flags
	if marker {
		flags = timeline.Marker
	}
	p.list = append(p.list, timeline.Packet{Offset: uint32(len(p.bytes)), Size: uint16(size), Timestamp: p.lastTS, Flags: flags})
	p.bytes = append(p.bytes, '$', 0, byte(size>>8), byte(size))
	p.bytes = rtp.AppendHeader(p.bytes, rtp.Header{Marker: marker, PayloadType: jpegType, Sequence: p.seq, Timestamp: p.lastTS, SSRC: p.ssrc})
	p.bytes = append(p.bytes, b...)
	p.seq++
}

func (p *playback) Advance(n int) { p.sent += n }

// Report ties the pace to wall time.
func (p *playback) Report(_ int, now time.Time) (time.Time, uint32, bool) {
	if !p.started {
		return time.Time{}, 0, false
	}
	return now, p.ts + ticks(now.Sub(p.due)), true
}
