package relay

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A playback is one viewer's session with the source.
type playback struct {
	presentation *Presentation
	lowers       []rtspclient.Lower
	tracks       []track
	byMedia      []int // track of a media section of the source; -1: none
	queue        queue

	seat   atomic.Pointer[timeline.Seat]
	wanted atomic.Uint64 // tracks by bit
	heard  chan struct{} // capacity 1: a packet has come

	turn   chan struct{} // capacity 1: held by the request that talks to the source
	setUp  uint64        // tracks that the source has set up; guarded by turn, as is proved
	proved bool          // media has come over what is set up

	// guarded by mu
	mu     sync.Mutex
	ended  uint64 // tracks of which the source has said BYE
	gone   error  // why the source is gone; nil: it is there
	result *rtspserver.PlayResult
	at     rtsp.Range // where the source has paused
	stays  bool       // it has not stopped: the point of a PAUSE is still to come
	plays  bool       // the source does

	front *run // owned by the shard
}

// A track is what is known of one of the source's.
type track struct {
	media int // index of the source's media section
	ssrc  uint32
	clock *rtp.Clock // guarded by the playback's mu
}

var _ rtspserver.Remote = (*playback)(nil)

func (p *playback) begin(desc *sdp.Session, sent []int) {
	p.front = &run{}
	p.lowers = lowersOf(p.lowers)
	p.byMedia = make([]int, len(desc.Media))
	for i := range p.byMedia {
		p.byMedia[i] = -1
	}
	wall := &rtp.Wall{}
	for i, media := range sent {
		rate := 0
		if formats := desc.Media[media].FormatList(); len(formats) > 0 {
			rate = formats[0].ClockRate
		}
		p.byMedia[media] = i
		p.tracks = append(p.tracks, track{media: media, ssrc: rand.Uint32(), clock: rtp.NewClock(rate, wall)})
	}
	p.at = rtsp.Range{Unit: rtsp.UnitNPT, Start: rtsp.Position{Kind: rtsp.PositionNow}}
}

// packet takes what comes from the source.
func (p *playback) packet(pkt rtspclient.Packet) {
	if pkt.Track >= len(p.byMedia) || p.byMedia[pkt.Track] < 0 {
		return
	}
	track := p.byMedia[pkt.Track]
	if pkt.RTCP {
		p.control(track, pkt)
		return
	}
	if rtp.Packet(pkt.Data).Validate() != nil || p.wanted.Load()>>track&1 == 0 {
		return
	}
	p.mu.Lock()
	p.tracks[track].clock.Arrived(rtp.Packet(pkt.Data).Timestamp(), pkt.At)
	p.ended &^= 1 << track
	p.mu.Unlock()
	p.hear()
	p.queue.put(track, pkt.Data, p.tracks[track].ssrc)
}

// control takes RTCP: what ties timestamps to the time of day, and the end.
func (p *playback) control(track int, pkt rtspclient.Packet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range rtp.Packets(pkt.Data) {
		if sr, ok := r.SenderReport(); ok {
			p.tracks[track].clock.Reported(sr, pkt.At)
		}
		if r.Type() == rtp.BYE {
			p.ended |= 1 << track
			p.hear() // there was nothing to send
		}
	}
}

// hear has it known that something has come.
func (p *playback) hear() {
	select {
	case p.heard <- struct{}{}:
	default: // it is known
	}
}

// wake has the viewer visited.
func (p *playback) wake() {
	if seat := p.seat.Load(); seat != nil {
		seat.Wake()
	}
}

// lost is the end of the source's session.
func (p *playback) lost(why error) {
	p.mu.Lock()
	p.gone = fmt.Errorf("source is gone: %v", why) // io.EOF of a connection is not the end of the range
	p.mu.Unlock()
	p.wake()
}

func (p *playback) SSRC(track int) uint32      { return p.tracks[track].ssrc }
func (p *playback) Select(tracks uint64)       { p.wanted.Store(tracks) }
func (p *playback) Attach(seat *timeline.Seat) { p.seat.Store(seat) }
func (p *playback) Close()                     { p.presentation.Close() }

// Play lets out what PreparePlay has asked for.
func (p *playback) Play(time.Time, *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	p.queue.release()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.result == nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Err: p.gone}
	}
	result := *p.result
	return &result, nil
}

// Pause tells what PreparePause has reached.
func (p *playback) Pause(time.Time, *rtsp.Range) (rtsp.Range, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at, !p.stays, nil
}

// Next returns what has come.
func (p *playback) Next(time.Time) (timeline.Batch, time.Time, error) {
	if next := p.queue.take(p.front); next != nil {
		p.front = next
		return next.rest(), time.Time{}, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted := p.wanted.Load()
	switch {
	case !p.queue.empty():
	case p.gone != nil:
		return timeline.Batch{}, time.Time{}, p.gone
	case wanted != 0 && p.ended&wanted == wanted:
		p.plays = false
		return timeline.Batch{}, time.Time{}, io.EOF
	}
	return timeline.Batch{}, time.Time{}, nil
}

// Advance says how many packets of the last batch went out.
func (p *playback) Advance(n int) { p.front.sent += n }

// Report is the instant that a timestamp is of, as the source sees it.
func (p *playback) Report(track int, now time.Time) (time.Time, uint32, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clock := p.tracks[track].clock
	if !clock.Running() {
		return time.Time{}, 0, false
	}
	return now, clock.Timestamp(now), true
}
