package rtspserver

import (
	"slices"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/timeline"
)

// firstLimit is how many packets are looked through for the first of each track.
const firstLimit = 8192

// A livePlayback is one session's cursor on a timeline.
type livePlayback struct {
	live    *Live
	tl      *timeline.Timeline
	start   timeline.Start
	reader  bool // counts as one of the presentation's
	cursor  *timeline.Cursor
	burst   *timeline.Burst // while it lasts, in the place of the cursor
	seat    *timeline.Seat
	tracks  uint64
	playing bool
	jumps   uint64    // of the cursor, as far as they are counted
	stuck   time.Time // since when the client takes nothing of what there is; zero: it does
	version uint64    // of the description that the client knows
}

func (p *livePlayback) SSRC(track int) uint32 { return p.tl.SSRC(track) }

func (p *livePlayback) Select(tracks uint64) {
	p.tracks = tracks
	p.cursor.Select(tracks)
	if p.seat != nil {
		p.seat.Want(tracks)
	}
}

func (p *livePlayback) Attach(seat *timeline.Seat) {
	p.seat = seat
	seat.Want(p.tracks)
}

// Play joins where readers begin. A range on live media is not an error: players send
// `npt=0-` to everything (RNG-11).
func (p *livePlayback) Play(now time.Time, req *PlayRequest) (*PlayResult, error) {
	if !p.playing {
		p.playing = true
		p.burst, p.stuck = p.cursor.Begin(p.start), time.Time{}
		p.seat.Join(p.tl)
	}
	result := &PlayResult{Range: liveRange(now, req.Range), Scale: 1, Speed: 1, Tracks: p.starts(now)}
	return result, nil
}

// liveRange says "from now on", in the unit that was asked in (RNG-07).
func liveRange(now time.Time, asked *rtsp.Range) rtsp.Range {
	if asked != nil && asked.Unit == rtsp.UnitClock {
		return rtsp.Range{Unit: rtsp.UnitClock, Start: rtsp.Position{Kind: rtsp.PositionUTC, UTC: now.UTC()}}
	}
	return rtsp.Range{Unit: rtsp.UnitNPT, Start: rtsp.Position{Kind: rtsp.PositionNow}}
}

// starts is where each track begins: the sequence number of its first packet, and the timestamp of one
// instant common to all, that of the earliest of those packets (RTI-01). A track of which nothing is
// known is left out (RTI-04).
func (p *livePlayback) starts(now time.Time) []TrackStart {
	var (
		list     []TrackStart
		found    uint64
		earliest = now
		lead     = -1
	)
	first := p.cursor.First
	if p.burst != nil {
		first = p.burst.First
	}
	first(firstLimit, func(track int, pkt []byte) {
		v := rtp.Packet(pkt)
		found |= 1 << track
		list = append(list, TrackStart{Track: track, Seq: v.Sequence(), RTPTime: v.Timestamp()})
		if at, ok := p.tl.Time(track, v.Timestamp()); ok && at.Before(earliest) {
			earliest, lead = at, track
		}
	})
	for track := range p.tl.Tracks() {
		if p.tracks>>track&1 == 1 && found>>track&1 == 0 && !p.cursor.Waiting(track) {
			if seq, ok := p.tl.Upcoming(track); ok {
				list = append(list, TrackStart{Track: track, Seq: seq})
			}
		}
	}
	for i := range list {
		if list[i].Track != lead {
			if ts, ok := p.tl.Report(list[i].Track, earliest); ok {
				list[i].RTPTime = ts
			}
		}
	}
	slices.SortFunc(list, func(a, b TrackStart) int { return a.Track - b.Track }) // RTI-03
	return list
}

// Pause leaves the live edge; PLAY comes back to it.
func (p *livePlayback) Pause(now time.Time, _ *rtsp.Range) (rtsp.Range, bool, error) {
	p.playing = false
	p.seat.Leave()
	return liveRange(now, nil), true, nil
}

// hot: 0 allocs, no lock.
func (p *livePlayback) Next(now time.Time) (timeline.Batch, time.Time, error) {
	if v := p.live.version.Load(); v != p.version {
		p.version = v
		if p.live.Timeline() == p.tl {
			return timeline.Batch{}, time.Time{}, &changedError{live: p.live, same: true}
		}
	}
	if p.burst != nil && p.burst.Done() {
		p.burst = nil
	}
	b, err := p.next(now)
	switch limit := p.live.cfg.Lag.CloseAfter; {
	case len(b.Packets) == 0:
		p.stuck = time.Time{}
	case p.stuck.IsZero():
		p.stuck = now
	case limit > 0 && now.Sub(p.stuck) > limit:
		p.live.lagged.Add(1)
		return timeline.Batch{}, time.Time{}, ErrLag
	}
	if n := p.cursor.Jumps(); n != p.jumps {
		p.live.jumps.Add(n - p.jumps)
		p.jumps = n
	}
	return b, time.Time{}, err
}

// next skips what the reader is too late for.
func (p *livePlayback) next(now time.Time) (timeline.Batch, error) {
	if p.burst != nil {
		return p.burst.Next()
	}
	if limit := p.live.cfg.Lag.Jump; limit > 0 && p.cursor.Behind(now) > limit {
		p.cursor.Skip()
	}
	return p.cursor.Next()
}

func (p *livePlayback) Advance(n int) {
	if n > 0 {
		p.stuck = time.Time{}
	}
	if p.burst != nil {
		p.burst.Advance(n)
		return
	}
	p.cursor.Advance(n)
}

func (p *livePlayback) Report(track int, now time.Time) (time.Time, uint32, bool) {
	ts, ok := p.tl.Report(track, now)
	return now, ts, ok
}

func (p *livePlayback) Close() {
	if p.seat != nil {
		p.seat.Leave()
	}
	if p.reader {
		p.live.leave()
	}
}
