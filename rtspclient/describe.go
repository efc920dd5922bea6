package rtspclient

import (
	"bytes"
	"context"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// Describe asks for the description of the presentation (RFC 2326 §10.2).
func (c *Client) Describe(ctx context.Context) (*sdp.Session, error) {
	resp, err := c.must(ctx, rtsp.MethodDescribe, c.url, rtsp.Header{{Name: "Accept", Value: "application/sdp"}}, nil)
	if err != nil {
		return nil, err
	}
	desc, err := sdp.Parse(bytes.TrimRight(resp.Body, "\x00")) // whatever its Content-Type (DSC-02)
	if err != nil {
		return nil, err
	}
	base := resp.Header.Get("Content-Base") // URL-01
	if base == "" {
		base = resp.Header.Get("Content-Location")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.desc, c.base, c.expires = desc, rtsp.WithoutUser(repaired(base, c.url)), expiry(resp)
	c.tracks = resized(c.tracks, len(desc.Media))
	return desc, nil
}

// expiry is the Expires of a response, the zero time without one (DSC-06).
func expiry(resp *rtsp.Response) time.Time {
	if !resp.Header.Has("Expires") {
		return time.Time{}
	}
	at, err := rtsp.ParseDate(resp.Header.Get("Expires"))
	if err != nil {
		return time.Unix(0, 0) // "0" and other nonsense: in the past
	}
	return at
}

// resized keeps the tracks that there are.
func resized(tracks []*Track, n int) []*Track {
	list := make([]*Track, max(n, len(tracks)))
	copy(list, tracks)
	return list
}
