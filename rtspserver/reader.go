package rtspserver

import (
	"errors"
	"io"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/timeline"
)

// maxVisit bounds what one reader is sent in one visit, so that a reader that catches up does not hold
// up the others of its shard.
const maxVisit = 512 << 10

// Over UDP a reader that catches up is sent at most datagramVisit bytes at a time, then nothing for datagramRest: the 208
// KiB that a socket holds by default have room for some 90 packets, and their receiver may be away for some milliseconds.
// One that always has more than that to get gets it without rest after restless visits.
const (
	datagramVisit = 32 << 10
	datagramRest  = 3 * time.Millisecond
	restless      = 256
)

// A reader brings a playback to the transports of one session. It lives on a shard.
type reader struct {
	// constant
	session *Session
	seat    *timeline.Seat
	cname   string

	// owned by the shard
	playback  Playback
	senders   []*sender // by track; nil: not set up
	playing   bool
	held      bool // PLAY was taken, but its response is not on its way yet
	direct    bool // the log's bytes can be sent as they are
	datagrams bool // all tracks go over UDP
	closed    bool
	rest      time.Time // over UDP: nothing is sent before
	rushes    int       // visits in a row that had more to send than they may
	run       uint64    // counts PLAYs: tells the end of one from the beginning of the next
	now       time.Time // of this visit
	budget    int       // left of maxVisit in this visit
	scratch   []byte
	gone      tally // what transports have sent that are there no more

	loss loss
}

// A sender is one track's transport, bound at SETUP so that nothing is decided for each packet.
type sender struct {
	tally
	muted bool // set up but not played, or paused alone

	// interleaved
	out               output
	channel, rtcpChan uint8

	// UDP
	pair      *udpPair
	rtp, rtcp *peer
}

func newReader(s *Session, p Playback) *reader {
	r := &reader{session: s, playback: p, cname: s.server.cname(s.conn)}
	r.seat = s.server.shards.Seat(r)
	return r
}

// do runs f on the reader's shard and waits for it. The error says that the reader has closed, and f has
// not run, or that f has panicked.
func (r *reader) do(f func()) error {
	err := errPanic
	r.seat.Do(func() {
		if r.closed {
			err = statusError(rtsp.StatusSessionNotFound)
			return
		}
		f()
		err = nil
	})
	return err
}

// attach begins with the number of tracks that there are.
func (r *reader) attach(tracks int) error {
	return r.do(func() {
		r.senders = make([]*sender, tracks)
		r.playback.Attach(r.seat)
	})
}

// set gives a track its transport and returns its SSRC.
func (r *reader) set(track int, t *transport, muted bool) (ssrc uint32, err error) {
	err = r.do(func() {
		ssrc = r.playback.SSRC(track)
		r.retire(track)
		if t.caster == nil { // else it is sent to everybody at once
			r.senders[track] = newSender(ssrc, t, muted)
		}
		r.selectTracks()
	})
	return ssrc, err
}

// drop says BYE for one track and takes its transport away.
func (r *reader) drop(track int, reason string) error {
	return r.do(func() {
		r.byeTo(track, reason)
		r.retire(track)
		r.selectTracks()
	})
}

func newSender(ssrc uint32, t *transport, muted bool) *sender {
	s := &sender{tally: tally{ssrc: ssrc}, muted: muted, pair: t.udp, rtp: t.rtp, rtcp: t.rtcp}
	if t.conn != nil {
		s.out = t.conn.out
		s.channel, s.rtcpChan = t.spec.Interleaved.RTP, t.spec.Interleaved.RTCP
	}
	return s
}

// selectTracks tells the playback what is wanted, and finds out whether the log can be sent as it is:
// every track on one connection, on the channels that the log has for it.
func (r *reader) selectTracks() {
	var set uint64
	r.direct, r.datagrams = true, true
	for i, s := range r.senders {
		if s == nil || s.muted {
			r.direct = false
			continue
		}
		set |= 1 << i
		r.datagrams = r.datagrams && s.out == nil
		r.direct = r.direct && s.out != nil && s.out == r.senders[0].out && s.channel == uint8(2*i)
	}
	r.playback.Select(set)
}

// play has the playback begin; media flows only with the start of this run, behind the response (FRM-08). Tracks out of
// scope stay as they are while playing, and stay silent when they were not. A refusal changes nothing.
func (r *reader) play(scope uint64, p *PlayRequest) (result *PlayResult, run uint64, err error) {
	done := r.do(func() {
		before := r.audible()
		after := scope
		if r.playing {
			after |= before
		}
		r.hear(after)
		if result, err = r.playback.Play(time.Now(), p); err != nil {
			r.hear(before)
			return
		}
		r.playing, r.held = false, true
		r.run++
		run = r.run
	})
	if done != nil {
		return nil, 0, done
	}
	return result, run, err
}

// start lets the media of a run flow, unless a PAUSE or another PLAY has overtaken it on another connection.
func (r *reader) start(run uint64) {
	r.do(func() {
		if !r.held || r.run != run {
			return
		}
		r.playing, r.held = true, false
		for _, s := range r.senders {
			if s != nil {
				s.reportAt = time.Time{} // with the first packet (RTP-04)
			}
		}
		r.seat.Wake()
	})
}

// audible are the tracks that are not muted, by bit.
func (r *reader) audible() (set uint64) {
	for i, s := range r.senders {
		if s != nil && !s.muted {
			set |= 1 << i
		}
	}
	return set
}

// without are the tracks that are still played when those in a scope are not.
func (r *reader) without(scope uint64) (left uint64) {
	r.do(func() { left = r.audible() &^ scope })
	return left
}

// hear mutes all tracks but these.
func (r *reader) hear(set uint64) {
	if set == r.audible() {
		return
	}
	for i, s := range r.senders {
		if s != nil {
			s.muted = set>>i&1 == 0
		}
	}
	r.selectTracks()
}

// pause stops all tracks in scope. When some go on it is a mute, and the session plays on (STA-08).
func (r *reader) pause(scope uint64, point *rtsp.Range) (at rtsp.Range, stopped bool, err error) {
	done := r.do(func() {
		if left := r.audible() &^ scope; left != 0 {
			r.hear(left)
			return
		}
		at, stopped, err = r.playback.Pause(time.Now(), point)
		r.playing, r.held = r.playing && !stopped, r.held && !stopped
	})
	if done != nil {
		return at, false, done
	}
	return at, stopped, err
}

// Visit sends what is due. It runs on the shard.
//
// hot: 0 allocs, ≤1 lock for each write.
func (r *reader) Visit(now time.Time) {
	if !r.playing || r.closed {
		return
	}
	next := r.reports(now)
	if r.datagrams && now.Before(r.rest) {
		r.seat.At(earlier(next, r.rest))
		return
	}
	r.now, r.budget = now, r.allowance()
	for {
		b, wait, err := r.playback.Next(now)
		if err != nil {
			r.ended(err)
			break
		}
		if len(b.Packets) == 0 {
			next, r.rushes = earlier(next, wait), 0
			break
		}
		if r.budget <= 0 {
			next = r.takeTurns(next)
			break
		}
		n, err := r.send(&b)
		r.playback.Advance(n)
		if err != nil {
			r.broken(err)
			return
		}
		if n < len(b.Packets) {
			break // full: the connection wakes the seat
		}
	}
	if r.playing {
		r.seat.At(next)
	}
}

// allowance is how much may be sent in a visit.
func (r *reader) allowance() int {
	if r.datagrams {
		return datagramVisit
	}
	return maxVisit
}

// takeTurns ends a visit that has more to send: others come first.
func (r *reader) takeTurns(next time.Time) time.Time {
	if r.rushes++; !r.datagrams || r.rushes > restless {
		r.seat.Wake()
		return next
	}
	r.rest = r.now.Add(datagramRest)
	return earlier(next, r.rest)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Panicked ends the session whose delivery panicked.
func (r *reader) Panicked(value any, stack []byte) {
	r.playing = false
	srv := r.session.server
	srv.panicked("a reader", value, stack, "session", r.session.id[:8])
	srv.later(func() { r.session.end(errPanic) })
}

// ended is the end of the range, or of what the reader follows; or the news that what it follows has
// changed a little.
func (r *reader) ended(cause error) {
	var changed *changedError
	if errors.As(cause, &changed) && changed.same {
		r.session.server.later(func() { r.session.moved(changed) })
		r.seat.Wake()
		return
	}
	r.playing = false
	r.seat.At(time.Time{})
	run, s := r.run, r.session
	if end := errors.Is(cause, io.EOF); end || errors.Is(cause, ErrPaused) {
		if end {
			r.bye("end of range")
		}
		s.server.later(func() { s.finished(run) })
		return
	}
	if changed != nil {
		s.server.later(func() { s.moved(changed) })
		return
	}
	s.server.later(func() { s.end(cause) })
}

// broken is a connection that cannot be written to any more.
func (r *reader) broken(err error) {
	r.playing = false
	r.session.server.later(func() { r.session.end(err) })
}

// receive takes RTCP of the client: a sign of life (SES-08), and what it has missed. Anything else is ignored.
func (r *reader) receive(track int, b []byte, now time.Time) {
	if rtp.ValidateCompound(b) != nil {
		return
	}
	r.session.touch(now)
	for p := range rtp.Packets(b) {
		r.loss.note(track, p)
	}
}

// close says BYE and gives the seat up, even where the playback panics.
func (r *reader) close(cause error) {
	r.seat.Do(func() {
		if r.closed {
			return
		}
		bye := r.playing || !errors.Is(cause, errTimeout)
		r.playing, r.closed = false, true
		defer r.seat.Close()
		defer r.playback.Close()
		if bye {
			r.bye(cause.Error())
		}
	})
}

// swap changes to another playback, of as many tracks: the live description has changed.
func (r *reader) swap(p Playback, tracks int) error {
	return r.do(func() {
		r.senders = resized(r.senders, tracks)
		r.playback.Close()
		r.playback = p
		p.Attach(r.seat)
		for i, s := range r.senders {
			if s != nil {
				s.ssrc = p.SSRC(i)
			}
		}
		r.selectTracks()
		p.Play(time.Now(), &PlayRequest{})
		r.playing = !r.held
		r.seat.Wake()
	})
}
