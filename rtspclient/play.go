package rtspclient

import (
	"context"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// PlayRequest says what is to be played. The zero value goes on where the session is, at the usual speed.
type PlayRequest struct {
	Range        *rtsp.Range // nil: from the beginning, or where a PAUSE has stopped
	Scale, Speed float64     // 0: not asked for
	Header       rtsp.Header // what else the request is to have
}

// PlayResult is what the server makes of it.
type PlayResult struct {
	Range  *rtsp.Range // nil: it did not say
	Scale  float64
	Speed  float64
	Tracks []TrackInfo
	Header rtsp.Header // all that it said
}

// A TrackInfo is where a track begins: an entry of RTP-Info (RFC 2326 §12.33).
type TrackInfo struct {
	Track int // index of the media section; -1 when the entry names none that is set up
	rtsp.RTPInfo
}

// Play starts what is set up, or seeks when it plays (RFC 2326 §10.5). Packets of before a seek that come late are left out,
// when the server says where the new ones begin (RTI-08).
func (c *Client) Play(ctx context.Context, req *PlayRequest) (*PlayResult, error) {
	if req == nil {
		req = &PlayRequest{}
	}
	header := append(rtsp.Header{}, req.Header...)
	c.mu.Lock()
	again := c.played
	c.mu.Unlock()
	switch {
	case req.Range != nil:
		header.Set("Range", req.Range.String())
	case !again:
		header.Set("Range", "npt=0-")
	}
	if req.Scale != 0 {
		header.Set("Scale", rtsp.FormatScale(req.Scale))
	}
	if req.Speed != 0 {
		header.Set("Speed", rtsp.FormatScale(req.Speed))
	}
	c.punch()
	c.start(true) // media may overtake the answer
	result, err := c.playHere(ctx, header, again && req.Range != nil)
	if err == nil {
		err = c.each(func(b *Client) error {
			r, err := b.Play(ctx, req)
			if err == nil {
				result.Tracks = append(result.Tracks, r.Tracks...)
			}
			return err
		})
	}
	if err != nil {
		c.start(again)
		return nil, err
	}
	c.mu.Lock()
	c.played = true
	c.mu.Unlock()
	return result, nil
}

// playHere plays the tracks of the client itself.
func (c *Client) playHere(ctx context.Context, header rtsp.Header, seek bool) (*PlayResult, error) {
	if !c.controls() {
		return &PlayResult{Scale: 1, Speed: 1}, nil
	}
	resp, err := c.must(ctx, rtsp.MethodPlay, c.aggregate(), header, nil)
	if err != nil {
		return nil, err
	}
	return c.answeredPlay(resp, seek), nil
}

// answeredPlay reads the answer to PLAY.
func (c *Client) answeredPlay(resp *rtsp.Response, seek bool) *PlayResult {
	r := &PlayResult{Scale: 1, Speed: 1, Header: resp.Header}
	if rng, err := rtsp.ParseRange(resp.Header.Get("Range")); err == nil {
		r.Range = &rng
	}
	if v, err := rtsp.ParseScale(resp.Header.Get("Scale")); err == nil {
		r.Scale = v
	}
	if v, _, err := rtsp.ParseSpeed(resp.Header.Get("Speed")); err == nil {
		r.Speed = v
	}
	infos, err := rtsp.ParseRTPInfo(resp.Header.Values("RTP-Info"))
	if err != nil {
		return r
	}
	for _, info := range infos {
		t := c.trackOf(info.URL, len(infos))
		if t == nil {
			r.Tracks = append(r.Tracks, TrackInfo{Track: -1, RTPInfo: info})
			continue
		}
		r.Tracks = append(r.Tracks, TrackInfo{Track: t.index, RTPInfo: info})
		if info.HasSeq && seek {
			t.expect(info.Seq)
		}
	}
	return r
}

// trackOf finds the track of an RTP-Info entry: its URL may be the one of the SETUP, or end like it.
func (c *Client) trackOf(url string, entries int) *Track {
	tracks := c.Tracks()
	for _, t := range tracks {
		if t.url == url || t.Media().Control() != "" && rtsp.ResolveControl(url, t.Media().Control()) == t.url {
			return t
		}
	}
	if len(tracks) == 1 && entries == 1 {
		return tracks[0]
	}
	return nil
}

// start notes that media flows from now on, or no longer.
func (c *Client) start(on bool) {
	c.mu.Lock()
	c.playing, c.since = on, time.Now()
	c.mu.Unlock()
	c.wakeWatch()
}
