package relay

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
)

// PrepareSetup passes a SETUP on: who sees what is exchanged sees each control of the viewer in its turn.
func (p *playback) PrepareSetup(ctx context.Context, track int) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.leave()
	if err := p.setup(ctx, 1<<track); err != nil {
		return p.refusal(err)
	}
	return nil
}

// PreparePlay passes a PLAY on. Tracks that the source has not been asked for yet are set up before.
func (p *playback) PreparePlay(ctx context.Context, tracks uint64, req *rtspserver.PlayRequest) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.leave()
	if err := p.setup(ctx, tracks); err != nil {
		return p.refusal(err)
	}
	p.wanted.Or(tracks)
	waiting := p.queue.hold()
	play := &rtspclient.PlayRequest{Range: req.Range, Scale: req.Scale, Speed: req.Speed}
	if req.SeekStyle != "" {
		play.Header.Set("Seek-Style", string(req.SeekStyle))
	}
	if !req.Queue {
		play.Header.Set("Immediate", "yes")
	}
	answer, err := p.begun(ctx, tracks, play)
	if err != nil {
		p.queue.release()
		p.wake() // there may be no other reason to look at what has waited, or that it was the end
		return p.refusal(err)
	}
	if req.Range != nil {
		p.queue.forget(waiting, behind(answer.Tracks, p.byMedia))
	}
	p.played(req, answer)
	return nil
}

// behind tells for a packet whether it is not before where the source says that its track begins.
func behind(list []rtspclient.TrackInfo, byMedia []int) func(track int, seq uint16) bool {
	first := map[int]uint16{}
	for _, info := range list {
		if info.Track >= 0 && info.HasSeq {
			first[byMedia[info.Track]] = info.Seq
		}
	}
	return func(track int, seq uint16) bool {
		from, ok := first[track]
		return !ok || int16(seq-from) >= 0
	}
}

// played keeps what the source answered to PLAY, for the viewer.
func (p *playback) played(req *rtspserver.PlayRequest, answer *rtspclient.PlayResult) {
	result := &rtspserver.PlayResult{Scale: answer.Scale, Speed: answer.Speed}
	switch {
	case answer.Range != nil:
		result.Range = *answer.Range
	case req.Range != nil:
		result.Range = *req.Range
	default:
		result.Range = p.at
	}
	if style := rtspserver.SeekStyle(answer.Header.Get("Seek-Style")); style != "" {
		result.SeekStyle = style
	}
	for _, info := range answer.Tracks {
		if info.Track >= 0 && p.byMedia[info.Track] >= 0 && info.HasSeq && info.HasRTPTime {
			result.Tracks = append(result.Tracks, rtspserver.TrackStart{Track: p.byMedia[info.Track], Seq: info.Seq, RTPTime: info.RTPTime})
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result, p.ended, p.plays, p.stays = result, 0, true, false
	for _, t := range p.tracks {
		t.clock.Reset()
	}
}

// PreparePause passes a PAUSE on, to a source that plays.
func (p *playback) PreparePause(ctx context.Context, at *rtsp.Range) error {
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.leave()
	p.mu.Lock()
	plays := p.plays
	p.mu.Unlock()
	if !plays {
		return nil
	}
	position, err := p.presentation.Client().PauseAt(ctx, at)
	if err != nil {
		return p.refusal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stays = at != nil
	p.plays = p.stays
	if position != nil {
		p.at = *position
	}
	return nil
}

// setup sets tracks up that the source has not been asked for, over the first lower transport that it takes.
func (p *playback) setup(ctx context.Context, tracks uint64) error {
	for i, t := range p.tracks {
		if tracks>>i&1 == 0 || p.setUp>>i&1 == 1 {
			continue
		}
		client := p.presentation.Client()
		_, err := client.Setup(ctx, t.media, p.lowers[0])
		for len(p.lowers) > 1 && unsupported(err) {
			p.fall(err)
			_, err = client.Setup(ctx, t.media, p.lowers[0])
		}
		if err != nil {
			return err
		}
		p.setUp |= 1 << i
	}
	return nil
}

func unsupported(err error) bool {
	var refused *rtsp.StatusError
	return errors.As(err, &refused) && refused.Code == rtsp.StatusUnsupportedTransport
}

// take waits until no other request talks to the source.
func (p *playback) take(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *playback) leave() { <-p.turn }

// refusal is what a viewer is told when the source refuses, or is gone.
func (p *playback) refusal(err error) error {
	p.presentation.log.Info("source refuses", "why", err)
	return refusal(err)
}

// refusal is what a viewer is told of an error of the source: what concerns the request is passed on, but not its wish for a password,
// which is not the viewer's to know, nor the header.
func refusal(err error) error {
	var refused *rtsp.StatusError
	if !errors.As(err, &refused) {
		gone := &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Text: "Source Cannot Be Reached", Err: err}
		gone.Header.Set("Retry-After", strconv.Itoa(5))
		return gone
	}
	no := &rtsp.StatusError{Code: refused.Code, Err: err}
	switch {
	case slices.Contains([]rtsp.StatusCode{rtsp.StatusUnauthorized, rtsp.StatusForbidden, rtsp.StatusProxyAuthRequired, rtsp.StatusUnsupportedTransport}, no.Code):
		no.Code, no.Text = rtsp.StatusBadGateway, "Source Refuses"
	case no.Code < 400:
		no.Code = rtsp.StatusBadGateway
	}
	return no
}
